"""The engine fpga, a chip with it, and `synaptile fpga check`: through a pseudo-terminal to the gates of a whole board.

There is one chip for all of it, of two tiles with four neurons each, since it takes long to compile.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.board_network import CORE, SETTINGS, run_network
from support.board_of_chip import board_of_chip
from support.board_on_pty import BoardOnPty

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.cli import main
from synaptile.bridge.engines.cores import HostEvents
from synaptile.bridge.engines.cores.factory import make_core_engine
from synaptile.bridge.fpga.engine import FpgaCoreEngine
from synaptile.bridge.fpga.link_errors import LinkLost
from synaptile.bridge.fpga.self_test import SelfTest


@pytest.fixture(scope="module")
def model() -> Any:
    """A chip in whole numbers, and what it did."""
    chip = Chip(mode="on-chip", engine="model", **SETTINGS)
    return chip, run_network(chip)


@pytest.fixture
def board(model: Any) -> Iterator[BoardOnPty]:
    with board_of_chip(model[0]) as place:
        yield place


def engine_of(model: Any, board: BoardOnPty) -> FpgaCoreEngine:
    reference = model[0]._cores.engine
    return FpgaCoreEngine(reference.network, reference.core, host_tile=reference.host_tile, port=board.name)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_build")
@pytest.mark.parametrize("cycles", [None, 700])
def test_spikes_and_memories_are_those_of_the_compiled_engine(
    model: Any, board: BoardOnPty, cycles: int | None
) -> None:
    reference = model[0]._cores.engine
    compiled = make_core_engine("compiled", reference.network, reference.core)
    engine = engine_of(model, board)
    test = SelfTest(engine.network, engine.core, ticks=40, seed=4)
    engine.load(test.images)
    compiled.load(test.images)
    assert test.memory(engine) is None
    for first in (0, 20):
        chosen = (test.when >= first) & (test.when < first + 20)
        columns = (getattr(test.events, name)[chosen] for name in ("tile", "axon", "delay", "key"))
        given = HostEvents(*columns), test.when[chosen] - first
        seen, expected = engine.run(20, *given, cycles), compiled.run(20, *given, cycles)
        assert len(expected.reported) > 10
        assert test.compare(seen, expected) is None
        assert seen.first == first
        assert seen.overruns.tolist() == expected.overruns.tolist()
        assert cycles is None or set(seen.cycles.tolist()) == {cycles}
    for tile in range(2):
        for variable in test.images[0].variables:
            assert engine.read(tile, variable).tolist() == compiled.read(tile, variable).tolist()
    mine, theirs = engine.counters(), compiled.counters()
    for name in ("neuron_updates", "spikes", "overruns", "refused"):
        assert mine[name].tolist() == theirs[name].tolist(), name
    engine.close()


@pytest.mark.slow
def test_a_script_has_the_same_spikes_and_potentials(model: Any, board: BoardOnPty) -> None:
    chip = Chip(mode="on-chip", engine="fpga", port=board.name, **SETTINGS)
    spikes, potentials = run_network(chip)
    assert len(spikes) > 20
    assert (spikes, potentials) == model[1]
    run = chip.report()
    assert (run.engine, run.partial) == ("fpga", False)
    metrics = run.metrics.to_dict()
    assert metrics["ticks_per_second"] > 0
    assert metrics["core_spikes"] == model[0].report().metrics.to_dict()["core_spikes"]
    for unknown in ("axon_events", "merged_events", "host_late"):
        assert metrics[unknown] is None
    assert "–" in str(run)
    chip._cores.close()  # type: ignore[union-attr]


@pytest.mark.slow
def test_what_had_run_is_kept_when_the_cable_is_pulled(model: Any, board: BoardOnPty) -> None:
    chip = Chip(mode="on-chip", engine="fpga", port=board.name, **SETTINGS)
    spikes, _ = run_network(chip, steps=10)
    board.pull()
    with pytest.raises(LinkLost, match="the port is gone"):
        sim.run(10)
    trace = sim.get_trace()
    assert list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True))[: len(spikes)] == spikes
    run = chip.report()
    assert run.metrics.to_dict()["core_spikes"] is None, "the board cannot be asked any more"


@pytest.mark.slow
def test_check(board: BoardOnPty, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    yaml = tmp_path / "chip.yaml"
    yaml.write_text("mesh: [1, 2]\ncrossbar: {axons: 16, neurons: 4}\nweight_bits: 4\n" + f"core: {json.dumps(CORE)}\n")
    assert main(["fpga", "check", "--port", board.name, "--chip", str(yaml), "--ticks", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["memory"] == "as written"
    assert found["differences"] == 0
    assert found["spikes"] > 50
    assert found["built by"] == "simulated"
    other = ["--chip", str(yaml), "--core-lanes", "2"]
    assert main(["fpga", "check", "--port", board.name, *other]) == 2
    assert "nothing has been loaded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "port must be given for the engine 'fpga', such as /dev/ttyUSB0"),
        ({"port": "/dev/x", "baud": 0}, "baud must be at least 1, not 0"),
        ({"port": "/dev/x", "engine": "model"}, "port and baud are for the engine 'fpga', not 'model'"),
        ({"port": "/dev/x", "mode": "lock-step"}, "engine must be one of auto, compiled, amaranth, not 'fpga'"),
    ],
)
def test_options_of_a_chip(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chip(**{"mode": "on-chip", "engine": "fpga", **SETTINGS, **options})
