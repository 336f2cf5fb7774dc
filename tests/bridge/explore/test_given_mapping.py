"""A study whose trials all have one mapping, from a file."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from support.study_executor import FormulaExecutor, formula

from synaptile.bridge.chip import Chip
from synaptile.bridge.cli import main
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import ConfigError, MappingError
from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.results.command import command_of
from synaptile.bridge.explore.trial import State
from synaptile.bridge.mapped_trace import map_trace
from synaptile.swsim.trace import Trace

Studies = Callable[..., Study]
CHIP: dict[str, Any] = {"preset": "demo", "mesh": "2x2", "crossbar": "16x4"}
FEW: dict[str, Any] = {
    "chip": CHIP,
    "fixed": {"engine": "amaranth"},
    "space": {"cycles_per_step": {"choice": [12, 20]}},
    "sampler": "grid",
    "trials": None,
}


@pytest.fixture
def mapping(trace_file: Path) -> Path:
    """A mapping of the trace that no method would find: from the last tile on."""
    found = map_trace(Trace.load(trace_file), ChipConfig.preset("demo", mesh="2x2", crossbar="16x4"), time_limit=0.2)
    path = found.save(trace_file.parent / "mine.json")
    values = json.loads(path.read_text())
    values["tile"], values["slot"] = [3] * 4 + [1] * 3 + [0] * 3, None
    path.write_text(json.dumps(values))
    return path


def test_all_trials_have_it_and_their_commands_say_so(
    study: Studies,
    mapping: Path,
    trace_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(trace_file.parent)
    one = study(**FEW, mapping=str(mapping), numbers=["hops_mean", "tiles_used"])
    found = explore(one, folder=tmp_path / "out")
    trace = Trace.load(trace_file)
    for trial in found.trials:
        chip = Chip(one.base.replace(**trial.point), mapping=mapping, engine="amaranth")
        metrics = chip.replay(trace).metrics
        assert trial.state is State.DONE, trial.outcome
        assert trial.outcome is not None
        assert trial.values == {"latency_mean": metrics.latency.mean, "energy": metrics.energy.total_pj}
        assert trial.outcome.numbers["hops_mean"] == metrics.hops.mean
        assert trial.outcome.numbers["tiles_used"] == 3
    words = shlex.split(command_of(one, found.trials[0]))
    assert words[words.index("--mapping") + 1] == "mine.json"
    assert main([*words[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["latency_mean"] == found.trials[0].values["latency_mean"]


def test_its_contents_belong_to_the_study(study: Studies, mapping: Path) -> None:
    (mapping.parent / "mine.yaml").write_text(yaml.safe_dump({**study(**FEW).to_dict(), "mapping": "mine.json"}))
    one = Study.from_yaml(mapping.parent / "mine.yaml")
    assert one.mapping == str(mapping)
    before = one.identity()
    assert before != study(**FEW).identity()
    mapping.write_text(mapping.read_text() + " ")
    assert one.identity() != before


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"mapping": "none.json"}, "mapping: there is no file 'none.json'"),
        ({"space": {"mesh": {"choice": ["2x2", "2x3"]}}}, "space.mesh: must not vary where mapping is given"),
        ({"space": {"crossbar.axons": {"range": [16, 20]}}}, "space.crossbar.axons: must not vary where mapping is"),
        ({"space": {"partition": {"choice": ["km1"]}}}, "partition: must be left out where mapping is given"),
        ({"fixed": {"placement": "random"}}, "placement: must be left out where mapping is given"),
    ],
)
def test_what_cannot_be_with_it_is_said(keys: dict[str, Any], message: str, study: Studies, mapping: Path) -> None:
    with pytest.raises(ConfigError) as error:
        study(**{**FEW, "mapping": str(mapping), **keys})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "text", "message"),
    [
        ({"chip": {**CHIP, "mesh": "2x3"}}, None, "the mapping is for a chip whose mesh is 2x2, and this one's is 2x3"),
        ({"fixed": {"mesh": "1x4"}}, None, "the mapping is for a chip whose mesh is 2x2, and this one's is 1x4"),
        ({"trace": "other"}, None, "the mapping is of a network of as many neurons, but other connections"),
        ({}, "[1, 2]", "not the file of a mapping"),
        ({}, "{", "not the file of a mapping"),
    ],
)
def test_one_of_another_network_or_chip_is_refused_before_anything_runs(
    keys: dict[str, Any],
    text: str | None,
    message: str,
    study: Studies,
    mapping: Path,
    trace_file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = {**study(**FEW).to_dict(), "mapping": str(mapping), **keys}
    if keys.get("trace") == "other":
        trace = Trace.load(trace_file)
        post = np.where(np.arange(len(trace.post)) == 0, 5, trace.post).astype(np.int32)
        values["trace"] = str(replace(trace, post=post).save(mapping.parent / "other.out"))
    if text is not None:
        mapping.write_text(text)
    executor = FormulaExecutor(formula)
    with pytest.raises(MappingError, match=message):
        explore(Study(**values), executor=executor)
    assert executor.points == []
    path = mapping.parent / "mine.yaml"
    path.write_text(yaml.safe_dump(values))
    assert main(["explore", str(path), "--out", str(mapping.parent / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("synaptile: error: ")
    assert error.count("\n") == 1
    assert message in error


def test_a_script_s_trials_tell_that_it_is_of_another_network(mapping: Path, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import synaptile.swsim as sim\n"
        "sim.setup(timestep=1.0)\n"
        "one = sim.Population(4, sim.SpikeSourceArray(spike_times=[1.0]))\n"
        "two = sim.Population(6, sim.IF_curr_exp())\n"
        "sim.Projection(one, two, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))\n"
        "sim.run(3.0)\n"
    )
    values = {**FEW, "script": str(tmp_path / "net.py"), "mapping": str(mapping), "objectives": ["latency_mean"]}
    found = explore(Study(**values))
    assert [trial.state for trial in found.trials] == [State.REFUSED] * 2
    assert "the mapping is of a network of as many neurons, but other connections" in str(found.why_none())
