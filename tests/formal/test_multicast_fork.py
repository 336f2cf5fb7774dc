# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Const, Module, Mux, Signal
from formal.prover import holds

from synaptile.rtl import Port
from synaptile.rtl.channel.replay_fifo import ReplayFIFO
from synaptile.rtl.router.multicast_fork import Fork

pytestmark = pytest.mark.formal


class Repeating(Fork):
    """A flaw: what has been sent is forgotten when the packet is read again."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.passes & self.last):
            m.d.sync += self.done.eq(0)
        return m


class Hasty(Fork):
    """A flaw: of three copies, the last is left out."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.done.any() & self.begins.any()):
            m.d.comb += self.keep.eq(0)
            m.d.sync += self.more.eq(0)
        return m


FLITS = 3


def contract(fork: Fork) -> Module:
    """Every target of a packet gets one copy, nothing else does; the packet is kept until the last copy, and no longer.

    Packets of three flits with any targets. The router grants one remaining output when no copy is being sent, at any
    time, and passes flits of a copy at any time from then on.
    """
    m = Module()
    m.submodules.fork = fork
    served, current, targets = Signal(len(Port)), Signal(len(Port)), Signal(len(Port))
    inside, kept = Signal(), Signal()  # a copy has begun; its first flits were kept
    under_way = Signal()  # the packet's targets are known: it has been at the front before
    at = Signal(range(FLITS))
    begin = fork.begins.any()
    copying = inside | begin
    m.d.comb += [
        Assume((fork.begins & (fork.begins - 1)) == 0),
        Assume(~begin | ~inside),
        Assume((fork.begins & ~fork.remaining) == 0),
        Assume(~fork.passes | copying),
        Assume(fork.last == (at == FLITS - 1)),
        Assume(inside | ~under_way | (fork.targets == targets)),
        # What the queue and the router have of it.
        Assert(fork.done == served),
        Assert(~inside | ((fork.way == current) & (fork.more == kept))),
        Assert(inside | (at == 0)),
        Assert(at < FLITS),
        Assert(~inside | ((current & (current - 1)) == 0)),
        Assert(~inside | (current != 0)),
        Assert(under_way | (served == 0)),
        Assert(~inside | under_way),
        Assert((served & ~targets) == 0),
        Assert(~inside | ((served & current) == 0)),
        Assert(~inside | ((current & ~targets) == 0)),
        Assert(~inside | (kept == ((targets & ~served & ~current) != 0))),
        # The promise: no target twice, and the packet goes when, and only when, all have been served.
        Assert((fork.begins & served) == 0),
        Assert(
            ~copying
            | (fork.keep == ((Mux(inside, targets, fork.targets) & ~served & ~now(fork, inside, current)) != 0))
        ),
    ]
    with m.If(begin):
        m.d.sync += [
            current.eq(fork.begins),
            inside.eq(1),
            kept.eq(fork.keep),
            targets.eq(fork.targets),
            under_way.eq(1),
        ]
    with m.If(fork.passes):
        m.d.sync += at.eq(Mux(fork.last, 0, at + 1))
        with m.If(fork.last):
            m.d.sync += inside.eq(0)
            with m.If(fork.keep):
                m.d.sync += served.eq(served | now(fork, inside, current))
            with m.Else():
                m.d.sync += [served.eq(0), under_way.eq(0), targets.eq(0)]
    return m


def now(fork: Fork, inside: Signal, current: Signal) -> Signal:
    return Mux(inside, current, fork.begins)


def inputs_of(fork: Fork) -> list[Signal]:
    return [fork.targets, fork.begins, fork.passes, fork.last]


def test_every_target_gets_one_copy_for_ever() -> None:
    fork = Fork()
    assert holds(contract(fork), inputs_of(fork), steps=2, induction=True)


@pytest.mark.parametrize("kind", [Repeating, Hasty])
def test_a_flaw_is_found(kind: type[Fork]) -> None:
    fork = kind()
    assert not holds(contract(fork), inputs_of(fork), steps=12, induction=False)


class Leaking(ReplayFIFO):
    """A flaw: room is given away for what is kept."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.deq.valid & self.deq.ready & self.keep & ~(self.enq.valid & self.enq.ready)):
            m.d.sync += self.level.eq(self.level - 1)
        return m


def replay(queue: ReplayFIFO, depth: int) -> Module:
    """A list of which the first ``kept`` items have been read and stay; reading again begins at the first."""
    m = Module()
    m.submodules.queue = queue
    items = [Signal(2, name=f"item_{i}") for i in range(depth)]
    count, kept = Signal(range(depth + 1)), Signal(range(depth + 1))
    into, out = queue.enq.valid & queue.enq.ready, queue.deq.valid & queue.deq.ready
    leaves = out & ~queue.keep
    front = Const(0, 2)
    for i in reversed(range(depth)):
        front = Mux(kept == i, items[i], front)
    left = Signal.like(count)
    m.d.comb += [
        # A copy is kept as a whole, or not at all.
        Assume(queue.keep | (kept == 0)),
        left.eq(count - leaves),
        Assert(queue.level == count),
        Assert(queue.enq.ready == (count < depth)),
        Assert(queue.deq.valid == (kept < count)),
        Assert((kept >= count) | (queue.deq.payload == front)),
    ]
    m.d.sync += [
        count.eq(left + into),
        kept.eq(Mux(out & queue.keep, Mux(queue.again, 0, kept + 1), kept)),
    ]
    for i, item in enumerate(items):
        following = items[i + 1] if i + 1 < depth else item
        m.d.sync += item.eq(Mux(into & (left == i), queue.enq.payload, Mux(leaves, following, item)))
    return m


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_queue_gives_again_what_was_kept(depth: int) -> None:
    """Bounded: so many cycles from reset that a queue can be filled, read twice, and read out."""
    queue = ReplayFIFO(2, depth=depth)
    inputs = [queue.enq.valid, queue.enq.payload, queue.deq.ready, queue.keep, queue.again]
    assert holds(replay(queue, depth), inputs, steps=4 * depth + 2, induction=False)


def test_a_flaw_of_the_queue_is_found() -> None:
    queue = Leaking(2, depth=2)
    inputs = [queue.enq.valid, queue.enq.payload, queue.deq.ready, queue.keep, queue.again]
    assert not holds(replay(queue, 2), inputs, steps=6, induction=False)
