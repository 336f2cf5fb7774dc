"""The events that wait for their tick: a ring of slots, each with a bit for every axon."""

from amaranth.hdl import Array, Cat, Const, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .block_ram import BlockRam
from .params import DELAY_SLOTS, CoreParams

__all__ = ["AxonQueue", "axon_event", "ring_words"]

_WORD = 16  # axons in a word of the ring: few cycles to go through a slot, and a short priority encoder


def axon_event(params: CoreParams) -> data.StructLayout:
    """An event on its way into a core: it acts ``delay`` ticks after that in which it arrives."""
    return data.StructLayout({"axon": params.axon_bits, "delay": (DELAY_SLOTS - 1).bit_length()})


def ring_words(params: CoreParams) -> int:
    """Words of the ring: for each slot as many as it takes for all axons, with a bit for each."""
    return DELAY_SLOTS << max(0, params.axon_bits - (_WORD - 1).bit_length())


class AxonQueue(wiring.Component):
    """Takes events for one of the next 15 ticks, and gives those of the present one.

    An event is taken every other cycle at most, and while the due slot is being read. Two events of one axon for one
    tick are one. The slot of the present tick is never written, for a delay is 1 to 15, so reading it loses nothing.

    Members
    -------
    arrivals : In(stream(axon event))
    behind : In(4)
        Ticks that have begun everywhere but here, 15 also for more: an event that comes then acts so much later.
    refused : Out(1)
        In the cycle after an event was taken that has a delay of 0, or an axon that the core does not have, or that
        acts more than 15 ticks after the slot that is read: it is lost.
    merged : Out(1)
        In the second cycle after: there was one of that axon for that tick already.
    advance : In(1)
        The next tick begins. Only while not ``busy``.
    clear : In(1)
        Empties the word of the ring that is numbered ``place``; meanwhile no event is taken, and none may be due.
    place : In(range(words of the ring))
    events : Out(stream(axon))
        The axons of the present tick, ascending.
    busy : Out(1)
        There are more of them, or it is not known yet.
    """

    def __init__(self, params: CoreParams) -> None:
        self.params = params
        super().__init__(
            {
                "arrivals": In(stream.Signature(axon_event(params))),
                "behind": In(range(DELAY_SLOTS)),
                "refused": Out(1),
                "merged": Out(1),
                "advance": In(1),
                "clear": In(1),
                "place": In(range(ring_words(params))),
                "events": Out(stream.Signature(params.axon_bits)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width = min(_WORD, 1 << self.params.axon_bits)
        low = (width - 1).bit_length()  # bits of an axon's number that are its place in a word
        high = self.params.axon_bits - low
        words = -(-self.params.axons // width)
        m.submodules.ring = ring = BlockRam(width, depth=ring_words(self.params))
        slot = Signal((DELAY_SLOTS - 1).bit_length())
        filled = Signal(DELAY_SLOTS)  # bit d: there are events that act d ticks from now

        arrival = self.arrivals.payload
        taken, writing, bit = Signal(), Signal(), Signal(low)
        address = Signal.like(ring.write_addr)
        marks = Array(Const(1 << i, width) for i in range(width))
        due = Signal.like(slot)
        scanning, fetching = Signal(), Signal()
        word, index, base = Signal(width), Signal(range(words)), Signal(high)
        wants = Signal()
        ahead = Signal(range(2 * DELAY_SLOTS))  # slots from that which is read to that in which it acts
        legal = (arrival.delay != 0) & ~ahead[-1] & (arrival.axon < self.params.axons)
        m.d.comb += [
            wants.eq(scanning & ~fetching & ~word.any()),
            self.arrivals.ready.eq(~writing & ~wants & ~self.clear),
            taken.eq(self.arrivals.valid & self.arrivals.ready),
            ahead.eq(arrival.delay + self.behind),
            due.eq(slot + ahead),
        ]
        m.d.sync += [writing.eq(taken & legal), self.refused.eq(taken & ~legal)]
        arriving = Signal(DELAY_SLOTS)
        with m.If(taken & legal):
            m.d.comb += arriving.eq(1 << ahead[:-1])
            m.d.sync += [bit.eq(arrival.axon[:low]), address.eq(Cat(arrival.axon[low:], due))]

        # An event is added to its word; a word of the due slot is emptied as it is read. Never both in one cycle.
        fetch = Signal()
        m.d.comb += [
            fetch.eq(wants & ~writing),
            ring.read_addr.eq(Cat(arrival.axon[low:], due)),
            ring.write_en.eq(writing | fetching),
            ring.write_addr.eq(address),
            ring.write[0].eq(ring.read[0] | marks[bit]),
        ]
        with m.If(wants):
            m.d.comb += ring.read_addr.eq(Cat(index[:high], slot))
        with m.If(fetching | self.clear):
            m.d.comb += ring.write[0].eq(0)
        with m.If(self.clear):
            m.d.comb += [ring.write_en.eq(1), ring.write_addr.eq(self.place)]
        with m.If(fetch):
            m.d.sync += [address.eq(Cat(index[:high], slot)), base.eq(index)]
        m.d.sync += self.merged.eq(writing & (ring.read[0] & marks[bit]).any())
        m.d.sync += [fetching.eq(fetch), filled.eq(filled | arriving)]

        free = Signal()
        lowest = Signal(low)
        m.d.comb += free.eq(~self.events.valid | self.events.ready)
        for i in reversed(range(width)):
            with m.If(word[i]):
                m.d.comb += lowest.eq(i)
        with m.If(free):
            m.d.sync += [self.events.valid.eq(word.any()), self.events.payload.eq(Cat(lowest, base))]
            m.d.sync += word.eq(word & (word - 1))
        with m.If(fetching):  # the word was empty
            m.d.sync += [word.eq(ring.read[0]), index.eq(index + 1)]
            with m.If(index == words - 1):
                m.d.sync += [scanning.eq(0), index.eq(0)]
        with m.If(self.advance):
            m.d.sync += [
                slot.eq(slot + 1),
                filled.eq((filled | arriving) >> 1),
                scanning.eq((filled | arriving)[1]),
            ]
        m.d.comb += self.busy.eq(scanning | fetching | word.any() | self.events.valid)
        return m
