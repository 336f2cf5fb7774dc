# amaranth: UnusedElaboratable=no
"""The chip with its link in Amaranth's own simulator, bit by bit over its pins, against the host's classes.

The host's clock is the board's, so that it waits as it would for a board.
"""

import pytest
from support.amaranth_board import AmaranthBoard

from synaptile.bridge.fpga.engine import FpgaCoreEngine
from synaptile.bridge.fpga.self_test import SelfTest
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import identity_of, payload_bits
from synaptile.rtl.fpga.hosted_chip import HostedChip

CLOCK_HZ, RATE, TICKS = 1e6, 4, 5
CORE = CoreParams(
    axons=4, neurons=4, weight_bits=2, neuron="delta-lif", readback=True, lanes=1, targets=5, state_bits=8,
    weight_shift=0, refractory_bits=1,
)  # fmt: skip
NETWORK = NetworkParams(rows=1, cols=1).replace(neurons=1 << payload_bits(CORE, NetworkParams(rows=1, cols=1)))


@pytest.mark.slow
def test_a_core_is_loaded_run_and_read() -> None:
    chip = HostedChip(NETWORK, CORE, clock_hz=CLOCK_HZ, baud=CLOCK_HZ / RATE, version=b"in Amaranth", buffer_bytes=512)
    board = AmaranthBoard(chip, clock_hz=CLOCK_HZ, rate=RATE)
    engine = FpgaCoreEngine(NETWORK, CORE, port=board)
    info = engine.board.info
    assert (info.version, info.identity) == ("in Amaranth", identity_of(CORE, NETWORK))
    test = SelfTest(NETWORK, CORE, ticks=TICKS, seed=35)
    engine.load(test.images)
    model = test.expected(0, 0)
    seen, expected = (one.run(TICKS, test.events, test.when, None) for one in (engine, model))
    assert len(expected.reported) == 7
    assert test.compare(seen, expected) is None
    assert engine.read(0, "v").tolist() == model.read(0, "v").tolist()
    counts = engine.board.link.counts
    assert not counts["errors"] + counts["retransmissions"] + counts["duplicates"]
    engine.close()
