# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal
from formal.prover import holds

from synaptile.rtl.router.vc_allocator import ChannelAllocator, channels_of_class

pytestmark = pytest.mark.formal


class Shared(ChannelAllocator):
    """A flaw: a channel with room is offered whether a packet has it or not."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.offer[0].eq(self.room & -self.room)
        return m


class Forgetful(ChannelAllocator):
    """A flaw: a credit that comes back while a flit is sent makes room for one more."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.sent[0] & self.credit[0]):
            m.d.sync += self.credits[0].eq(self.credits[0] + 1)
        return m


def contract(allocator: ChannelAllocator, channels: int, depth: int, classes: int) -> Module:
    """No two packets have a channel; nothing is sent without room; who can be served is made an offer.

    The router sends at most one flit a cycle, heads only on offered channels, body flits only on their packet's, and
    either only with room. A credit comes back for a flit that has been sent.
    """
    m = Module()
    m.submodules.allocator = allocator
    sent, last, credit = allocator.sent, allocator.last, allocator.credit
    offered = Cat((Cat(offer[i] for offer in allocator.offer)).any() for i in range(channels))
    owned = Signal(channels)
    under_way = [Signal(range(depth + 1), name=f"under_way_{i}") for i in range(channels)]
    m.d.comb += [
        Assume((sent & (sent - 1)) == 0),
        Assume((sent & ~allocator.room) == 0),
        Assume((sent & ~owned & ~offered) == 0),
    ]
    for i, count in enumerate(under_way):
        m.d.comb += [
            Assume(~credit[i] | (count != 0)),
            Assert(allocator.taken[i] == owned[i]),
            Assert(allocator.credits[i] + count == depth),
            # What is sent finds room at the other end.
            Assert(~sent[i] | (count < depth)),
        ]
        m.d.sync += count.eq(count + sent[i] - credit[i])
        with m.If(sent[i]):
            m.d.sync += owned[i].eq(~last)
    for offer, members in zip(allocator.offer, channels_of_class(channels, classes), strict=True):
        mine = sum(1 << i for i in members)
        free = Cat((Mux(under_way[i] < depth, 1, 0)[0]) & ~owned[i] for i in range(channels)) & mine
        m.d.comb += [
            Assert((offer & (offer - 1)) == 0),
            Assert((offer & ~free) == 0),
            Assert(offer.any() == free.any()),
        ]
    return m


@pytest.mark.parametrize(("channels", "depth", "classes"), [(2, 1, 1), (2, 3, 2), (3, 2, 2), (4, 4, 1), (4, 5, 2)])
def test_channels_are_handed_out_once_and_never_overrun_for_ever(channels: int, depth: int, classes: int) -> None:
    allocator = ChannelAllocator(channels, depth=depth, classes=classes)
    inputs = [allocator.credit, allocator.sent, allocator.last]
    assert holds(contract(allocator, channels, depth, classes), inputs, steps=2, induction=True)


@pytest.mark.parametrize("kind", [Shared, Forgetful])
def test_a_flaw_is_found(kind: type[ChannelAllocator]) -> None:
    allocator = kind(2, depth=2)
    inputs = [allocator.credit, allocator.sent, allocator.last]
    assert not holds(contract(allocator, 2, 2, 1), inputs, steps=6, induction=False)
