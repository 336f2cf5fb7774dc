"""The way in for everything that a core is programmed with."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In

from .config_word import ConfigTarget, ConfigWords
from .neurons import Neurons
from .params import CoreParams
from .spike_sender import SpikeSender
from .synapses import Synapses

__all__ = ["ConfigPort"]


class ConfigPort(wiring.Component):
    """Takes words, and writes them to a core's memories while it does nothing else.

    Numbers beyond a memory write nothing, or wrap around where a memory's size is a power of two.

    Members
    -------
    words : In(stream(config word))
        One in each cycle in which the core is not ``busy``; it is written in the next.
    busy : In(1)
    synapses, neurons, firsts, entries : Out
        To the ``program`` members of the parts.
    """

    def __init__(self, words: ConfigWords, synapses: Synapses, neurons: Neurons, sender: SpikeSender) -> None:
        self.params: CoreParams = words.params
        self.layouts = words
        super().__init__(
            {
                "words": In(stream.Signature(words.layout)),
                "busy": In(1),
                "synapses": synapses.signature.members["program"].flip(),
                "neurons": neurons.signature.members["program"].flip(),
                "firsts": sender.signature.members["first_program"].flip(),
                "entries": sender.signature.members["entry_program"].flip(),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        # A register, for decoding takes long. Nothing reads a memory in the first cycle of a tick.
        word, taken = Signal.like(self.words.payload), Signal()
        m.d.sync += [word.eq(self.words.payload), taken.eq(self.words.valid & ~self.busy)]
        m.d.comb += self.words.ready.eq(~self.busy)
        lane_bits = self.params.lane_bits

        def written(target: ConfigTarget, port: Any) -> tuple[Any, Any, Any]:
            m.d.comb += port.valid.eq(taken & (word.target == target))
            return self.layouts.parts(target, word.body)

        axon, neuron, weight = written(ConfigTarget.SYNAPSES, self.synapses)
        m.d.comb += [
            self.synapses.axon.eq(axon),
            self.synapses.lane.eq(neuron[:lane_bits]),
            self.synapses.group.eq(neuron[lane_bits:]),
            self.synapses.weight.eq(weight),
        ]
        variable, neuron, value = written(ConfigTarget.NEURONS, self.neurons)
        m.d.comb += [
            self.neurons.variable.eq(variable),
            self.neurons.lane.eq(neuron[:lane_bits]),
            self.neurons.group.eq(neuron[lane_bits:]),
            self.neurons.value.eq(value),
        ]
        _, neuron, first = written(ConfigTarget.FIRSTS, self.firsts)
        m.d.comb += [self.firsts.neuron.eq(neuron), self.firsts.first.eq(first)]
        _, entry, target = written(ConfigTarget.ENTRIES, self.entries)
        m.d.comb += [self.entries.entry.eq(entry), self.entries.target.eq(target)]
        return m
