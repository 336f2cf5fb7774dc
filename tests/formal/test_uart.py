# amaranth: UnusedElaboratable=no
"""A byte that is sent on the serial line is received, whichever it is and whenever it is given, and nothing else is.

Bounded: so many cycles from reset, in which one byte passes, or two (SYNAPTILE_THOROUGH), at the fastest rate.
"""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Signal
from formal.prover import holds
from support.effort import examples

from synaptile.rtl.fpga.uart import UartReceiver, UartTransmitter

pytestmark = pytest.mark.formal

RATES = {"clock_hz": 4e6, "baud": 1e6}
BYTE = 40  # cycles
DELAY = 8  # from a byte's being taken to its start bit, and from its last sample to its being told, at most


def line(*, cut: int | None = None) -> tuple[Module, list[Any]]:
    """A transmitter and a receiver; a byte is given at any time. In the cycle ``cut`` the line is 0."""
    m = Module()
    m.submodules.transmitter, m.submodules.receiver = sender, receiver = UartTransmitter(**RATES), UartReceiver(**RATES)
    loaded, pending, byte, age = Signal(), Signal(), Signal(8), Signal(range(BYTE + DELAY + 2))
    cycle = Signal(8)
    m.d.sync += [loaded.eq(1), cycle.eq(cycle + 1)]
    taken = sender.data.valid & sender.data.ready
    m.d.comb += [
        Assume(loaded | ~sender.data.valid),
        Assume(~pending | ~sender.data.valid),  # one at a time, so that it is known which is to come
        receiver.rx.eq(sender.tx if cut is None else sender.tx & (cycle != cut)),
        Assert(~receiver.broken),
        Assert(~receiver.valid | (pending & (receiver.data == byte))),
        Assert(age <= BYTE + DELAY),
    ]
    with m.If(pending):
        m.d.sync += age.eq(age + 1)
    with m.If(receiver.valid):
        m.d.sync += [pending.eq(0), age.eq(0)]
    with m.If(taken):
        m.d.sync += [pending.eq(1), byte.eq(sender.data.payload), age.eq(0)]
    return m, [sender.data.valid, sender.data.payload]


def test_every_byte_arrives() -> None:
    circuit, inputs = line()
    assert holds(circuit, inputs, steps=examples(56, 104), induction=False)


def test_a_line_that_is_cut_for_a_cycle_is_found() -> None:
    circuit, inputs = line(cut=30)
    assert not holds(circuit, inputs, steps=56, induction=False)
