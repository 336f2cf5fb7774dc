"""A serial line: 8 data bits, no parity, 1 stop bit, at any rate up to a quarter of the clock."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BitClock", "UartReceiver", "UartTransmitter"]

_BITS_PER_BYTE = 10


class BitClock(wiring.Component):
    """Says when a bit begins: a phase that grows by a fraction in each cycle, so that no whole divisor is needed.

    Parameters
    ----------
    clock_hz, baud
        Frequency of the clock, and bits in a second; at most a quarter of that.

    Members
    -------
    begin : In(1)
        A bit has begun, and was seen to a cycle late: from now on, ``edge`` is 1 in the middle of each bit, at most a
        cycle before or behind it.
    edge : Out(1)
        A bit is over: 1 for one cycle in each bit.

    Attributes
    ----------
    step, phase_bits
        What the phase grows by in each cycle, and its width. Their rate is within 0.05 % of ``baud``.

    Raises
    ------
    ValueError
        If ``baud`` is no such rate.
    """

    def __init__(self, *, clock_hz: float, baud: float) -> None:
        if not 0 < baud <= clock_hz / 4:
            raise ValueError(f"baud must lie in 1..{clock_hz / 4:.0f}, a quarter of clock_hz, not {baud:.0f}")
        self.phase_bits = int(clock_hz / baud).bit_length() + 10
        self.step = round(baud / clock_hz * (1 << self.phase_bits))
        super().__init__({"begin": In(1), "edge": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        phase = Signal(self.phase_bits)
        m.d.sync += Cat(phase, self.edge).eq(phase + self.step)
        # Half a bit, less two cycles: ``edge`` is a register, and the beginning and the edge are late by anything up to
        # a cycle each, of which the mean is taken off.
        with m.If(self.begin):
            m.d.sync += Cat(phase, self.edge).eq((1 << self.phase_bits - 1) + 2 * self.step)
        return m


class UartTransmitter(wiring.Component):
    """Sends bytes, one directly after the other if they are there.

    Parameters
    ----------
    clock_hz, baud
        As for `BitClock`.

    Members
    -------
    data : In(stream(8))
    tx : Out(1)
        The line; 1 while nothing is sent. A register.
    """

    def __init__(self, *, clock_hz: float, baud: float) -> None:
        self._rates = {"clock_hz": clock_hz, "baud": baud}
        self._clock = BitClock(**self._rates)
        super().__init__({"data": In(stream.Signature(8)), "tx": Out(1, init=1)})  # type: ignore[call-arg]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.clock = clock = self._clock
        # Bits to be sent behind the one on the line; an ever running clock, so that no part of a bit is lost.
        bits, left = Signal(9, init=0x1FF), Signal(range(_BITS_PER_BYTE + 1))
        with m.If(clock.edge):
            m.d.sync += Cat(self.tx, bits).eq(Cat(bits, 1))
            with m.If(left != 0):
                m.d.sync += left.eq(left - 1)
        # A byte is taken when the line has the stop bit of the one before, or nothing.
        m.d.comb += self.data.ready.eq((left == 0) & ~clock.edge)
        with m.If(self.data.valid & self.data.ready):
            m.d.sync += [bits.eq(Cat(0, self.data.payload)), left.eq(_BITS_PER_BYTE)]
        return m


class UartReceiver(wiring.Component):
    """Receives bytes: each bit is sampled in its middle, as counted from where the start bit began.

    Parameters
    ----------
    clock_hz, baud
        As for `BitClock`.

    Members
    -------
    rx : In(1)
        The line. It may change at any time: two registers bring it into step.
    data : Out(8)
    valid : Out(1)
        A byte has come: 1 for one cycle.
    broken : Out(1)
        A byte without its stop bit: 1 for one cycle. Nothing is received until the line is 1 again.
    """

    def __init__(self, *, clock_hz: float, baud: float) -> None:
        self._clock = BitClock(clock_hz=clock_hz, baud=baud)
        line = In(1, init=1)  # type: ignore[call-arg]  # the stubs do not know it
        super().__init__({"rx": line, "data": Out(8), "valid": Out(1), "broken": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.clock = clock = self._clock
        early, line = Signal(init=1, reset_less=True), Signal(init=1, reset_less=True)
        m.d.sync += [early.eq(self.rx), line.eq(early), self.valid.eq(0), self.broken.eq(0)]
        left = Signal(range(_BITS_PER_BYTE))
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += clock.begin.eq(1)
                m.d.sync += left.eq(_BITS_PER_BYTE - 1)
                with m.If(~line):
                    m.next = "BITS"
            with m.State("BITS"), m.If(clock.edge):
                m.d.sync += left.eq(left - 1)
                with m.If(left == 0):
                    m.d.sync += [self.valid.eq(line), self.broken.eq(~line)]
                    m.next = "BREAK"
                    with m.If(line):
                        m.next = "IDLE"
                with m.Else():
                    m.d.sync += self.data.eq(Cat(self.data[1:], line))
                with m.If((left == _BITS_PER_BYTE - 1) & line):
                    m.next = "IDLE"  # too short for a start bit
            with m.State("BREAK"), m.If(line):
                m.next = "IDLE"
        return m
