"""The reset of a large chip: part by part, so that no signal has to reach all of it within a cycle."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ResetChain"]


class ResetChain(wiring.Component):
    """Resets parts one after another, each a cycle after that before it, and long enough that all are in reset at once.

    So what a part that still runs sends to one that is in reset does not matter: it is reset itself before any of them
    begins again. Its own reset begins the same.

    Parameters
    ----------
    parts
        How many there are, at least 1.

    Members
    -------
    restart : In(1)
        Begin.
    resets : Out(parts)
        For each part, whether it is in reset; registers.
    busy : Out(1)
        A part is in reset, or will be. It is 1 in the cycle after ``restart``.
    """

    def __init__(self, parts: int) -> None:
        super().__init__({"restart": In(1), "resets": Out(parts, init=-1), "busy": Out(1)})  # type: ignore[call-arg]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        parts = len(self.resets)
        most = 2 * parts + 1
        left = Signal(range(most + 1), init=most)
        with m.If(self.restart):
            m.d.sync += left.eq(most)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        # The first part's reset lasts parts + 1 cycles; that of the last ends as many cycles later as there are parts.
        m.d.sync += self.resets.eq(Cat(left > parts, self.resets))
        m.d.comb += self.busy.eq(left != 0)
        return m
