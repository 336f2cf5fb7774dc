"""The reset of a clock domain: it begins at once and ends with the clock."""

from amaranth.hdl import ClockDomain, ClockSignal, Module, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ResetBridge"]


class ResetBridge(wiring.Component):
    """Asserts a reset asynchronously, and releases it on the clock.

    Parameters
    ----------
    hold
        Cycles, at least 3, from the first edge of the clock with ``run`` until the reset is released. The first two
        registers settle meanwhile if ``run`` has changed with the edge.

    Members
    -------
    run : In(1)
        Asynchronous: nothing stands in the way of running, such as a clock that has not settled. With 0 the reset
        begins, clock or no clock.
    rst : Out(1)
        The reset: a register, 1 at power-up.
    """

    def __init__(self, hold: int = 16) -> None:
        if hold < 3:
            raise ValueError(f"hold must be at least 3 cycles, not {hold}")
        self._hold = hold
        super().__init__({"run": In(1), "rst": Out(1, init=1)})  # type: ignore[call-arg]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.domains.bridge = ClockDomain(local=True, async_reset=True)
        m.d.comb += [ClockSignal("bridge").eq(ClockSignal("sync")), ResetSignal("bridge").eq(~self.run)]
        settled = Signal(2)
        m.d.bridge += settled.eq((settled << 1) | 1)
        left = Signal(range(self._hold - 2), init=self._hold - 3)
        with m.If(settled[-1]):
            m.d.bridge += left.eq(left - 1)
            with m.If(left == 0):
                m.d.bridge += [left.eq(0), self.rst.eq(0)]
        return m
