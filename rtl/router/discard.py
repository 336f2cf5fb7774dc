"""What becomes of a packet for which there is no output."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Discard"]


class Discard(wiring.Component):
    """Takes a packet for which there is no output out of its queue, a flit each cycle, so that nothing waits behind it.

    Members
    -------
    valid, last : In(1)
        There is a flit at the front of the queue; it ends its packet.
    unknown : In(1)
        If that flit is a head: there is no output for it.
    held : In(1)
        The packet at the front holds an output, so that the flit there may be no head.
    discards : Out(1)
        The flit at the front is to be taken out of the queue in this cycle.
    inside : Out(1)
        The head of a packet has been taken out, and its last flit has not: what is at the front is no head.
    dropped : Out(1)
        The last flit of a packet is being taken out.
    """

    def __init__(self) -> None:
        members = {name: In(1) for name in ("valid", "last", "unknown", "held")}
        super().__init__({**members, **{name: Out(1) for name in ("discards", "inside", "dropped")}})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        inside = Signal()
        m.d.comb += [
            self.inside.eq(inside),
            self.discards.eq(self.valid & (inside | (self.unknown & ~self.held))),
            self.dropped.eq(self.discards & self.last),
        ]
        with m.If(self.discards):
            m.d.sync += inside.eq(~self.last)
        return m
