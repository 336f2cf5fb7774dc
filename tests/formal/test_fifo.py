# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Module, Mux, Signal
from formal.prover import State, holds

from synaptile.rtl.channel.fifo import StreamFIFO

pytestmark = pytest.mark.formal

WIDTH = 3


class Overwriting(StreamFIFO):
    """A flaw: what comes while the queue is full is written all the same."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.enq.ready.eq(1)
        return m


def contract(queue: StreamFIFO) -> Module:
    """A list: items leave it in the order in which they came, none is lost, none comes twice."""
    m = Module()
    m.submodules.queue = queue
    depth = queue.depth
    items = [Signal(WIDTH, name=f"item_{i}") for i in range(depth)]
    count = Signal(range(depth + 1))
    into, out = queue.enq.valid & queue.enq.ready, queue.deq.valid & queue.deq.ready
    left = Signal.like(count)
    m.d.comb += [
        left.eq(count - out),
        Assert(count <= depth),
        Assert(queue.level == count),
        Assert(queue.enq.ready == (count < depth)),
        Assert(queue.deq.valid == (count > 0)),
        Assert((count == 0) | (queue.deq.payload == items[0])),
    ]
    m.d.sync += count.eq(left + into)
    for i, item in enumerate(items):
        following = items[i + 1] if i + 1 < depth else item
        m.d.sync += item.eq(Mux(into & (left == i), queue.enq.payload, Mux(out, following, item)))
    return m


def layout(depth: int) -> object:
    """Where the list's items lie in the queue's memory, as SMT."""

    def strengthened(state: State) -> str:
        if depth == 1:
            return "true"
        bits = (depth - 1).bit_length()
        conditions = []
        for start in range(depth):
            for count in range(depth + 1):
                here = [state.equal("queue.read_index", start, bits), state.equal("count", count, depth.bit_length())]
                then = [state.equal("queue.write_index", (start + count) % depth, bits)]
                for i in range(count):
                    row = state[f"queue.storage[{(start + i) % depth}]"]
                    then.append(f"(= {row} {state[f'item_{i}']})")
                conditions.append(f"(=> (and {' '.join(here)}) (and {' '.join(then)}))")
        places = [state.equal("queue.read_index", start, bits) for start in range(depth)]
        return f"(and (or {' '.join(places)}) {' '.join(conditions)})"

    return strengthened


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_a_queue_is_a_list_for_ever(depth: int) -> None:
    queue = StreamFIFO(WIDTH, depth=depth)
    inputs = [queue.enq.valid, queue.enq.payload, queue.deq.ready]
    assert holds(contract(queue), inputs, steps=2, induction=True, strengthened=layout(depth))


def test_a_flaw_is_found() -> None:
    queue = Overwriting(WIDTH, depth=2)
    inputs = [queue.enq.valid, queue.enq.payload, queue.deq.ready]
    assert not holds(contract(queue), inputs, steps=6, induction=False)
