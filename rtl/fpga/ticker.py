"""Ticks of a chip: one, some, or for ever; each until everything is still, or of a fixed length."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .command import FREE, NUMBER_BYTES

__all__ = ["Ticker"]


class Ticker(wiring.Component):
    """Begins ticks, and says when each is over.

    A tick is over when nothing more is to be sent to the chip in it (``pending``), its time is over or, with a period
    of 0, everything is still, and ``room`` allows to say so. Until then it lasts: nothing of what there is to be said
    is ever lost.

    Members
    -------
    start : In(1)
        Begin, unless ``active``.
    stop : In(1)
        Begin no tick any more.
    number : In(24)
        Of ticks; `FREE` for ever.
    period : In(24)
        Cycles of each, or 0.
    pending, still, room : In(1)
    tick : Out(1)
        To the chip. A register.
    active : Out(1)
        Ticks are under way, or about to begin.
    cycle : Out(24)
        Number of the cycle in the tick, from 1 on; it stays at the highest.
    over : Out(1)
        A tick is over, after ``cycle`` cycles: 1 for one cycle, the tick's last.
    stalled : Out(1)
        It is over only now for want of room. As long as ``over``.
    """

    def __init__(self) -> None:
        bits = 8 * NUMBER_BYTES
        super().__init__(
            {
                "start": In(1),
                "stop": In(1),
                "number": In(bits),
                "period": In(bits),
                "pending": In(1),
                "still": In(1),
                "room": In(1),
                "tick": Out(1),
                "active": Out(1),
                "cycle": Out(bits),
                "over": Out(1),
                "stalled": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        left = Signal(self.number.shape(), reset_less=True)
        free, late, waited, first = Signal(), Signal(), Signal(), Signal()
        done, begin = Signal(), Signal()
        m.d.comb += [
            done.eq(self.active & ~first & ~self.pending & Mux(self.period == 0, self.still, late)),
            self.over.eq(done & self.room),
            self.stalled.eq(self.over & waited),
            begin.eq((first | self.over) & ~self.stop & (free | (left != 0))),
        ]
        m.d.sync += [self.tick.eq(begin), waited.eq(done & ~self.over), first.eq(0)]
        with m.If(begin):
            m.d.sync += [self.cycle.eq(1), left.eq(left - 1), late.eq(self.period == 1)]
        with m.Else():
            with m.If(~self.cycle.all()):
                m.d.sync += self.cycle.eq(self.cycle + 1)
            # A cycle ahead, for the comparison takes long.
            with m.If(self.cycle + 1 == self.period):
                m.d.sync += late.eq(1)
        with m.If(first | self.over):
            m.d.sync += self.active.eq(begin)
        with m.If(self.stop):
            m.d.sync += [left.eq(0), free.eq(0)]
        with m.If(self.start & ~self.active):
            m.d.sync += [left.eq(self.number), free.eq(self.number == FREE), first.eq(1), self.active.eq(1)]
        return m
