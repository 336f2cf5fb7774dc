"""Counters and constants that the host can read, all in one memory."""

from collections.abc import Sequence
from enum import IntEnum

from amaranth.hdl import Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["COUNTERS", "WORDS", "LinkCounter", "Registers"]


class LinkCounter(IntEnum):
    """Counters by number: the first words that the host can read. They count from when the FPGA was configured."""

    FRAMES_RECEIVED = 0
    """Frames with the right check."""
    FRAMES_SENT = 1
    """Frames sent, again or not."""
    CHECK_ERRORS = 2
    """Frames with a wrong check, or wrongly encoded, or too short to be any."""
    FRAMING_ERRORS = 3
    """Bytes without their stop bit."""
    RETRANSMISSIONS = 4
    """Times that everything which had not been acknowledged was sent again."""
    DUPLICATES = 5
    """Frames whose data had come already."""
    GAPS = 6
    """Frames before whose data others are missing."""
    OVERFLOWS = 7
    """Frames for whose data there was no room."""
    SESSIONS = 8
    """Sessions that began."""
    TIMEOUTS = 9
    """Sessions that ended because the host was silent."""
    TICKS = 10
    """Ticks of the chip that began."""
    STALLS = 11
    """Ticks that were over, and waited for room to say so."""
    OVERRUNS = 12
    """Ticks that began before some core was done with the one before."""
    REFUSED = 13
    """Times that a core refused something; several close together may count once."""
    ERRORS = 14
    """Times that the network dropped a packet; likewise."""
    RESETS = 15
    """Resets of the chip by the host."""


COUNTERS = len(LinkCounter)

WORDS = 64
"""Words of 32 bits: the counters, and constants."""


class Registers(wiring.Component):
    """A memory of which the first words count events, and the others are constants.

    An event of a kind that comes again within four cycles for each counter may not be counted.

    Parameters
    ----------
    constants
        The words behind the counters.

    Members
    -------
    events : In(counters)
        Bit n: counter n counts one more.
    address : In(range(WORDS))
    word : Out(32)
        That at the address in the cycle before, if ``free`` was 1 then.
    hold : In(1)
        Count nothing, so that the word stays.
    free : Out(1)
    """

    def __init__(self, constants: Sequence[int]) -> None:
        if len(constants) > WORDS - COUNTERS:
            raise ValueError(f"constants must be at most {WORDS - COUNTERS}, not {len(constants)}")
        self._init = [0] * COUNTERS + list(constants)
        super().__init__(
            {"events": In(COUNTERS), "address": In(range(WORDS)), "word": Out(32), "hold": In(1), "free": Out(1)},
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        storage: memory.Memory = memory.Memory(
            shape=32,
            depth=WORDS,
            init=self._init,
            attrs={"ram_style": "block", "no_rw_check": 1},  # type: ignore[dict-item]  # the stubs know text only
        )
        m.submodules.storage = storage
        read, write = storage.read_port(domain="comb"), storage.write_port()
        m.d.sync += self.word.eq(read.data)
        waiting, number = Signal(COUNTERS), Signal(range(COUNTERS))
        done, more = Signal(COUNTERS), Signal(32)
        m.d.sync += [waiting.eq((waiting & ~done) | self.events), more.eq(self.word + 1)]
        m.d.comb += [write.addr.eq(number), write.data.eq(more)]
        with m.FSM():
            with m.State("LOOK"):
                # One number after the other, for that is smaller than to find the first that waits.
                m.d.comb += [self.free.eq(1), read.addr.eq(self.address)]
                with m.If(~self.hold):
                    m.d.sync += number.eq(number + 1)
                    with m.If(waiting.bit_select(number, 1)):
                        m.d.sync += number.eq(number)
                        m.next = "READ"
            with m.State("READ"):
                m.d.comb += read.addr.eq(number)
                m.next = "ADD"
            with m.State("ADD"):  # a step of its own, for the wires to and from the memory are long
                m.next = "WRITE"
            with m.State("WRITE"):
                m.d.comb += [write.en.eq(1), done.bit_select(number, 1).eq(1)]
                m.d.sync += number.eq(number + 1)
                m.next = "LOOK"
        return m
