"""Who goes next at a router's output, settled before the output is free."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["EarlyArbiter"]


class EarlyArbiter(wiring.Component):
    """Grants one of ``count`` requests until its packet ends, and settles meanwhile who is granted next.

    In the cycle in which a packet ends, the next grant goes into registers: round-robin, to the first behind the one
    whose packet ends among those that already wait. What is granted in the next cycle then depends on registers alone,
    which is early. Only if nobody waits is the grant found in the cycle itself, by a fixed order, higher bits before
    lower ones. So an output is never idle while somebody asks for it, and a request that waits is passed by
    ``count`` - 1 packets at most.

    Requests with ``first`` go before those without, which are not settled beforehand: in the next cycle they compete
    with new ones. A request without ``first`` can wait for ever; once it has it, ``count`` packets at most pass it by.

    Parameters
    ----------
    count
        Number of requests, 1 or more.
    single
        A packet may end in the cycle in which it is first granted. Otherwise this must not happen.

    Members
    -------
    requests : In(count)
        Each stays up until its packet ends.
    first : In(count)
        Which requests go before the others while they are up. If not connected, all do, which is as if none did.
    ends : In(1)
        The packet that is granted ends in this cycle.
    grant : Out(count)
        One-hot; zero if nobody asks.
    held : Out(1)
        The same was granted in the last cycle, for the same packet.
    owner : Out(count)
        To whom, if so; else zero.

    Attributes
    ----------
    early : Signal(count)
        The grant as far as registers know it: of a packet that has begun, or settled beforehand.
    settled : Signal
        Whether they know one. With many requests a register itself, to be early.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.
    """

    def __init__(self, count: int, *, single: bool = False) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count!r}")
        self._count = count
        self._single = single
        super().__init__(
            {
                "requests": In(count),
                "first": In(count, init=(1 << count) - 1),  # type: ignore[call-arg]  # the stubs do not know it
                "ends": In(1),
                "grant": Out(count),
                "held": Out(1),
                "owner": Out(count),
            }
        )
        self.early = Signal(count)
        self.settled = Signal()

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        count, grant = self._count, self.grant
        early, settled = self.early, self.settled
        urgent, able, waiting, behind = (Signal(count, name=name) for name in ("urgent", "able", "waiting", "behind"))
        # Who ends; if packets do not end at once, that is in registers.
        ending = grant if self._single else early
        if count > 2:
            m.d.sync += settled.eq(Mux(self.ends, waiting.any(), self.requests.any()))
        else:
            m.d.comb += settled.eq(early.any())
        m.d.comb += [
            urgent.eq(self.requests & self.first),
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
