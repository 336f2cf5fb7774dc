"""Lookahead arbitration: the next grant of a router's output, settled before the output is free."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["LookaheadArbiter"]


class LookaheadArbiter(wiring.Component):
    """Grants one of ``count`` requests until its packet ends, and settles the next grant meanwhile.

    In the cycle in which a packet ends, the next grant goes into registers: round-robin, to the first behind the one
    whose packet ends among those that already wait. What is granted in the next cycle then depends on registers alone,
    which is early. Only if none waits is the grant found in the cycle itself, by a fixed order. So an output is never
    idle while there is a request for it, and a request that waits is passed by ``count`` - 1 packets at most.

    A request that gives way is not settled beforehand: if none is, it competes in the next cycle, in the fixed order,
    with the requests of that cycle. So it can wait for ever; once it no longer gives way, ``count`` packets at most
    pass it by.

    Parameters
    ----------
    count
        Number of requests, 1 or more.
    single
        A packet may end in the cycle in which it is first granted. Otherwise this must not happen.
    order
        The fixed order: the numbers of all requests; by default from the highest down.

    Members
    -------
    requests : In(count)
        Each stays up until its packet ends.
    giving_way : In(count)
        Which requests give way to the others. If not connected, none does.
    ends : In(1)
        The packet that is granted ends in this cycle.
    grant : Out(count)
        One-hot; zero without a request.
    held : Out(1)
        The same was granted in the last cycle, for the same packet.
    owner : Out(count)
        The request, one-hot, if so; else zero.

    Attributes
    ----------
    early : Signal(count)
        The grant as far as registers know it: of a packet that has begun, or settled beforehand.
    settled : Signal
        They know one. With many requests a register itself, to be early.

    Raises
    ------
    ValueError
        If ``count`` is less than 1, or ``order`` does not have each request once.
    """

    def __init__(self, count: int, *, single: bool = False, order: Sequence[int] | None = None) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count!r}")
        order = range(count)[::-1] if order is None else order
        if sorted(order) != list(range(count)):
            raise ValueError(f"order must have each of 0..{count - 1} once, not {order!r}")
        self._count = count
        self._single = single
        self._order = order
        super().__init__(
            {
                "requests": In(count),
                "giving_way": In(count),
                "ends": In(1),
                "grant": Out(count),
                "held": Out(1),
                "owner": Out(count),
            }
        )
        self.early = Signal(count)
        self.settled = Signal()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        count, grant = self._count, self.grant
        early, settled = self.early, self.settled
        waiting, behind = Signal(count), Signal(count)
        # The request that ends; if packets do not end at once, that is in registers.
        ending = grant if self._single else early
        if count > 2:
            m.d.sync += settled.eq(Mux(self.ends, waiting.any(), self.requests.any()))
        else:
            m.d.comb += settled.eq(early.any())
        m.d.comb += [
            waiting.eq(self.requests & ~self.giving_way & ~ending),
            self.owner.eq(Mux(self.held, early, 0)),
        ]
        for rank, i in enumerate(self._order):
            before = Cat(self.requests[j] for j in self._order[:rank])
            m.d.comb += grant[i].eq(early[i] | (~settled & self.requests[i] & ~before.any()))
            # i comes next if the request that ends is `back` before it, and none in between waits.
            turns = (
                ending[(i - back) % count] & ~Cat(waiting[(i - step) % count] for step in range(1, back)).any()
                for back in range(1, count)
            )
            m.d.comb += behind[i].eq(waiting[i] & Cat(*turns).any())
        m.d.sync += [
            early.eq(Mux(self.ends, behind, grant)),
            self.held.eq(self.requests.any() & ~self.ends),
        ]
        return m
