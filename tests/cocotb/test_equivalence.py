"""The exported Verilog does what the Amaranth engine simulates, packet by packet and cycle by cycle."""

from pathlib import Path

import pytest
from support.effort import examples
from support.verilog_bench import (
    QUIET_CYCLES,
    Traffic,
    engine_log,
    multicast_traffic,
    random_traffic,
    require,
    verilog_log,
)

from synaptile.rtl import NetworkParams

CHIPS = {
    "2x2, 1 flit, depth 1": NetworkParams(rows=2, cols=2, flits_per_packet=1, buffer_depth=1),
    "2x3, 2 flits, depth 4, counters": NetworkParams(rows=2, cols=3, flits_per_packet=2, counter_bits=6),
    "3x3, 3 flits, depth 1": NetworkParams(
        rows=3, cols=3, flits_per_packet=3, buffer_depth=1, neurons=300, stamp_bits=9
    ),
    "1x4, 3 flits, depth 4": NetworkParams(rows=1, cols=4, flits_per_packet=3, buffer_depth=4),
    "4x1, 1 flit, depth 3, one neuron": NetworkParams(rows=4, cols=1, flits_per_packet=1, buffer_depth=3, neurons=1),
    "4x4, 2 flits, depth 4": NetworkParams(rows=4, cols=4, flits_per_packet=2, buffer_depth=4),
    "3x3, 2 channels, counters": NetworkParams(rows=3, cols=3, virtual_channels=2, counter_bits=6),
    "3x4 torus, 3 channels, yx": NetworkParams(
        rows=3, cols=4, buffer_depth=3, virtual_channels=3, topology="torus", routing="yx", counter_bits=5
    ),
    "2x3, stages": NetworkParams(rows=2, cols=3, link_stages=2, buffer_depth=1, counter_bits=6),
    "3x2, stages, 2 channels": NetworkParams(rows=3, cols=2, link_stages=1, virtual_channels=2),
    "3x3, multicast": NetworkParams(rows=3, cols=3, routing="table", table_entries=11, multicast=True, counter_bits=6),
    "2x3, multicast, 3 flits, 2 channels": NetworkParams(
        rows=2,
        cols=3,
        flits_per_packet=3,
        buffer_depth=3,
        routing="table",
        table_entries=6,
        multicast=True,
        virtual_channels=2,
    ),
    "4x6 tree, counters": NetworkParams(rows=4, cols=6, topology="tree", buffer_depth=2, counter_bits=6),
    "2x2 tree, one cluster, 1 flit": NetworkParams(rows=2, cols=2, topology="tree", flits_per_packet=1, neurons=9),
    "2x3, 3 flits, 4 channels, odd-even": NetworkParams(
        rows=2,
        cols=3,
        flits_per_packet=3,
        buffer_depth=2,
        virtual_channels=4,
        routing="odd-even",
        selection="buffer-level",
    ),
}


# Verilator compiles each chip for a quarter of a minute, so it gets those that differ most. More of them, and larger
# ones under Icarus, with SYNAPTILE_THOROUGH=1.
LARGE = ("3x3, 3 flits, depth 1", "4x4, 2 flits, depth 4", "3x4 torus, 3 channels, yx", "4x6 tree, counters")
CASES = [("icarus", chip) for chip in examples([chip for chip in CHIPS if chip not in LARGE], list(CHIPS))] + [
    ("verilator", chip)
    for chip in examples(
        ("2x3, 2 flits, depth 4, counters", "2x3, multicast, 3 flits, 2 channels", "2x2 tree, one cluster, 1 flit"),
        (
            "2x2, 1 flit, depth 1",
            "2x3, 2 flits, depth 4, counters",
            "1x4, 3 flits, depth 4",
            "4x4, 2 flits, depth 4",
            "3x3, 2 channels, counters",
            "4x6 tree, counters",
            "2x3, multicast, 3 flits, 2 channels",
        ),
    )
]


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize(("simulator", "chip"), CASES)
def test_the_exported_chip_logs_what_the_engine_does(simulator: str, chip: str, tmp_path: Path) -> None:
    require(simulator)
    params = CHIPS[chip]
    make = multicast_traffic if params.multicast else random_traffic
    traffic = make(params, seed=list(CHIPS).index(chip))
    expected, cycles = engine_log(params, traffic)
    found = verilog_log(simulator, params, traffic, cycles + QUIET_CYCLES, list(expected.counters), tmp_path)
    assert found == expected


def test_a_shift_of_one_cycle_would_be_seen() -> None:
    """The comparison looks at what it should: one stall more at one tile changes the log."""
    params = CHIPS["2x2, 1 flit, depth 1"]
    traffic = random_traffic(params, seed=0)
    log, _ = engine_log(params, traffic)
    ready = traffic.ready.copy()
    cycle = log.delivered[0][0][0]
    ready[0, cycle % ready.shape[1]] = False
    assert engine_log(params, Traffic(traffic.packets, ready))[0] != log
