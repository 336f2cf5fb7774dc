# amaranth: UnusedElaboratable=no
"""What synthesis makes of a chip does, cell by cell, what the chip does in Amaranth's simulator, cycle by cycle."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.core_chip import network_for, random_chip
from support.core_verilog import amaranth_log, phases_of, verilog_log
from support.effort import examples
from support.gate_models import gate_models
from support.verilog_bench import require

from synaptile.bridge.fpga.flow import synthesis_commands
from synaptile.bridge.fpga.tools import run_tool
from synaptile.rtl import NetworkParams
from synaptile.rtl.core.params import CoreParams

TICKS, READS = 8, 6
TOP = "synaptile_chip"


def synthesised(source: Path, family: str, in_tables: tuple[tuple[int, int], ...]) -> list[Path]:
    """The netlist of an exported chip, and the models of its cells."""
    folder = source.parent
    script = [
        f"read_verilog {source.name}",
        *synthesis_commands(family, TOP, in_tables),
        "write_verilog -noattr netlist.v",
    ]
    (folder / "script.ys").write_text("\n".join(script))
    run_tool("yosys", ["-q", "-s", "script.ys"], folder, log="synthesis.log")
    netlist = folder / "netlist.v"
    return [netlist, gate_models(family, netlist.read_text(), folder)]


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize(
    ("family", "neuron", "lanes", "in_tables", "cells"),
    [
        ("ecp5", "delta-lif", 2, (), {"DP16KD", "MULT18X18D", "TRELLIS_FF", "CCU2C"}),
        *examples(
            [],
            [
                ("ecp5", "current-lif", 4, ((8, 40), (32, 40)), {"TRELLIS_DPR16X4", "MULT18X18D"}),
                ("ice40", "current-lif", 1, (), {"SB_RAM40_4K", "SB_MAC16", "SB_CARRY"}),
                ("ice40", "current-lif-2", 2, (), {"SB_RAM40_4K", "SB_MAC16"}),
                ("ecp5", "truenorth", 2, ((8, 20),), {"DP16KD"}),
            ],
        ),
    ],
)
def test_the_netlist_of_a_chip_does_what_its_source_does(
    family: str, neuron: str, lanes: int, in_tables: tuple[tuple[int, int], ...], cells: set[str], tmp_path: Path
) -> None:
    require("icarus")
    chance = random.Random(family + neuron)
    core = CoreParams(
        axons=8, neurons=8, lanes=lanes, neuron=neuron, weight_bits=1 if neuron == "truenorth" else 4,
        weight_shift=2, state_bits=16, targets=24, refractory_bits=3, readback=True,
    )  # fmt: skip
    chip = random_chip(network_for(core, NetworkParams(rows=1, cols=2)), core, chance)
    addresses = chip.host_addresses()
    events = [
        [(chance.choice(addresses), chance.randrange(core.axons), chance.randint(1, 3)) for _ in range(6)]
        for _ in range(TICKS)
    ]
    phases = phases_of(chip, events, None)
    reads = [*chip.reads(READS, chance)]
    phases += [{"tick": 0, "packets": packets, "cycles": None} for packets in ([], *([read] for read, _ in reads))]
    stimulus: dict[str, Any] = {"phases": phases, "ready": [1, 1, 0, 1]}

    expected = amaranth_log(chip, stimulus) | {"memories": {}}
    sources: list[Path] = []

    def sources_of(source: Path) -> list[Path]:
        sources[:] = synthesised(source, family, in_tables)
        return sources

    assert verilog_log("icarus", chip, stimulus, tmp_path, memories={}, sources_of=sources_of) == expected
    assert len(expected["received"]) >= READS + 5
    netlist = sources[0].read_text()
    assert all(f" {cell} " in netlist for cell in cells)
