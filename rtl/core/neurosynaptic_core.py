"""A neurosynaptic core: events in, spikes out, tick by tick."""

from amaranth.hdl import Module, Mux, ResetSignal, Shape, ShapeLike, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .axon_queue import AxonQueue, axon_event, ring_words
from .config_port import ConfigPort, config_request
from .config_word import ConfigWords
from .counters import CoreCounter, CoreCounters
from .neurons import Neurons
from .params import DELAY_SLOTS, CoreParams
from .spike_sender import SpikeSender, spike_event
from .synapses import Synapses
from .typed_synapses import TypedSynapses

__all__ = ["NeurosynapticCore"]


class NeurosynapticCore(wiring.Component):
    """Axon events, a crossbar of synapses, neurons, and the table of their targets.

    In each tick the rows of the axons whose events are due are added up, then every neuron is updated once; those that
    fire send their events while the core goes on. An event that arrives in a tick acts ``delay`` ticks later. A tick
    that begins before the core is done with the one before waits until it is, which is an overrun. An event that comes
    meanwhile acts as if the core had kept up, if that is no more than 15 ticks ahead; else it is refused. No more than
    255 ticks wait; further ones are left out.

    Parameters
    ----------
    address
        Shape of a tile's address.
    identity
        The number by which a host knows what it has before it, see `ConfigTarget.IDENTITY`.

    Members
    -------
    tick : In(1)
        A tick begins.
    busy : Out(1)
        The tick is under way, or spikes of it are still to be sent; or memories are being emptied after a reset.
    overrun : Out(1)
        A tick begins in this cycle while the core is not done with the one before.
    arrivals : In(stream(axon event))
    refused : Out(1)
        See `AxonQueue` and `ConfigPort`.
    spikes : Out(stream(spike event))
    program : In(stream(config request))
        Everything that the core is programmed with and asked, see `ConfigPort`; taken between ticks only.
    replies : Out(stream(config word))
        What was read.
    reading : Out(1)
        A word is being read, or its reply has not been taken.
    late, lost, lost_word : In(1)
        If there are counters: an event comes late, an event is refused, or a word, before it is here.
    counting : Out(1)
        If there are counters: they change, be the core busy or not.

    Attributes
    ----------
    words : ConfigWords
        The words.
    """

    def __init__(self, params: CoreParams, address: ShapeLike, *, identity: int = 0) -> None:
        self.params = params
        self.queue = AxonQueue(params)
        self.synapses = TypedSynapses(params) if params.neuron == "truenorth" else Synapses(params)
        self.neurons = Neurons(params)
        self.sender = SpikeSender(params, address)
        self.words = ConfigWords(params, Shape.cast(address).width)
        self.config = ConfigPort(self.words, self.synapses, self.neurons, self.sender, identity)
        super().__init__(
            {
                "tick": In(1),
                "busy": Out(1),
                "overrun": Out(1),
                "arrivals": In(stream.Signature(axon_event(params))),
                "refused": Out(1),
                "spikes": Out(stream.Signature(spike_event(params, address))),
                "program": In(stream.Signature(config_request(self.words))),
                "replies": Out(stream.Signature(self.words.layout)),
                "reading": Out(1),
                **(
                    {"late": In(1), "lost": In(1), "lost_word": In(1), "counting": Out(1)}
                    if params.counter_bits
                    else {}
                ),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = self.queue
        m.submodules.synapses = synapses = self.synapses
        m.submodules.neurons = neurons = self.neurons
        m.submodules.sender = sender = self.sender
        wiring.connect(m, wiring.flipped(self.arrivals), queue.arrivals)
        wiring.connect(m, queue.events, synapses.events)
        wiring.connect(m, sender.spikes, wiring.flipped(self.spikes))
        m.submodules.config = config = self.config
        wiring.connect(m, wiring.flipped(self.program), config.requests)
        wiring.connect(m, config.replies, wiring.flipped(self.replies))
        wiring.connect(m, config.synapses, synapses.program)
        wiring.connect(m, config.neurons, neurons.program)
        wiring.connect(m, config.firsts, sender.first_program)
        wiring.connect(m, config.entries, sender.entry_program)
        if isinstance(synapses, TypedSynapses):
            wiring.connect(m, synapses.lookup, neurons.lookup)
        m.d.comb += [
            self.refused.eq(queue.refused | config.refused | config.unread),
            self.reading.eq(config.reading),
            *(taken.eq(given) for taken, given in zip(neurons.totals, synapses.totals, strict=True)),
            sender.start.eq(neurons.start),
            sender.fired_valid.eq(neurons.fired_valid),
            sender.fired_group.eq(neurons.fired_group),
            sender.fired.eq(neurons.fired),
        ]

        clearing = self._clear(m)
        owed = Signal(8)  # ticks that have begun and that the core has not
        begin = Signal()
        idle = Signal()
        m.d.comb += [
            begin.eq(idle & (self.tick | owed.any())),
            queue.behind.eq(Mux(owed[4:].any(), DELAY_SLOTS - 1, owed)),
        ]
        with m.If(self.tick & ~begin & ~owed.all()):
            m.d.sync += owed.eq(owed + 1)
        with m.If(~self.tick & begin):
            m.d.sync += owed.eq(owed - 1)
        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.comb += queue.advance.eq(begin)
                with m.If(begin):
                    m.next = "INTEGRATE"
            # Groups of the tick before may still wait for the network; they leave, whatever arrives.
            with m.State("INTEGRATE"), m.If(~queue.busy & ~synapses.busy & sender.room):
                m.d.comb += neurons.start.eq(1)
                m.next = "UPDATE"
            with m.State("UPDATE"), m.If(~neurons.busy):
                m.next = "IDLE"
        m.d.comb += [
            idle.eq(fsm.ongoing("IDLE") & ~clearing),
            self.busy.eq(~idle | owed.any() | sender.busy),
            config.busy.eq(self.busy),
            self.overrun.eq(self.tick & (~idle | owed.any())),
        ]
        if self.params.counter_bits:
            self._count(m)
        return m

    def _clear(self, m: Module) -> Value:
        """After a reset, empty what memories hold of ticks that were under way or to come; whether that is going on.

        They are empty at power-up, so that a chip that is not reset begins at once.
        """
        words = max(ring_words(self.params), self.params.groups)
        clearing = Signal(reset_less=True)  # set by a reset, not cleared by it
        place = Signal(range(words))
        with m.If(ResetSignal(allow_reset_less=True)):
            m.d.sync += clearing.eq(1)
        with m.Elif(clearing):
            m.d.sync += [place.eq(place + 1), clearing.eq(place != words - 1)]
        queue, synapses, neurons = self.queue, self.synapses, self.neurons
        m.d.comb += [
            queue.clear.eq(clearing),
            queue.place.eq(place),
            # A sum that is taken becomes 0.
            synapses.group.eq(Mux(clearing, place, neurons.group)),
            synapses.take.eq(neurons.take | clearing),
        ]
        return clearing

    def _count(self, m: Module) -> None:
        m.submodules.counters = counters = CoreCounters(self.params)
        queue, sender = self.queue, self.sender
        events = {
            CoreCounter.TICKS: self.neurons.start,
            CoreCounter.AXON_EVENTS: queue.events.valid & queue.events.ready,
            CoreCounter.SPIKES: sender.looking_up,
            CoreCounter.PACKETS: self.spikes.valid & self.spikes.ready,
            CoreCounter.BUSY_CYCLES: self.busy,
            CoreCounter.OVERRUNS: self.overrun,
            CoreCounter.MERGED: queue.merged,
            CoreCounter.LATE: self.late,
            CoreCounter.REFUSED_EVENTS: queue.refused | self.lost,
            CoreCounter.REFUSED_WORDS: self.config.refused | self.lost_word,
            CoreCounter.UNREAD_WORDS: self.config.unread,
        }
        m.d.comb += [
            counters.number.eq(self.config.number),
            self.config.count.eq(counters.count),
            self.counting.eq(counters.busy),
            *(counters.events[counter].eq(event) for counter, event in events.items()),
        ]
