"""A study's file: what is wrong with one is said in a line for each problem."""

from collections.abc import Callable
from pathlib import Path

import pytest

from synaptile.bridge.errors import ConfigError
from synaptile.bridge.explore import Study

Studies = Callable[..., Study]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"trace": None}, "trace: must be given, or script, and not both"),
        ({"trace": "none.out"}, "trace: there is no file 'none.out'"),
        ({"script": "none.py"}, "trace: must be given, or script, and not both\nscript: there is no file 'none.py'"),
        ({"mode": "lock-step"}, "mode: must be replay where a trace is given, not 'lock-step'"),
        ({"mode": "sometimes"}, "mode: must be one of replay, lock-step, on-chip, not 'sometimes'"),
        ({"space": {}}, "space: must have one name or more"),
        ({"space": {"buffer": {"range": [1, 2]}}}, "space.buffer: unknown parameter; did you mean 'buffer_depth'?"),
        ({"space": {"script.x": {"range": [1, 2]}}}, "script: must be given where it has arguments"),
        ({"space": {"script.": {"range": [1, 2]}}, "trace": None}, "must be a name such as script.rate, not 'script.'"),
        ({"space": {"buffer_depth": {"range": [0, 2]}}}, "space.buffer_depth: must lie in 1.."),
        ({"fixed": {"buffer_depth": 4}}, "space.buffer_depth: must not be in fixed, too"),
        ({"fixed": {"routing": "zigzag"}}, "fixed.routing: must be one of xy"),
        ({"fixed": {"routing": ["xy"]}}, "fixed.routing: must be a number, a text, true or false, not ['xy']"),
        ({"objectives": []}, "objectives: must have one or more"),
        ({"objectives": ["energy", "energy"]}, "objectives: must not have one twice"),
        ({"objectives": ["speed of light"]}, "objectives: unknown number 'speed of light'"),
        ({"objectives": "energy"}, "objectives: must be a list, not 'energy'"),
        ({"constraints": ["energy"]}, "constraints: must be NAME <= NUMBER"),
        ({"numbers": ["hops_men"]}, "numbers: unknown number 'hops_men'; did you mean 'hops_mean'?"),
        ({"numbers": "hops_mean"}, "numbers: must be a list of words, not 'hops_mean'"),
        ({"sampler": "magic"}, "sampler: must be one of nsga2, tpe, swarm, random, grid, not 'magic'"),
        ({"sampler": "grid", "space": {"script.x": {"log": [1.0, 2.0]}}}, "script: must be given"),
        ({"sampler": "grid", "space": {"clock_hz": {"log": [1.0, 2.0]}}}, "space.clock_hz: must have a choice, whole"),
        ({"trials": None}, "trials: must be given unless the sampler is grid"),
        ({"trials": 0}, "trials: must be a whole number in 1..1000000, not 0"),
        ({"time_limit": 0}, "time_limit: must be seconds, more than 0, not 0"),
        ({"workers": 0}, "workers: must be a whole number in 1..1024, not 0"),
        ({"chip": "dome"}, "chip: no preset 'dome'; there are demo, "),
        ({"chip": {"buffer": 2}}, "chip: buffer: unknown key"),
        ({"chip": 7}, "chip: must be a preset, a YAML file or a chip's keys, not 7"),
        ({"chip": {"preset": "demo", "file": "x.yaml"}}, "chip: preset: must not be given beside file"),
        ({"trails": 5}, "trails: unknown key; did you mean 'trials'?"),
        ({"profile": "none.out"}, "profile: there is no file"),
    ],
)
def test_what_is_wrong_is_said(keys: dict[str, object], message: str, study: Studies) -> None:
    with pytest.raises(ConfigError) as error:
        study(**keys)
    assert message in str(error.value)


def test_a_file_names_itself_and_paths_are_its_own(trace_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = trace_file.parent
    (folder / "chip.yaml").write_text("name: mine\nmesh: 1x3\n")
    text = "trace: ring.out\nchip: chip.yaml\nspace: {buffer_depth: {range: [1, 4]}}\nobjectives: [energy]\ntrials: 3\n"
    (folder / "my study.yaml").write_text(text)
    monkeypatch.chdir("/")
    study = Study.from_yaml(folder / "my study.yaml")
    assert study.name == "my study"
    assert study.base.name == "mine"
    assert study.base.mesh == (1, 3)
    (folder / "bad.yaml").write_text(text.replace("energy", "enemy"))
    with pytest.raises(ConfigError, match=r"did you mean 'energy'\?.*\(in bad.yaml\)"):
        Study.from_yaml(folder / "bad.yaml")


def test_what_it_is_follows_from_contents(study: Studies, trace_file: Path) -> None:
    before = study().identity()
    assert study(trials=99, workers=7, time_limit=3, name="x").identity() == before
    assert study(seed=1).identity() != before
    assert study(chip={"preset": "demo"}).identity() != before
    trace_file.write_bytes(trace_file.read_bytes() + b" ")
    assert study().identity() != before
