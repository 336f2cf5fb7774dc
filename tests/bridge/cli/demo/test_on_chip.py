"""Networks in the chip's own cores, by the command line."""

import json
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from synaptile.bridge import Chip
from synaptile.bridge.cli import main
from synaptile.bridge.cli.demo.on_chip import image_cycles, runs_on_chip, unlike
from synaptile.swsim import Trace

SCRIPT = """
import synaptile.swsim as sim
sim.setup(timestep=1.0)
sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[2.0, 4.0, 9.0]), label="sources")
cells = sim.Population(30, sim.IF_curr_exp(), label="cells")
sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
cells.record(["spikes", "v"])
sim.run(20.0)
"""
MODEL = ("--mode", "on-chip", "--engine", "model")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a script, by default `SCRIPT`, on-chip; returns (exit code, standard output, standard error)."""

    def command(*options: object, script: str = SCRIPT) -> tuple[int, str, str]:
        path = tmp_path / "network.py"
        path.write_text(script)
        code = main(["run", str(path), *MODEL, *map(str, options)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_the_report_says_on_chip(run: Any, tmp_path: Path) -> None:
    code, out, err = run("--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert out.startswith("demo, 4×4 tiles, on-chip, model engine, seed 0\n")
    assert "Neurons on-chip" in out
    values = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert (values["mode"], values["conversion"]["neuron"]) == ("on-chip", "current-lif")
    assert values["metrics"]["core_spikes"] == Trace.load(tmp_path / "out" / "snn.sw.out").spikes - 18 > 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "on-chip (the neurons were" in page
    bits = values["conversion"]["weight_bits"]
    assert f'<tr><td>Weights</td><td class="n">{bits}</td><td class="u">bits, shifted up by' in page


def test_json_is_all_there_is(run: Any) -> None:
    code, out, _ = run("--json")
    assert code == 0
    assert json.loads(out)["mode"] == "on-chip"


def test_every_run_of_a_script_is_kept(run: Any, tmp_path: Path) -> None:
    code, out, _ = run("--out", tmp_path / "out", script=SCRIPT + "sim.reset()\nsim.run(5.0)\n")
    assert code == 0
    assert "run 1 of 2: 36 neurons" in out
    earlier = json.loads((tmp_path / "out" / "run-1" / "metrics.json").read_text())
    assert (earlier["mode"], earlier["metrics"]["ticks"]) == ("on-chip", 21)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["metrics"]["ticks"] == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("IF_curr_exp()", "HH_cond_exp()"),
            "the cell type HH_cond_exp has no form in gates; the nearest that has is ",
        ),
        (("sim.run", "sim.DCSource().inject_into(cells)\nsim.run"), "electrodes have no form on-chip"),
        (
            ("StaticSynapse(weight=2.0, delay=1.0)", "TsodyksMarkramSynapse(weight=2.0)"),
            "TsodyksMarkramSynapse has no form on-chip",
        ),
        (("delay=1.0", "delay=16.0"), "delay must lie in 0..14 steps on-chip"),
        (("Population(6", "Population(200"), "needs 200 axons, one for each presynaptic neuron and delay"),
        (('"v"', '"isyn_exc"'), "isyn_exc of IF_curr_exp cannot be recorded on-chip; spikes and v can"),
    ],
)
def test_what_has_no_form_in_gates_is_one_line(run: Any, change: tuple[str, str], message: str) -> None:
    assert change[0] in SCRIPT
    code, out, err = run(script=SCRIPT.replace(*change))
    assert (code, out) == (2, "")
    assert err.startswith("synaptile: error: ")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--chip", "loihi"), "error: crossbar.axons: must lie in 4..1024 for cores, not 4096"),
        (("--weight-bits", "9"), "error: weight_bits: must lie in 1..8 for cores, not 9"),
        (("--core-lanes", "5"), "error: core.lanes: must be one of 1, 2, 4, 8, 16 for cores, not 5"),
        (("--tick", "sometimes"), "error: tick: must be one of barrier, fixed, not 'sometimes'"),
        (("--core-neuron", "delta-lif"), "IF_curr_exp needs core.neuron current-lif"),
        (("--vcd", "--out", "out"), "error: --vcd needs an engine that has gates, not model"),
    ],
)
def test_a_chip_that_cannot_be_is_one_line(
    run: Any, options: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_the_model_is_an_engine_on_chip_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "network.py"
    path.write_text(SCRIPT)
    assert main(["run", str(path), "--engine", "model"]) == 2
    assert "--engine must be one of auto, compiled, amaranth, not 'model'" in capsys.readouterr().err


def test_a_refusal_in_the_middle_of_a_script_loses_nothing(run: Any, tmp_path: Path) -> None:
    more = 'cells.record("isyn_exc")\nsim.run(10.0)\n'
    code, out, err = run("--out", tmp_path / "out", script=SCRIPT + more)
    assert code == 2
    assert "isyn_exc cannot be recorded on-chip" in err
    assert "(partial)" in out
    values = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert (values["partial"], values["metrics"]["ticks"]) == (True, 21)


def test_a_network_that_does_not_fit_after_one_that_did_leaves_that(run: Any, tmp_path: Path) -> None:
    more = "sim.setup()\nsim.Population(1, sim.HH_cond_exp())\nsim.run(1.0)\n"
    code, _, err = run("--out", tmp_path / "out", script=SCRIPT + more)
    assert code == 2
    assert err.endswith("have one)\n")
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["metrics"]["ticks"] == 21


def test_a_change_in_the_middle_of_a_run_is_told_with_its_line(run: Any) -> None:
    code, out, err = run(script=SCRIPT + "cells.set(i_offset=0.1)\nsim.run(10.0)\n")
    assert code == 1
    assert "network.py, line 10: RuntimeError: hardware that runs the neurons cannot take other i_offset" in err
    assert "on-chip, model engine, seed 0 (partial)" in out


def test_a_script_may_ask_for_another_mode(run: Any) -> None:
    script = SCRIPT.replace("timestep=1.0", 'timestep=1.0, hardware_mode="together"')
    code, out, err = run(script=script)
    assert (code, out) == (1, "")
    assert "ValueError: hardware_mode must be 'lock-step' or 'on-chip', not 'together'" in err


def test_an_interrupted_run_is_partial(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = Chip.run_ticks

    def impatient(self: Chip, first: int, *rest: Any) -> Any:
        if first == 7:
            signal.raise_signal(signal.SIGINT)
        return ticks(self, first, *rest)

    monkeypatch.setattr(Chip, "run_ticks", impatient)
    code, _, err = run("--out", tmp_path / "out")
    assert code == 130
    assert "interrupted" in err
    values = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert (values["partial"], values["metrics"]["ticks"]) == (True, 8)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", *MODEL, "--out", str(folder), "--json"]) == 0
    return folder


class TestDemo:
    def test_digits_are_recognised_in_whole_numbers(self, demo: Path) -> None:
        values = json.loads((demo / "metrics.json").read_text())
        assert (values["mode"], values["images_on_chip"]) == ("on-chip", 360)
        assert abs(values["accuracy_on_chip"] - values["accuracy_software"]) <= 0.01
        assert values["accuracy_perceptron"] > 0.95
        assert values["cycles_per_image"] is None  # the model has none
        assert (values["conversion"]["neuron"], values["conversion"]["cells"]) == ("delta-lif", 50)

    def test_the_page_has_the_accuracies_side_by_side(self, demo: Path) -> None:
        page = (demo / "report.html").read_text()
        for label in ("Accuracy of the perceptron", "Accuracy in software", "Accuracy on-chip, in whole numbers"):
            assert label in page

    def test_interrupted_it_keeps_what_it_has(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ticks = Chip.run_ticks

        def impatient(self: Chip, first: int, *rest: Any) -> Any:
            if first >= 12:
                raise KeyboardInterrupt
            return ticks(self, first, *rest)

        monkeypatch.setattr(Chip, "run_ticks", impatient)
        assert main(["demo", *MODEL, "--images", "2", "--out", str(tmp_path)]) == 130
        captured = capsys.readouterr()
        assert "interrupted: the results are partial" in captured.err
        values = json.loads((tmp_path / "metrics.json").read_text())
        assert (values["partial"], values["accuracy_on_chip"]) == (True, None)

    def test_it_is_part_of_the_whole_demonstration_where_the_engine_is_compiled(self) -> None:
        for mode, engine, expected in (
            (None, "compiled", True),
            (None, "amaranth", False),
            ("lock-step", "compiled", False),
            ("on-chip", "amaranth", True),
        ):
            assert runs_on_chip(SimpleNamespace(mode=mode, engine=engine)) == expected  # type: ignore[arg-type]

    def test_spikes_of_one_run_only_are_counted(self) -> None:
        def trace(*spikes: tuple[int, int]) -> Any:
            step, neuron = np.array(sorted(spikes)).T
            return SimpleNamespace(spike_step=step, spike_neuron=neuron)

        assert unlike(trace((1, 2), (2, 2)), trace((1, 2), (2, 2))) == 0
        assert unlike(trace((1, 2), (2, 2)), trace((1, 2), (2, 3), (4, 0))) == 3

    def test_the_cycles_of_an_image_are_those_of_its_ticks(self) -> None:
        run: Any = SimpleNamespace(log=SimpleNamespace(lengths=np.array([9, 1, 2, 3, 4, 5, 6, 7]), timed=True))
        assert image_cycles(run, 2, 3).tolist() == [6, 15]
        assert image_cycles(run, 3, 3).tolist() == [6, 15]  # the third was not finished
        run.log.timed = False
        assert not len(image_cycles(run, 2, 3))
