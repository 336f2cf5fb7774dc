# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal
from formal.prover import holds

from synaptile.rtl.arbiter import Arbiter, LeastRecentArbiter, RoundRobinArbiter

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
