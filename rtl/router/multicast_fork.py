"""Multicast forks: the outputs that have still to get a copy of a packet."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..topology import Port

__all__ = ["Fork"]


class Fork(wiring.Component):
    """Sends the packet at the front of a queue to several outputs, one whole copy after the other.

    While a copy is sent, the packet holds one output and waits for none. So copies do not wait for each other, and a
    packet with several targets needs no more of the network than as many packets with one, but that its queue has room
    for all of it. The copies are sent in the order in which outputs become free.

    Members
    -------
    targets : In(5)
        The outputs for the packet at the front, while its head is at the front and no copy is being sent.
    remaining : Out(5)
        Of these, the outputs that have not got a copy yet.
    begins : In(5)
        The output that is granted to the next copy in this cycle, one-hot.
    passes, last : In(1)
        A flit of a copy is passed on in this cycle; it is the last one.
    keep : Out(1)
        The flit at the front is needed for another copy.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "targets": In(len(Port)),
                "remaining": Out(len(Port)),
                "begins": In(len(Port)),
                "passes": In(1),
                "last": In(1),
                "keep": Out(1),
            }
        )
        # Outputs that have a copy; of the copy being sent: its output, and whether more are to follow.
        self.done = Signal(len(Port))
        self.way = Signal(len(Port))
        self.more = Signal()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        done, way, more = self.done, self.way, self.more
        begin = Signal()
        current = Signal(len(Port))
        m.d.comb += [
            begin.eq(self.begins.any()),
            self.remaining.eq(self.targets & ~done),
            current.eq(Mux(begin, self.begins, way)),
            self.keep.eq(Mux(begin, (self.remaining & ~self.begins).any(), more)),
        ]
        with m.If(begin):
            m.d.sync += [way.eq(self.begins), more.eq(self.keep)]
        with m.If(self.passes & self.last):
            m.d.sync += done.eq(Mux(self.keep, done | current, 0))
        return m
