# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Module, Signal
from formal.prover import holds
from support.effort import examples

from synaptile.rtl.core.axon_queue import AxonQueue
from synaptile.rtl.core.params import DELAY_SLOTS, CoreParams

pytestmark = pytest.mark.formal


class Early(AxonQueue):
    """A flaw: it says that there are no more events while there are."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.busy.eq(0)
        return m


def contract(queue: AxonQueue) -> Module:
    """Of an axon, any one, each event comes in its tick, once, before the queue says that there are no more."""
    m = Module()
    m.submodules.queue = queue
    axon = Signal(queue.params.axon_bits)
    chosen = Signal.like(axon)
    first = Signal(init=1)
    expected = Signal(DELAY_SLOTS)  # bit d: an event of the axon acts d ticks from now
    arrival = queue.arrivals.payload
    into = queue.arrivals.valid & queue.arrivals.ready & (arrival.axon == axon)
    ahead = arrival.delay + queue.behind
    into &= (arrival.axon < queue.params.axons) & (arrival.delay != 0) & (ahead < DELAY_SLOTS)
    out = queue.events.valid & queue.events.ready & (queue.events.payload == axon)
    known = Signal.like(expected)
    m.d.comb += [
        known.eq(expected),
        Assume(first | (axon == chosen)),
        Assume(~queue.advance | ~queue.busy),
        Assert(~out | expected[0]),
        Assert(queue.busy | ~expected[0]),
    ]
    with m.If(into):
        m.d.comb += known.eq(expected | (1 << ahead[:4]))
    m.d.sync += [first.eq(0), chosen.eq(axon), expected.eq(known)]
    with m.If(out):
        m.d.sync += expected.eq(known & ~1)
    with m.If(queue.advance):
        m.d.sync += expected.eq(known >> 1)
    m.free = axon  # type: ignore[attr-defined]
    return m


def shown(queue: AxonQueue, bound: int) -> bool:
    circuit = contract(queue)
    inputs = [
        circuit.free, queue.arrivals.valid, queue.arrivals.payload, queue.behind, queue.advance, queue.events.ready,
    ]  # fmt: skip
    return holds(circuit, inputs, steps=bound, induction=False)


@pytest.mark.parametrize("axons", [4, 6])
def test_no_event_is_lost_early_late_or_twice(axons: int) -> None:
    """Bounded: so many cycles from reset, in which the ring of 16 ticks goes round."""
    assert shown(AxonQueue(CoreParams(axons=axons)), examples(14, 20))


def test_a_flaw_is_found() -> None:
    assert not shown(Early(CoreParams(axons=4)), 12)
