"""The engine fpga without a board: the gates of one, compiled, which run by their own clock."""

import json
from pathlib import Path

import pytest
from support.board_network import CORE, SETTINGS, run_network
from support.compiled_board import LineBoard
from support.plain_door import plain_hosted_chip

from synaptile.bridge import Chip
from synaptile.bridge.cli import main
from synaptile.bridge.fpga.board import Board
from synaptile.bridge.fpga.host_link import HostLink
from synaptile.bridge.fpga.simulated.line import SIMULATED, SimulatedLine
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.fpga.command import Command

MULTICAST = {**SETTINGS, "multicast": True, "buffer_depth": 4}


@pytest.mark.slow
def test_a_network_of_multicast_packets_is_the_same_as_in_whole_numbers() -> None:
    model = run_network(Chip(mode="on-chip", engine="model", **MULTICAST))
    chip = Chip(mode="on-chip", engine="fpga", port=SIMULATED, baud=12_000_000, **MULTICAST)
    assert run_network(chip) == model
    assert len(model[0]) > 20
    assert chip.cores is not None
    assert chip.cores.program.table is not None
    metrics = chip.report().metrics.to_dict()
    seconds = len(model[1]) / metrics["ticks_per_second"]
    assert 25 * 8 * 10 / 12e6 < seconds < 0.1, "of the board's clock: at least a byte on the line for each tick"
    chip.cores.close()


@pytest.mark.slow
def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    yaml = tmp_path / "chip.yaml"
    core = json.dumps(CORE)
    yaml.write_text(
        "mesh: [1, 2]\ncrossbar: {axons: 16, neurons: 4}\nweight_bits: 4\nmulticast: true\nbuffer_depth: 4\n"
        f"core: {core}\n"
    )
    words = [
        "fpga",
        "check",
        "--port",
        "simulated",
        "--baud",
        "12000000",
        "--chip",
        str(yaml),
        "--ticks",
        "20",
        "--json",
    ]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["memory"], found["differences"], found["clock_hz"]) == ("as written", 0, 48_000_000)


@pytest.mark.parametrize("baud", [7_000_000, 24_000_000])
def test_rates_that_a_simulated_board_has_not(baud: int) -> None:
    chip = Chip(mode="on-chip", engine="fpga", port=SIMULATED, baud=baud, **SETTINGS)
    with pytest.raises(ValueError, match=f"baud must be a whole fraction of 48,000,000 .* not {baud}"):
        run_network(chip)


def test_the_line_is_used_well() -> None:
    core = CoreParams(axons=4, neurons=4, weight_bits=4, lanes=1, targets=8, neuron="delta-lif")
    network = NetworkParams(rows=1, cols=2)
    network = network.replace(neurons=1 << payload_bits(core, network))
    gates = LineBoard(
        lambda: plain_hosted_chip(network, core, clock_hz=16e6, baud=4e6), 4, key="plain, as large as usual"
    )
    line = SimulatedLine(gates, 16e6)
    board = Board(HostLink(line))
    commands = board.number(Command.PERIOD, 0) * 4000
    begin = line.now()
    board.do(commands)
    end = line.now()
    board.close()
    assert len(commands) / (end - begin) > 0.9 * 4e6 / 10
