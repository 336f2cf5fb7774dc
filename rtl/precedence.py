"""Which of a router's inputs go before the others."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .topology import Port

__all__ = ["PATIENCE", "Precedence"]

PATIENCE = 128
"""A packet that has waited for so many cycles goes before others, whatever they are; a power of two."""


class Precedence(wiring.Component):
    """Lets the inputs that are crowded go first, but makes nobody wait for ever.

    A crowded input, one whose queue is more than half full, holds up the routers behind it, and those behind them. So
    it goes before others. The tile's own input never counts as crowded: what it holds up is outside the network. With
    more traffic than it can take, the network then fills less, and accepts more.

    Every `PATIENCE` cycles, each input at whose front a packet waits becomes urgent, which is as good as crowded, until
    that packet has left. Only cycles in which there is such a packet count: a router at rest does not change.

    Members
    -------
    crowded : In(5)
        Which inputs' queues are.
    asking : In(5)
        At which inputs a flit is at the front.
    leaving : In(5)
        Which inputs' packets end in this cycle.
    first : Out(5)
        Which inputs go before the others.
    """

    def __init__(self) -> None:
        count = len(Port)
        super().__init__({"crowded": In(count), "asking": In(count), "leaving": In(count), "first": Out(count)})

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        clock = Signal(range(PATIENCE))
        urgent = Signal(len(Port))
        with m.If(self.asking.any()):
            m.d.sync += clock.eq(clock + 1)
        for port in Port:
            with m.If(self.leaving[port]):
                m.d.sync += urgent[port].eq(0)
            with m.Elif(clock.all() & self.asking[port]):
                m.d.sync += urgent[port].eq(1)
        m.d.comb += self.first.eq(urgent | (self.crowded & ~(1 << Port.LOCAL)))
        return m
