"""Who goes next at a router's output, settled before the output is free."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["EarlyArbiter"]


class EarlyArbiter(wiring.Component):
    """Grants one of ``count`` requests until its packet ends, and settles meanwhile who is granted next.

    In the cycle in which a packet ends, the next grant goes into registers: round-robin, to the first behind the one
    whose packet ends among those that already wait. What is granted in the next cycle then depends on registers alone,
    which is early. Only if nobody waited is the grant found in the cycle itself, by a fixed order, the highest bit
    before the lower ones. So an output is never idle while somebody asks for it, and a request that waits is passed
    by once by a fixed order, and then by each of the others once at most.

    With ``precedence``, requests with ``first`` go before those without. Only they are granted early: whether one of
    those without is, or a new request, which may be one with ``first``, is found in the next cycle. Those without can
    wait for ever.

    Parameters
    ----------
    count
        Number of requests, 1 or more.
    single
        A packet may end in the cycle in which it is first granted. Otherwise this must not happen.
    precedence
        Some go before others.

    Members
    -------
    requests : In(count)
        Each stays up until its packet ends.
    first : In(count)
        With ``precedence``: which requests, if they are up, go before the others.
    ends : In(1)
        The packet that is granted ends in this cycle.
    grant : Out(count)
        One-hot; zero if nobody asks.
    held : Out(1)
        The same was granted in the last cycle, for the same packet.
    owner : Out(count)
        To whom, if so; else zero.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.
    """

    def __init__(self, count: int, *, single: bool = False, precedence: bool = False) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count!r}")
        self._count = count
        self._single = single
        self._precedence = precedence
        super().__init__(
            {
                "requests": In(count),
                "first": In(count if precedence else 0),
                "ends": In(1),
                "grant": Out(count),
                "held": Out(1),
                "owner": Out(count),
            }
        )

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        count, grant = self._count, self.grant
        early, urgent, able, waiting, behind = (
            Signal(count, name=name) for name in ("early", "urgent", "able", "waiting", "behind")
        )
        # Who ends; if packets do not end at once, that is in registers.
        ending = grant if self._single else early
        settled: Value = early.any()
        if count > 2:
            settled = Signal()
            m.d.sync += settled.eq(Mux(self.ends, waiting.any(), self.requests.any()))
        m.d.comb += [
            urgent.eq(self.requests & self.first if self._precedence else self.requests),
            able.eq(Mux(urgent.any(), urgent, self.requests)),
            waiting.eq(urgent & ~ending),
            self.owner.eq(Mux(self.held, early, 0)),
        ]
        for i in range(count):
            m.d.comb += grant[i].eq(early[i] | (~settled & able[i] & ~able[i + 1 :].any()))
            # i comes next if j ends, back places before it, and nobody in between waits.
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
