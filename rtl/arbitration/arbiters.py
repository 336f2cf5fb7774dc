"""Arbiters: a fair choice between requests."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Arbiter", "LeastRecentArbiter", "RoundRobinArbiter"]


class Arbiter(wiring.Component):
    """Grants one of ``count`` requests.

    The grant is combinational. A request that stays up is granted after at most ``count - 1`` others.

    Members
    -------
    requests : In(count)
    grant : Out(count)
        One-hot; zero without a request.
    accept : In(1)
        The grant is taken in this cycle: the order moves on at the clock edge.
    hold : In(1)
        When the order moves on, the request that is granted comes first, and not last as otherwise: for as long as it
        stays up, it keeps the grant.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count!r}")
        self._count = count
        super().__init__({"requests": In(count), "grant": Out(count), "accept": In(1), "hold": In(1)})


class RoundRobinArbiter(Arbiter):
    """Grants the first request behind the last one granted."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        if self._count == 1:
            m.d.comb += self.grant.eq(self.requests)
            return m
        # Which requests lie above the last one granted, or above and at the one that is held: they come first, and
        # among equals the lower one; if all do, that is the same as if none did. Each grant is written as one function
        # of all requests, for a chain from the lowest to the highest would take longer.
        above = Signal(self._count)
        for i in range(self._count):
            first = [
                self.requests[j] & (~above[i] | above[j] if j < i else above[j] & ~above[i])
                for j in range(self._count)
                if j != i
            ]
            m.d.comb += self.grant[i].eq(self.requests[i] & ~Cat(first).any())
        with m.If(self.accept & self.requests.any()):
            for i in range(1, self._count):
                m.d.sync += above[i].eq(Mux(self.hold, self.grant[1 : i + 1].any(), self.grant[:i].any()))
        return m


class LeastRecentArbiter(Arbiter):
    """Grants the request that was granted longest ago; at first, lower bits come before higher ones.

    Unlike with `RoundRobinArbiter`, a request that has not been granted never loses its rank, even in a cycle in which
    it is 0. So a request that comes and goes is refused at most ``count - 1`` times. (A matrix arbiter: Dally and
    Towles, Principles and Practices of Interconnection Networks, 2004, section 18.5.)
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        # Whether i goes before j, for i < j.
        self.before = {(i, j): Signal(init=1, name=f"before_{i}_{j}") for j in range(count) for i in range(j)}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for i in range(self._count):
            ahead = [
                self.requests[j] & (~self.before[i, j] if i < j else self.before[j, i])
                for j in range(self._count)
                if j != i
            ]
            m.d.comb += self.grant[i].eq(self.requests[i] & ~Cat(ahead).any())
        for (i, j), before in self.before.items():
            with m.If(self.accept & self.grant[i]):
                m.d.sync += before.eq(self.hold)
            with m.Elif(self.accept & self.grant[j]):
                m.d.sync += before.eq(~self.hold)
        return m
