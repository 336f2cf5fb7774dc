"""Scripts that run several simulations, or none, leave their folder, or end early: nothing is lost, and all is told."""

import json
import os
import signal
from pathlib import Path

import pytest

from synaptile.bridge.cli import main
from synaptile.swsim import Trace

BUILD = """
import os, signal, sys
import synaptile.swsim as sim
def build(rate):
    sim.setup(timestep=1.0)
    sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[2.0, 4.0][:rate]), label="[/x] $a$")
    cells = sim.Population(30, sim.IF_curr_exp(), label="cells")
    sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a script with options, in an empty folder; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def run_script(text, *options):
        (tmp_path / "script.py").write_text(BUILD + text)
        code = main(["run", "script.py", "--engine", "amaranth", "--mesh", "1x4", *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_script


THREE = "for rate in (1, 2):\n    build(rate); sim.run(5.0)\nsim.reset(); sim.run(3.0)\n"


@pytest.mark.parametrize(
    ("mode", "after"),
    [
        *(("software", after) for after in ("", "sim.reset()", "build(1)", "sim.setup()")),
        ("lock-step", "sim.setup()"),
        ("replay", ""),
    ],
)
def test_all_runs_are_kept_whatever_comes_after_the_last(run, mode, after):
    code, out, err = run(THREE + after, "--mode", mode, "--json", "--out", "o")
    assert (code, err) == (0, "")
    values = json.loads(out)
    counts = (lambda run: (run["steps"], run["spikes"])) if mode == "software" else _of_chip
    assert [(each["folder"], *counts(each)) for each in values["earlier_runs"]] == [("run-1", 6, 6), ("run-2", 6, 12)]
    assert counts(values) == (4, 6)
    assert [Trace.load(f"o/{place}snn.sw.out").spikes for place in ("run-1/", "run-2/", "")] == [6, 12, 6]
    files = {"software": {"snn.sw.out"}}.get(mode, {"snn.sw.out", "snn.hw.out", "metrics.json"})
    for place in ("run-1", "run-2"):
        assert {path.name for path in Path("o", place).iterdir()} == files
    assert not Path("o/run-3").exists()
    assert Path("o/report.html").exists() == (mode != "software")


def _of_chip(values):
    return values["network"]["steps"], values["metrics"]["spikes"]


def test_earlier_runs_are_printed_in_a_line_each(run):
    code, out, _ = run(THREE, "--mode", "software", "--out", "o")
    assert code == 0
    assert out.splitlines() == [
        "run 1 of 3: 36 neurons, 180 synapses, 6 spikes, 6 steps, in o/run-1",
        "run 2 of 3: 36 neurons, 180 synapses, 12 spikes, 6 steps, in o/run-2",
        "36 neurons, 180 synapses, 6 spikes, 4 steps",
        "execution: NumPy (no run so far was large or long enough to be worth the compiler)",
    ]
    _, out, _ = run(THREE, "--mode", "software", "--json")
    values = json.loads(out)
    for paths in (values["paths"], values["earlier_runs"][0]["paths"]):
        assert {(path["kind"], path["path"]) for path in paths} == {("population", "NumPy"), ("projection", "NumPy")}


def test_waveforms_belong_to_each_run(run):
    code, out, _ = run("build(2); sim.run(5.0)\nbuild(2); sim.run(5.0)\nsim.setup()\n", "--vcd", "--out", "o")
    assert code == 0
    assert Path("o/script.vcd").read_bytes() == Path("o/run-1/script.vcd").read_bytes() != b""
    assert {path.name for path in Path("o/run-1").iterdir()} >= {"script.gtkw", "ports.filter", "flits.filter"}
    assert "o/script.vcd" in out
    assert not Path("o/run-2").exists()


def test_a_script_need_not_call_setup(run):
    code, out, _ = run("sim.Population(3, sim.IF_cond_exp())\nsim.run(1.0)\n")
    assert code == 0
    assert "lock-step" in out
    assert main(["run", "script.py", "--mode", "software"]) == 0


def test_a_script_that_only_builds_is_a_success_that_says_so(run):
    code, out, err = run("build(1)\n", "--mode", "software", "--json")
    assert (code, err) == (
        0,
        "synaptile: script.py built a network of 36 neurons and ran nothing: there is nothing to report\n",
    )
    assert json.loads(out)["steps"] == 0


def test_results_get_where_they_were_meant_to_get(run, tmp_path):
    text = "os.mkdir('elsewhere'); os.chdir('elsewhere')\nfor rate in (1, 2):\n    build(rate); sim.run(5.0)\n"
    text += "print(__file__)\n"
    code, out, _ = run(text, "--vcd", "--out", "o")
    assert code == 0
    assert out.startswith(f"{tmp_path / 'script.py'}\n")
    assert {"script.vcd", "metrics.json", "run-1"} <= {path.name for path in Path("o").iterdir()}
    assert Path.cwd() == tmp_path
    assert list(Path("elsewhere").iterdir()) == []


@pytest.mark.parametrize("words", ["", "a", "a -- --plot -x", "-- synaptile -- --plot-figure"])
def test_words_of_the_script_stand_anywhere(run, words):
    expected = [word for word in words.split() if word != "--"]
    if words.startswith("-- "):
        expected.insert(1, "--")
    text = "build(1); sim.run(1.0); print('ARGS', sys.argv[1:])\n"
    code, out, _ = run(text, "--mode", "software", *words.split())
    assert code == 0
    assert out.startswith(f"ARGS {expected}\n")
    assert main(["run", "--mode", "software", "--", "script.py", "-q"]) == 0
    assert main(["run", "script.py", "one", "--mode", "software", "two"]) == 0
    assert main(["run", "script.py", "--frob", "--", "x"]) == 2
    assert main(["run", "--mode", "software"]) == 2


@pytest.mark.parametrize(
    ("number", "mode"),
    [
        (signal.SIGTERM, "lock-step"),
        (signal.SIGHUP, "software"),
        (signal.SIGXCPU, "software"),
        (signal.SIGINT, "software"),
    ],
)
def test_an_interruption_after_the_run_marks_all_files(run, number, mode):
    text = f"build(1); sim.run(3.0)\nbuild(2); sim.run(5.0)\nos.kill(os.getpid(), {int(number)})\nbuild(3)\n"
    code, out, err = run(text, "--mode", mode, "--json", "--out", "o")
    assert (code, err) == (128 + number, "synaptile: interrupted: the results are partial\n")
    values = json.loads(out)
    assert (values["partial"], [each["partial"] for each in values["earlier_runs"]]) == (True, [False])
    assert (Trace.load("o/snn.sw.out").partial, Trace.load("o/run-1/snn.sw.out").partial) == (True, False)
    if mode == "lock-step":
        assert json.loads(Path("o/metrics.json").read_text())["partial"] is True
        assert 'class="partial"' in Path("o/report.html").read_text()


def test_an_interruption_during_a_run_ends_a_step(run):
    kill = f"os.kill(os.getpid(), {int(signal.SIGTERM)})"
    text = f"build(1)\nsim.run(9.0, callbacks=[lambda t: (t < 3 or {kill}, t + 1)[1]])\n"
    code, _, err = run(text, "--mode", "software", "--out", "o")
    assert (code, err) == (143, "synaptile: interrupted: the results are partial\n")
    assert Trace.load("o/snn.sw.out").partial


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_before_the_run_is_told_as_such(run, number):
    code, out, err = run(f"build(1)\nos.kill(os.getpid(), {int(number)})\n", "--json", "--out", "o")
    assert (code, out) == (128 + number, "")
    assert err == "synaptile: interrupted: script.py had run nothing yet\n"


def test_a_failure_after_the_run_is_partial(run):
    code, _, err = run("build(1); sim.run(3.0)\nraise ValueError('[/x]')\n", "--mode", "software", "--out", "o")
    assert code == 1
    assert err == "synaptile: error: script.py, line 10: ValueError: [/x]\n"
    assert Trace.load("o/snn.sw.out").partial


def test_a_failure_in_a_run_leaves_what_the_chip_did_so_far(run):
    text = "build(2)\nsim.run(9.0, callbacks=[lambda t: 1 / (t < 5) and t + 1])\n"
    code, out, err = run(text, "--json")
    assert code == 1
    assert err == "synaptile: error: script.py, line 10: ZeroDivisionError: division by zero\n"
    values = json.loads(out)
    assert (values["partial"], values["mode"], values["network"]["steps"]) == (True, "lock-step", 6)
    assert values["metrics"]["spikes"] == 12


def test_labels_that_no_file_can_have_are_refused_before_the_run(run):
    code, _, err = run("sim.setup(); sim.Population(2, sim.IF_cond_exp(), label='\\ud800')\nsim.run(1.0)\n")
    assert code == 1
    assert (
        "line 10: TraceError: label of a population must be a text that can be written as UTF-8, not '\\ud800'" in err
    )


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_leaves_older_results(run, monkeypatch):
    assert run("build(1); sim.run(3.0)\n", "--out", "o")[0] == 0
    before = {path: path.read_bytes() for path in Path("o").iterdir()}
    real = Path.open

    def full(self, mode="r", *args, **kwargs):
        file = real(self, mode, *args, **kwargs)
        if self.suffix == ".part":
            os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        return file

    monkeypatch.setattr(Path, "open", full)
    code, _, err = run("build(2); sim.run(3.0)\n", "--out", "o")
    assert code == 1
    assert err == f"synaptile: error: {Path('o/snn.sw.out').absolute()}: No space left on device\n"
    assert {path: path.read_bytes() for path in Path("o").iterdir()} == before
    assert main(["export", "--mesh", "1x1", "-o", "o/chip.v"]) == 1
    assert main(["traffic", "--mesh", "2x2", "--cycles", "20", "--engine", "amaranth", "--out", "o"]) == 1
    assert {path: path.read_bytes() for path in Path("o").iterdir()} == before


def test_every_run_has_its_tables(run):
    code, _, _ = run(THREE + "sim.setup()", "--json", "--out", "o", "--tables", "csv")
    assert code == 0
    for place, spikes in (("run-1", 6), ("run-2", 12), (".", 6)):
        lines = Path("o", place, "tables", "spikes.csv").read_text().splitlines()
        assert (lines[0], len(lines)) == ("neuron,step,time_ms", 1 + spikes)
    assert not Path("o/run-3").exists()
    assert run(THREE, "--mode", "software", "--out", "o", "--tables", "csv")[::2] == (
        2, "synaptile: error: --tables needs a --mode with a chip, not software\n",
    )  # fmt: skip
