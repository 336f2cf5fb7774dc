"""The way in for everything that a core is programmed with, and the way out for what it is asked."""

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .config_word import IDENTITY_BITS, ConfigTarget, ConfigWords
from .counters import CoreCounter
from .neurons import Neurons
from .params import CoreParams
from .spike_sender import SpikeSender
from .synapses import Synapses

__all__ = ["ConfigPort", "config_request"]


def config_request(words: ConfigWords) -> data.StructLayout:
    """A ``word`` to be written, or with ``read`` one to be read, whatever its value."""
    return data.StructLayout({"word": words.layout, "read": 1})


class ConfigPort(wiring.Component):
    """Takes words, and writes them to a core's memories or reads them while the core does nothing else.

    Numbers beyond a memory write nothing, or wrap around where a memory's size is a power of two; what is read there
    means nothing. A tick that begins while a word is being read ends that: it goes first.

    Parameters
    ----------
    identity
        What is read from `ConfigTarget.IDENTITY`.

    Members
    -------
    requests : In(stream(config request))
        One in each cycle in which the core is not ``busy`` and no word is being read; it is written in the next.
    replies : Out(stream(config word))
        The word that was read, with its value.
    reading : Out(1)
        A word is being read, or its reply has not been taken.
    refused : Out(1)
        A word cannot be written.
    unread : Out(1)
        A word cannot be read, or a tick has begun meanwhile.
    busy : In(1)
    synapses, neurons, firsts, entries : Out
        To the ``program`` members of the parts.
    number, count : Out(counter), In(counter_bits)
        To the counters, if there are any.
    """

    def __init__(
        self, words: ConfigWords, synapses: Synapses, neurons: Neurons, sender: SpikeSender, identity: int
    ) -> None:
        self.params: CoreParams = words.params
        self.layouts = words
        self._identity = identity
        # From a memory's address to the value: a cycle until it stands in the first stage of the pipeline, then as many
        # as the pipeline is long, one in the memory, and three registers.
        self._cycles = neurons.latency + 5
        bits = self.params.counter_bits
        super().__init__(
            {
                "requests": In(stream.Signature(config_request(words))),
                "replies": Out(stream.Signature(words.layout)),
                "reading": Out(1),
                "refused": Out(1),
                "unread": Out(1),
                "busy": In(1),
                "synapses": synapses.signature.members["program"].flip(),
                "neurons": neurons.signature.members["program"].flip(),
                "firsts": sender.signature.members["first_program"].flip(),
                "entries": sender.signature.members["entry_program"].flip(),
                **({"number": Out(range(len(CoreCounter))), "count": In(bits)} if bits else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # A register, for decoding takes long. Nothing reads a memory in the first cycle of a tick.
        word, writing = Signal.like(self.requests.payload.word), Signal()
        looking = Signal()
        cycle = Signal(range(self._cycles))
        m.d.comb += [
            self.reading.eq(looking | self.replies.valid),
            self.requests.ready.eq(~self.busy & ~self.reading),
            self.replies.payload.eq(word),
        ]
        m.d.sync += writing.eq(0)
        with m.If(self.requests.valid & self.requests.ready):
            m.d.sync += [word.eq(self.requests.payload.word), cycle.eq(0)]
            m.d.sync += [writing.eq(~self.requests.payload.read), looking.eq(self.requests.payload.read)]

        known = Signal()  # for a read: there is something to be read; else to be written
        values = self._connect(m, word, writing, looking & ~self.busy, known)
        with m.If(writing):
            m.d.comb += self.refused.eq(~known)
        with m.If(looking):
            m.d.sync += cycle.eq(cycle + 1)
            with m.If(self.busy | (cycle == self._cycles - 1)):
                m.d.sync += [looking.eq(0), self.replies.valid.eq(~self.busy & known)]
                m.d.comb += self.unread.eq(self.busy | ~known)
                with m.Switch(word.target):
                    for target, value in values.items():
                        with m.Case(target):
                            m.d.sync += word.body[: len(value)].eq(value)
        with m.If(self.replies.valid & self.replies.ready):
            m.d.sync += self.replies.valid.eq(0)
        return m

    def _connect(self, m: Module, word: Any, writing: Value, look: Value, known: Value) -> dict[ConfigTarget, Value]:
        """Connect the parts; what can be read, by target."""
        lane_bits, values = (
            self.params.lane_bits,
            {ConfigTarget.IDENTITY: Value.cast(Const(self._identity, IDENTITY_BITS))},
        )

        def at(target: ConfigTarget, port: Any) -> tuple[Any, Any, Any]:
            m.d.comb += port.valid.eq(writing & (word.target == target))
            if self.params.readback:
                m.d.comb += port.look.eq(look & (word.target == target))
                values[target] = port.seen
            return self.layouts.parts(target, word.body)

        axon, neuron, weight = at(ConfigTarget.SYNAPSES, self.synapses)
        m.d.comb += [
            self.synapses.axon.eq(axon),
            self.synapses.lane.eq(neuron[:lane_bits]),
            self.synapses.group.eq(neuron[lane_bits:]),
            self.synapses.weight.eq(weight),
        ]
        variable, neuron, value = at(ConfigTarget.NEURONS, self.neurons)
        m.d.comb += [
            self.neurons.variable.eq(variable),
            self.neurons.lane.eq(neuron[:lane_bits]),
            self.neurons.group.eq(neuron[lane_bits:]),
            self.neurons.value.eq(value),
        ]
        _, neuron, first = at(ConfigTarget.FIRSTS, self.firsts)
        m.d.comb += [self.firsts.neuron.eq(neuron), self.firsts.first.eq(first)]
        _, entry, target = at(ConfigTarget.ENTRIES, self.entries)
        m.d.comb += [self.entries.entry.eq(entry), self.entries.target.eq(target)]
        if self.params.counter_bits:
            _, number, _ = self.layouts.parts(ConfigTarget.COUNTERS, word.body)
            m.d.comb += self.number.eq(number)
            values[ConfigTarget.COUNTERS] = self.count
        writable = [target for target in ConfigTarget if target <= ConfigTarget.ENTRIES]
        with m.Switch(word.target):
            with m.Case(*writable):
                m.d.comb += known.eq(writing | self.params.readback)
            with m.Case(*(target for target in values if target not in writable)):
                m.d.comb += known.eq(~writing)
        return values
