"""``synaptile map``: mappings tried, their table, and the file that every later run takes."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge.cli import main
from synaptile.swsim.trace import PopulationSlice, Trace

pytestmark = pytest.mark.usefixtures("quick_build")


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trace:
    """Forty neurons in five shuffled groups, in a folder of their own as ``t``."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    group = rng.permutation(np.arange(40) % 5)
    pre = np.repeat(np.arange(40), 5)
    found = Trace(
        dt=1.0,
        steps=40,
        neurons=40,
        spike_neuron=np.tile(np.arange(40), 40),
        spike_step=np.repeat(np.arange(40), 40),
        pre=pre,
        post=np.array([rng.choice(np.flatnonzero((group == group[i]) | (n % 5 == 0))) for n, i in enumerate(pre)]),
        weight=np.ones(len(pre)),
        delay=np.ones(len(pre), np.int32),
        populations=[PopulationSlice("a", 0, 10, "IF_curr_exp"), PopulationSlice("b", 10, 40, "IF_curr_exp")],
    )
    found.save("t")
    return found


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["map", "t", "--mesh", "3x3", "--crossbar", "24x8", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_search_and_a_run_with_what_it_found(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--time-limit", "2", "--save", "m.json", "--out", "o")
    assert code == 0
    assert err == "synaptile: wrote m.json, o/mapping.json, o/map.json, o/map.csv, o/mapping.png\n"
    lines = out.splitlines()
    assert lines[0].startswith("40 neurons on demo, 3x3 tiles, for spike-hops, seed 0")
    assert lines[1].split() == ["partition", "placement", "tiles", "packets", "spike-hops", "worst-link", "energy",
                                "value", "s"]  # fmt: skip
    assert sum(line.startswith("*") for line in lines) == 1
    values = json.loads(Path("o/map.json").read_text())
    with Path("o/map.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["partition"] for row in rows] == [trial["partition"] for trial in values["trials"]]
    assert Path("o/mapping.png").read_bytes().startswith(b"\x89PNG")
    assert Path("m.json").read_bytes() == Path("o/mapping.json").read_bytes()
    # The chip sends, and the links carry, what the search said.
    common = ["replay", "t", "--mesh", "3x3", "--crossbar", "24x8", "--engine", "amaranth", "--json"]
    assert main([*common, "--mapping", "m.json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["packets_sent"] == values["best"]["packets"]
    assert round(metrics["hops_mean"] * metrics["packets_delivered"]) == values["best"]["spike_hops"]


def test_all_methods_without_a_limit(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--method", "all", "--place", "in-order,greedy", "--json")
    trials = json.loads(out)["trials"]
    assert code == 0
    assert {trial["placement"] for trial in trials} == {"in-order", "greedy"}
    assert {"random", "balanced", "km1", "swarm"} < {trial["partition"] for trial in trials}


@pytest.mark.parametrize(
    "by", [["--by", "rates"], ["--by", "rates", "--rate", "a=10", "b=2.5"], ["--by", "connections"]]
)
def test_what_neurons_count(trace: Trace, capsys: pytest.CaptureFixture[str], by: list[str]) -> None:
    code, out, _ = run(capsys, "--partition", "km1", "--json", *by)
    assert code == 0
    assert json.loads(out)["by"] == by[1]


def test_objectives_that_take_a_run(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--partition", "in-order", "--place", "in-order,greedy", "--cycles-per-step", "16"]
    code, out, _ = run(capsys, *options, "--objective", "late-spikes", "latency-mean=0.5", "--json")
    assert code == 0
    values = json.loads(out)
    assert values["objective"] == {"late-spikes": 1.0, "latency-mean": 0.5}
    assert len({trial["late_spikes"] for trial in values["trials"]}) == 2
    first = values["trials"][0]
    for trial in values["trials"]:
        ratios = [trial[name] / first[name] for name in ("late_spikes", "latency_mean")]
        assert trial["value"] == pytest.approx(ratios[0] + 0.5 * ratios[1])
    assert values["best"]["value"] == min(trial["value"] for trial in values["trials"])


def test_no_spikes_is_said(trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    silent: Any = {**vars(trace), "spike_neuron": [], "spike_step": np.zeros(0, np.int64)}
    Trace(**silent).save("t")
    code, _, err = run(capsys, "--partition", "km1")
    assert (code, err) == (0, "synaptile: the trace has no spikes: every neuron counts one\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--partition", "x"], "--partition must be of in-order"),
        (["--place", "greedy,x"], "--place must be of in-order"),
        (["--objective", "x"], "objective must be one of spike-hops"),
        (["--objective", "energy=x"], "--objective must be NAME=NUMBER, not 'energy=x'"),
        (["--objective", "energy=nan"], "--objective must be NAME=NUMBER, not 'energy=nan'"),
        (["--rate", "a"], "--rate must be NAME=NUMBER, not 'a'"),
        (["--rate", "a=1"], "rates are for a mapping by rates"),
        (["--by", "rates", "--rate", "c=1"], "there is no population 'c'"),
        (["--time-limit", "0"], "--time-limit must lie in 0..86400 seconds and not be 0, not 0"),
        (["--time-limit", "nan"], "--time-limit must lie in"),
        (["--tiles", "0"], "--tiles"),
        (["--tiles", "10"], "clusters must lie in 1..9, not 10"),
        (["--mesh", "2x2"], "40 neurons need at least 5 tiles of 8 neurons; the 2x2 mesh has 4"),
    ],
)
def test_wrong_arguments(trace: Trace, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    try:
        code, _, err = run(capsys, *arguments)
    except SystemExit as exit_:
        code, err = exit_.code, capsys.readouterr().err  # type: ignore[assignment]
    assert code == 2
    assert says in err
    assert "Traceback" not in err
