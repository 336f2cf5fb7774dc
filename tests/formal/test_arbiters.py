# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal
from formal.prover import holds

from synaptile.rtl.arbitration.arbiters import Arbiter, LeastRecentArbiter, RoundRobinArbiter
from synaptile.rtl.arbitration.lookahead import LookaheadArbiter

pytestmark = pytest.mark.formal


class Fixed(Arbiter):
    """A flaw: the lowest request always wins."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.grant.eq(self.requests & -self.requests)
        return m


class Generous(RoundRobinArbiter):
    """A flaw: two may be granted at once."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.grant.eq(self.requests)
        return m


def contract(arbiter: Arbiter, count: int, *, steady: bool) -> Module:
    """One at most is granted, only who asks, somebody if anybody asks, and nobody waits for more than all others."""
    m = Module()
    m.submodules.arbiter = arbiter
    grant, requests = arbiter.grant, arbiter.requests
    m.d.comb += [
        Assert((grant & (grant - 1)) == 0),
        Assert((grant & ~requests) == 0),
        Assert(grant.any() == requests.any()),
        arbiter.accept.eq(1),
    ]
    waited = Signal(count)
    m.d.sync += waited.eq(requests & ~grant)
    if steady:
        m.d.comb += Assume((waited & ~requests) == 0)
    for i in range(count):
        refused = Signal(range(count + 2), name=f"refused_{i}")
        m.d.sync += refused.eq(Mux(grant[i], 0, Mux(requests[i] & (refused <= count), refused + 1, refused)))
        m.d.comb += Assert(refused < count)
    return m


@pytest.mark.parametrize("count", [2, 4, 5])
@pytest.mark.parametrize(("kind", "steady"), [(RoundRobinArbiter, True), (LeastRecentArbiter, False)])
def test_one_is_granted_and_nobody_starves(kind: type[Arbiter], steady: bool, count: int) -> None:
    arbiter = kind(count)
    assert holds(contract(arbiter, count, steady=steady), [arbiter.requests], steps=2 * count + 2, induction=False), (
        "bounded: the first 2 count + 2 cycles"
    )


@pytest.mark.parametrize("kind", [RoundRobinArbiter, LeastRecentArbiter])
def test_mutual_exclusion_for_ever(kind: type[Arbiter]) -> None:
    """By induction, given that the order among requests is an order, which is shown along with it.

    Nor does who is held lose the grant.
    """
    count = 4
    arbiter = kind(count)
    m = Module()
    m.submodules.arbiter = arbiter
    grant, requests = arbiter.grant, arbiter.requests
    m.d.comb += [
        Assert((grant & (grant - 1)) == 0),
        Assert((grant & ~requests) == 0),
        Assert(grant.any() == requests.any()),
    ]
    if isinstance(arbiter, LeastRecentArbiter):
        for i in range(count):
            for j in range(i + 1, count):
                for k in range(j + 1, count):
                    ij, jk, ik = arbiter.before[i, j], arbiter.before[j, k], arbiter.before[i, k]
                    m.d.comb += Assert(~Cat(ij, jk, ~ik).all() & ~Cat(~ij, ~jk, ik).all())
    kept = Signal(count)
    m.d.sync += kept.eq(Mux(arbiter.accept & arbiter.hold, grant, 0))
    m.d.comb += Assert(((kept & requests) == 0) | (grant == kept))
    assert holds(m, [requests, arbiter.accept, arbiter.hold], steps=2, induction=True)


@pytest.mark.parametrize("kind", [Fixed, Generous])
def test_a_flaw_is_found(kind: type[Arbiter]) -> None:
    arbiter = kind(3)
    assert not holds(contract(arbiter, 3, steady=True), [arbiter.requests], steps=8, induction=False)


def test_round_robin_starves_who_comes_and_goes() -> None:
    arbiter = RoundRobinArbiter(3)
    assert not holds(contract(arbiter, 3, steady=False), [arbiter.requests], steps=8, induction=False)


class Hasty(LookaheadArbiter):
    """A flaw: who waits may be granted in the middle of a packet."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.sync += self.early.eq(0)
        return m


class Steep(LookaheadArbiter):
    """A flaw: nothing is settled beforehand, so that a fixed order decides."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.ends):
            m.d.sync += self.early.eq(0)
        return m


def early_contract(
    arbiter: LookaheadArbiter, count: int, *, single: bool, giving_way: bool, fairness: bool = True
) -> Module:
    """One request at most is granted, one if there is any, and the same until its packet ends.

    With ``fairness``, no request that waits is passed by more than ``count`` - 1 packets. With ``giving_way``, none
    that waits and has ceased to give way is passed by more than ``count``.
    """
    m = Module()
    m.submodules.arbiter = arbiter
    grant, requests, ends = arbiter.grant, arbiter.requests, arbiter.ends
    before, packet = Signal(count), Signal(count)
    m.d.sync += [before.eq(requests & ~Mux(ends, grant, 0)), packet.eq(Mux(ends, 0, grant))]
    m.d.comb += [
        # A request stays up until its packet ends, and a packet ends while it is granted.
        Assume((before & ~requests) == 0),
        Assume(~ends | (grant.any() if single else arbiter.held)),
        Assert((grant & (grant - 1)) == 0),
        Assert((grant & ~requests) == 0),
        Assert(grant.any() == requests.any()),
        Assert((packet == 0) | (grant == packet)),
        Assert(arbiter.owner == packet),
        Assert(arbiter.held == packet.any()),
        # The registers hold what is granted, and what has been settled: requests that waited.
        Assert((arbiter.early & (arbiter.early - 1)) == 0),
        Assert((arbiter.early & ~before) == 0),
        Assert(arbiter.settled == arbiter.early.any()),
    ]
    if not giving_way:
        m.d.comb += arbiter.giving_way.eq(0)
    if not fairness:
        return m
    waiting = Signal(count)
    m.d.sync += waiting.eq(Mux(ends, requests & ~grant, requests) & ~arbiter.giving_way)
    m.d.comb += Assume((waiting & requests & arbiter.giving_way) == 0)
    for i in range(count):
        passed = Signal(range(count + 2), name=f"passed_{i}")
        waits = requests[i] & ~arbiter.giving_way[i] & ~grant[i]
        begins = grant.any() & ~arbiter.held
        m.d.sync += passed.eq(Mux(waits, Mux(begins & (passed <= count), passed + 1, passed), 0))
        m.d.comb += Assert(passed < count + giving_way)
    return m


@pytest.mark.parametrize("giving_way", [False, True])
@pytest.mark.parametrize(("count", "single"), [(2, False), (3, True), (4, False), (5, False), (5, True)])
def test_early_grants_keep_packets_whole_and_none_starves(count: int, single: bool, giving_way: bool) -> None:
    """Bounded: the first 2 count + 2 cycles; in the shortest case a packet takes two of them, or one if single."""
    arbiter = LookaheadArbiter(count, single=single)
    m = early_contract(arbiter, count, single=single, giving_way=giving_way)
    inputs = [arbiter.requests, arbiter.ends, *([arbiter.giving_way] if giving_way else [])]
    assert holds(m, inputs, steps=2 * count + 2, induction=False)


@pytest.mark.parametrize("single", [False, True])
def test_early_grants_keep_packets_whole_for_ever(single: bool) -> None:
    """By induction."""
    arbiter = LookaheadArbiter(5, single=single)
    m = early_contract(arbiter, 5, single=single, giving_way=True, fairness=False)
    assert holds(m, [arbiter.requests, arbiter.ends, arbiter.giving_way], steps=2, induction=True)


@pytest.mark.parametrize("kind", [Hasty, Steep])
def test_a_flaw_in_early_grants_is_found(kind: type[LookaheadArbiter]) -> None:
    arbiter = kind(3)
    m = early_contract(arbiter, 3, single=False, giving_way=False)
    assert not holds(m, [arbiter.requests, arbiter.ends], steps=10, induction=False)
