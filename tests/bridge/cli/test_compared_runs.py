"""``synaptile run --compare``: what the chip changed, and the score of a script."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.cli import main
from synaptile.swsim import Trace

SCRIPT = """
import synaptile.swsim as sim
sim.setup(timestep=1.0)
sources = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0), label="sources")
cells = sim.Population(8, sim.IF_curr_exp(), label="cells")
sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.7, delay=1.0))
sim.run(30.0)
"""
SCORE = """
def score(trace):
    return {"time of spikes": int(trace.spike_step[trace.spike_neuron >= 6].sum())}
"""
SLOW = ("--engine", "amaranth", "--mesh", "2x2", "--chip", "slow.yaml")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("slow.yaml").write_text("name: slow\nmesh: [2, 2]\ncrossbar: {axons: 32, neurons: 6}\ncycles_per_step: 3\n")
    Path("network.py").write_text(SCRIPT + SCORE)
    return tmp_path


def written(code: str) -> str:
    Path("network.py").write_text(SCRIPT + code)
    return "network.py"


def test_beside_software(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "network.py", *SLOW, "--compare", "software", "--out", "out"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "What the chip changed, beside software" in out
    assert "They part in step" in out
    values = json.loads(Path("out/metrics.json").read_text())
    ours, software = (Trace.load(Path("out", name)) for name in ("snn.sw.out", "snn.ref.out"))
    counts = {
        name: int(trace.spike_step[trace.spike_neuron >= 6].sum())
        for name, trace in (("reference", software), ("run", ours))
    }
    assert counts["reference"] != counts["run"]
    assert values["changes"]["scores"] == {"time of spikes": counts}
    assert values["network"]["meta"]["score"] == ours.meta["score"] == {"time of spikes": counts["run"]}
    for name in ("changes.csv", "changes.png", "report.html"):
        assert Path("out", name).stat().st_size > 0
    assert main(["run", "network.py", "--mode", "software", "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert (alone["spikes"], alone["meta"]["score"]["time of spikes"]) == (software.spikes, counts["reference"])


def test_beside_an_earlier_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "network.py", "--mode", "software", "--out", "software"]) == 0
    assert main(["run", "network.py", *SLOW, "--compare", "software", "--json"]) == 0
    capsys.readouterr()
    assert main(["run", "network.py", *SLOW, "--compare", "./software", "--out", "chip", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert changes["reference"] == "./software"
    scores = changes["scores"]["time of spikes"]
    assert main(["compare", "software", "chip", "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["populations"] == changes["populations"]
    assert run["score"] == {"time of spikes": scores["run"]}
    assert main(["compare", "software", "chip"]) == 0
    assert f"{scores['reference']:g} in the reference" in capsys.readouterr().out


def test_every_run_of_a_script_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    script = written("sim.reset()\nsim.run(20.0)\nscore = 0.5\n")
    assert main(["run", script, *SLOW, "--compare", "software", "--json", "--out", "out"]) == 0
    values = json.loads(capsys.readouterr().out)
    (first,) = values["earlier_runs"]
    assert first["changes"]["spikes_moved"] > 0
    assert Path("out/run-1/snn.ref.out").exists()
    assert Trace.load("out/snn.ref.out").steps == 21
    assert values["changes"]["scores"] == {"score": {"reference": None, "run": 0.5}}


def test_a_folder_is_left_alone_that_was_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "network.py", *SLOW, "--json", "--out", "out"]) == 0
    assert "changes" not in json.loads(capsys.readouterr().out)
    assert not Path("out/snn.ref.out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--compare", "nowhere"], "--compare must be software, none, or a run's folder or file, not 'nowhere'"),
        (["--compare", "software", "--mode", "replay"], "--compare needs a --mode in which the chip can change"),
        (["--compare", "software", "--mode", "software"], "--compare needs a --mode in which the chip can change"),
        (["--compare", "network.py"], "network.py"),
        (["--compare", "other"], "compare must be a run of this network, with neurons 14, not 15"),
    ],
)
def test_wrong_references(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.py").write_text(SCRIPT.replace("Population(8", "Population(9"))
    assert main(["run", "other.py", "--mode", "software", "--out", "other"]) == 0
    capsys.readouterr()
    assert main(["run", "network.py", *SLOW, *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("synaptile: error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "line", "expected"),
    [
        ("score = [1, 2]", "score is no number, several by name, or function of a trace, and is left alone: [1, 2]", 0),
        ("def score(labels, guesses): return 1", "score is no number, several by name, or function of a trace", 0),
        ("def score(trace): return trace.accuracy", "error: score: AttributeError: 'Trace' object has no attribute", 1),
        ("def score(trace): return 'good'", "error: score: TypeError: score must be a number, or several by name", 1),
    ],
)
def test_what_is_no_score(code: str, line: str, expected: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", written(code), "--mode", "software"]) == expected
    out, err = capsys.readouterr()
    assert out.startswith("14 neurons")
    assert err.startswith(f"synaptile: {line}")
    assert err.count("\n") == 1


def test_a_script_that_fails_has_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    script = written(SCORE + "raise ValueError('no')\n")
    assert main(["run", script, *SLOW, "--compare", "software", "--json"]) == 1
    values = json.loads(capsys.readouterr().out)
    assert values["partial"]
    assert values["changes"]["scores"] == {}


def test_an_interrupted_comparison_leaves_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("synaptile.bridge.comparison.reference.what_changed", interrupted)
    assert main(["run", "network.py", *SLOW, "--compare", "software", "--out", "out"]) == 130
    out, err = capsys.readouterr()
    assert "Not compared: the comparison was interrupted" in out
    assert "interrupted" in err
    assert Trace.load(Path("out/snn.sw.out")).spikes > 0


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int | None, str]]:
    """What is shown of progress, by bar."""
    shown = []

    @contextmanager
    def bar(what: str, total: int | None) -> Iterator[Any]:
        yield lambda done, of, state: shown.append((what, done, of, state))

    monkeypatch.setattr("synaptile.bridge.cli.progress._bar", bar)
    return shown


def test_the_network_in_software_shows_how_far_it_has_come(bars: list[tuple[str, int, int | None, str]]) -> None:
    script = written("cells.set(tau_m=11.0)\nsim.run(20.0)\n")  # up to here it runs within the script
    assert main(["run", script, *SLOW, "--compare", "software", "--out", "out"]) == 0
    in_script = [(done, of) for what, done, of, text in bars if what == script and text.startswith("in software, ")]
    assert in_script[-1] == (30, 30)
    alone = [(done, of) for what, done, of, _ in bars if what == "in software"]
    assert alone[-1] == (50, 50)
    *_, last = [text for what, _, _, text in bars if what == "in software"]
    assert last == f"step 50 of 50, {Trace.load('out/snn.ref.out').spikes} spikes"


def test_ctrl_c_in_software_leaves_what_the_hardware_did(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def bar(what: str, total: int | None) -> Iterator[Any]:
        def update(*_: object) -> None:
            if what == "in software":
                signal.raise_signal(signal.SIGINT)

        yield update

    monkeypatch.setattr("synaptile.bridge.cli.progress._bar", bar)
    assert main(["run", "network.py", *SLOW, "--compare", "software", "--out", "out"]) == 130
    out, err = capsys.readouterr()
    assert "Not compared: the comparison was interrupted" in out
    assert err.splitlines()[-1].startswith("synaptile: interrupted")
    values = json.loads(Path("out/metrics.json").read_text())
    assert values["not_compared"] == "the comparison was interrupted"
    assert values["network"]["steps"] == 31
    assert not Path("out/snn.ref.out").exists()
    assert "the comparison was interrupted" in Path("out/report.html").read_text()
