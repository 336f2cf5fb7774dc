"""Who goes first when several ask."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["RoundRobinArbiter"]


class RoundRobinArbiter(wiring.Component):
    """Grants one of ``count`` requests; the last one granted comes last in the next round.

    The grant is combinational. A request that stays up is granted after at most ``count - 1`` others.

    Members
    -------
    requests : In(count)
    grant : Out(count)
        One-hot; zero if nobody asks.
    accept : In(1)
        The grant is taken in this cycle: the order moves on at the clock edge.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count!r}")
        self._count = count
        super().__init__({"requests": In(count), "grant": Out(count), "accept": In(1)})

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        if self._count == 1:
            m.d.comb += self.grant.eq(self.requests)
            return m
        # Requests above the last one granted; their lowest wins, else the lowest of all.
        above = Signal(self._count)
        favoured = Signal(self._count)
        m.d.comb += favoured.eq(self.requests & above)
        with m.If(favoured.any()):
            m.d.comb += self.grant.eq(favoured & -favoured)
        with m.Else():
            m.d.comb += self.grant.eq(self.requests & -self.requests)
        with m.If(self.accept & self.requests.any()):
            # Bits strictly above the granted one.
            m.d.sync += above.eq(~(self.grant | (self.grant - 1)))
        return m
