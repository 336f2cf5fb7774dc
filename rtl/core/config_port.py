"""The way in for everything that a core is programmed with."""

import enum

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In

from .neurons import Neurons
from .params import CoreParams
from .spike_sender import SpikeSender
from .synapses import Synapses

__all__ = ["ConfigPort", "ConfigTarget", "config_word"]


class ConfigTarget(enum.IntEnum):
    """What a word is written to, with what its ``row`` and ``column`` are there, and its ``value``."""

    SYNAPSES = 0
    """Row: axon. Column: neuron. Value: weight."""
    NEURONS = 1
    """Row: number of the variable in `Neurons.variables`. Column: neuron. Value: the variable's."""
    FIRSTS = 2
    """Column: neuron. Value: its first entry in the destination table, and above it whether it has any."""
    ENTRIES = 3
    """Column: entry of the destination table. Value: the event that is sent, and above it whether it is the last."""


def config_word(synapses: Synapses, neurons: Neurons, sender: SpikeSender) -> data.StructLayout:
    """A word to be written into a core of these parts: ``target``, ``row``, ``column``, ``value``."""
    row = max(len(synapses.program.axon), len(neurons.program.variable))
    column = max(len(sender.first_program.neuron), len(sender.entry_program.entry))
    values = (
        synapses.program.weight,
        neurons.program.value,
        sender.first_program.first,
        sender.entry_program.target,
    )
    value = max(len(Value.cast(part)) for part in values)
    return data.StructLayout({"target": 2, "row": row, "column": column, "value": value})


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

    def __init__(self, params: CoreParams, synapses: Synapses, neurons: Neurons, sender: SpikeSender) -> None:
        self.params = params
        self.word = config_word(synapses, neurons, sender)
        super().__init__(
            {
                "words": In(stream.Signature(self.word)),
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
        lane_bits = (self.params.lanes - 1).bit_length()
        lane, group = word.column[:lane_bits], word.column[lane_bits:]
        m.d.comb += [
            self.words.ready.eq(~self.busy),
            self.synapses.axon.eq(word.row),
            self.synapses.weight.eq(word.value),
            self.neurons.variable.eq(word.row),
            self.neurons.value.eq(word.value),
            self.firsts.neuron.eq(word.column),
            self.firsts.first.eq(word.value),
            self.entries.entry.eq(word.column),
            self.entries.target.eq(word.value),
        ]
        for part in (self.synapses, self.neurons):
            m.d.comb += [part.lane.eq(lane), part.group.eq(group)]
        for target, port in zip(ConfigTarget, (self.synapses, self.neurons, self.firsts, self.entries), strict=True):
            m.d.comb += port.valid.eq(taken & (word.target == target))
        return m
