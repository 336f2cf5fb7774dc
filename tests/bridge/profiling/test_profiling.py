"""Phases, table and files of a profile whose stacks are known."""

import json
import time
from pathlib import Path

import pytest

import synaptile.bridge
import synaptile.swsim
from synaptile.bridge.profiling import PHASES, Profile, draw_flame_graph, phase_of, profiled

BRIDGE, SWSIM = (Path(package.__path__[0]) for package in (synaptile.bridge, synaptile.swsim))
MAIN = ("main", str(BRIDGE / "cli" / "main.py"))
USER = ("<module>", "/nets/net.py")
NUMPY = ("unique", "/x/site-packages/numpy/lib/arraysetops.py")


@pytest.mark.parametrize(
    ("files", "phase"),
    [
        ([], "Python, other"),
        ([BRIDGE / "cli" / "main.py"], "Python, other"),
        ([BRIDGE / "cli" / "main.py", "/nets/net.py"], "script"),
        ([BRIDGE / "cli" / "main.py", "/nets/parts/more.py", NUMPY[1]], "script"),
        (["/nets/net.py", "/x/site-packages/pyNN/connectors.py", NUMPY[1]], "network building"),
        (["/nets/net.py", SWSIM / "pynn" / "populations.py"], "network building"),
        (
            ["/nets/net.py", SWSIM / "pynn" / "control.py", SWSIM / "engine" / "simulation.py"],
            "software simulation",
        ),
        ([SWSIM / "engine" / "simulation.py", BRIDGE / "chip.py"], "hardware simulation"),
        ([BRIDGE / "chip.py", BRIDGE / "mapping" / "partition" / "growth.py", NUMPY[1]], "mapping"),
        ([BRIDGE / "mapped_trace.py"], "mapping"),
        ([BRIDGE / "chip.py", BRIDGE / "metrics" / "counts.py"], "metrics and report"),
        ([BRIDGE / "mapping" / "jit.py", "/x/site-packages/numba/core/dispatcher.py"], "compilers"),
        ([BRIDGE / "engines" / "compiled.py", "/usr/lib/python3.11/subprocess.py"], "compilers"),
        ([BRIDGE / "mapping" / "jit.py", "<frozen importlib._bootstrap>", NUMPY[1]], "imports"),
    ],
)
def test_the_innermost_function_that_tells_gives_the_phase(files: list[str | Path], phase: str) -> None:
    assert phase in PHASES
    assert phase_of([("f", str(file)) for file in files], USER[1]) == phase


def test_every_part_of_the_packages_has_a_phase_and_none_but_the_bridge_is_other() -> None:
    for package, others in ((SWSIM, set()), (BRIDGE, {"Python, other"})):
        phases = {phase_of([MAIN, ("f", str(file))]) for file in package.rglob("*.py") if ".venv" not in file.parts}
        assert phases <= {*others, "network building", "software simulation", "mapping", "hardware simulation"} | {
            "metrics and report"
        }


@pytest.fixture
def profile() -> Profile:
    engine = ("run", str(SWSIM / "engine" / "simulation.py"))
    stacks = {(MAIN,): 0.25, (MAIN, USER): 0.5, (MAIN, USER, NUMPY): 0.25, (MAIN, USER, engine): 3.0}
    return Profile(USER[1], stacks)


def test_phases_add_up(profile: Profile) -> None:
    found = {phase: seconds for phase, seconds in profile.phases().items() if seconds}
    assert found == {"script": 0.75, "software simulation": 3.0, "Python, other": 0.25}
    assert profile.seconds == 4.0
    lines = {line.split("  ")[0]: line.split() for line in profile.table().splitlines()}
    assert "75.0%" in lines["software simulation"]
    assert "4.000" in lines["in all"]
    assert Profile().table()  # nothing was running


def test_a_viewer_of_flame_graphs_gets_all_stacks(profile: Profile, tmp_path: Path) -> None:
    values = json.loads(profile.save_speedscope(tmp_path / "p.json").read_text())
    frames = [(frame["name"], frame["file"]) for frame in values["shared"]["frames"]]
    (one,) = values["profiles"]
    stacks = {
        tuple(frames[number] for number in sample): s for sample, s in zip(one["samples"], one["weights"], strict=True)
    }
    assert stacks == profile.stacks
    assert (one["startValue"], one["endValue"], one["unit"]) == (0, 4.0, "seconds")


def test_the_flame_graph_is_as_wide_as_the_time(profile: Profile) -> None:
    axes = draw_flame_graph(profile)
    boxes = {(round(box.get_x(), 6), box.get_y(), round(box.get_width(), 6)) for box in axes.patches}
    # The script is at the bottom, and above it what it calls, the longest first; beside it the command line.
    assert boxes == {(0, 0, 3.75), (0, 1, 3.0), (3.0, 1, 0.25), (3.75, 0, 0.25)}
    assert [text.get_text() for text in axes.texts] == [" net", " run", " unique", " main"]
    assert axes.get_xlim() == (0, 4.0)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "script, 0.75 s",
        "software simulation, 3.00 s",
        "Python, other, 0.25 s",
    ]
    assert draw_flame_graph(Profile()).patches[:] == []


def test_what_runs_is_sampled() -> None:
    with profiled(__file__) as profile:
        begin = time.perf_counter()
        while time.perf_counter() < begin + 0.3:
            sum(range(1000))
    assert profile.seconds == pytest.approx(time.perf_counter() - begin, rel=0.5)
    assert profile.phases()["script"] > 0.8 * profile.seconds
