"""The command of a trial gives its chip, and its numbers."""

import argparse
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.cli import main, replay
from synaptile.bridge.cli import run as cli_run
from synaptile.bridge.cli.options import chip_config
from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.results.command import chip_of, command_of, needs_file
from synaptile.bridge.explore.running.job import script_arguments
from synaptile.bridge.explore.trial import Trial

Studies = Callable[..., Study]

SPACE: dict[str, Any] = {
    "mesh": {"choice": ["2x2", "3x4"]},
    "crossbar.neurons": {"range": [4, 9]},
    "crossbar.axons": {"choice": [16, 64]},
    "buffer_depth": {"range": [1, 8]},
    "routing": {"choice": ["xy", "yx"]},
    "multicast": {"choice": [True, False]},
    "clock_hz": {"log": [1e6, 1e9]},
    "weight_bits": {"range": [2, 8]},
    "limits.fan_in": {"range": [1, 9]},
    "compute.barrier": {"range": [0.5, 9.5]},
    "core.lanes": {"choice": [1, 2]},
    "energy": {"choice": ["noxim", "loihi-sanafe"]},
    "seed": {"range": [0, 5]},
    "placement": {"choice": ["in-order", "optimised"]},
}
CHIPS = ["demo", "truenorth", {"preset": "demo", "buffer_depth": 3, "link_stages": 1}, {"mesh": "2x2"}]


@settings(max_examples=examples(25, 400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chip=st.sampled_from(CHIPS),
    names=st.sets(st.sampled_from(sorted(SPACE)), min_size=1, max_size=6),
    places=st.lists(st.floats(0, 1), min_size=6, max_size=6),
)
def test_the_command_gives_the_trial_s_chip(
    chip: Any, names: set[str], places: list[float], study: Studies, tmp_path: Path
) -> None:
    one = study(chip=chip, space={name: SPACE[name] for name in sorted(names)})
    point = {axis.name: axis.at(place) for axis, place in zip(one.dimensions, places, strict=False)}
    trial = Trial(3, point)
    try:
        wanted = chip_of(one, trial)
    except ValueError:  # there is no such chip
        return
    file = tmp_path / "chip.yaml"
    if needs_file(one, trial):
        file.write_text(wanted.to_yaml())
    words = shlex.split(command_of(one, trial, file))
    assert words[:2] == ["synaptile", "replay"]
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    args = parser.parse_args(words[2:])
    assert chip_config(args).to_dict() == wanted.to_dict()
    assert args.seed == point.get("seed", 0)
    assert args.placement == point.get("placement", "optimised")


def test_the_command_of_a_trace_gives_its_numbers(
    study: Studies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    one = study(
        chip="demo",
        fixed={"engine": "amaranth", "mesh": "2x2", "crossbar.neurons": 4},
        space={"buffer_depth": {"range": [1, 3]}, "seed": {"range": [1, 9]}, "partition": {"choice": ["km1"]}},
        trials=2,
        batch=2,
        inferences=2,
        objectives=["latency_mean", "energy_per_inference"],
    )
    found = explore(one)
    trial = found.front[0]
    words = shlex.split(command_of(one, trial))
    assert words[:3] == ["synaptile", "replay", "ring.out"]
    assert main([*words[1:], "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["latency_mean"] == trial.values["latency_mean"]
    assert metrics["energy"]["per_inference_pj"] == trial.values["energy_per_inference"]


_NET = """
import sys
import synaptile.swsim as sim
sim.setup(timestep=1.0)
one = sim.Population(8, sim.SpikeSourcePoisson(rate=float(sys.argv[1])))
two = sim.Population(4, sim.IF_curr_exp())
sim.Projection(one, two, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
sim.run(20.0)
"""


@pytest.mark.parametrize("mode", ["replay", "lock-step"])
def test_the_command_of_a_script_gives_its_numbers(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(_NET)
    one = Study(
        script="net.py",
        arguments=["{rate}"],
        mode=mode,
        fixed={"engine": "amaranth", "mesh": "1x3", "crossbar.neurons": 4, "seed": 4},
        space={"script.rate": {"range": [200.0, 400.0]}},
        objectives=["latency_mean", {"spikes": "max"}],
        trials=2,
        batch=2,
        sampler="random",
    )
    trial = explore(one).front[0]
    words = shlex.split(command_of(one, trial))
    assert main([words[1], "--json", *words[2:]]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["latency_mean"] == trial.values["latency_mean"]
    assert metrics["spikes"] == trial.values["spikes"] > 0
    assert cli_run.MODES[mode]


def test_arguments_stand_where_they_are_named_and_the_others_follow() -> None:
    point = {"script.rate": 2.5, "script.size": 3, "script.fast": True, "buffer_depth": 4}
    words = script_arguments(("synaptile", "--r={rate}", "{size}x{size}"), point)
    assert words == ("synaptile", "--r=2.5", "3x3", "--fast=true")
