"""Drives a neurosynaptic core in Amaranth's simulator."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from amaranth.hdl import Value
from support.core_twin import CoreTwin

from synaptile.rtl.core.config_word import ConfigTarget, ConfigWord, ConfigWords
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.core.typed_synapses import TypedSynapses

__all__ = ["CoreBench", "load", "words_of"]


def words_of(twin: CoreTwin, words: ConfigWords) -> Iterator[ConfigWord]:
    """The words by which a core becomes what its twin is."""
    for axon, row in enumerate(twin.weights):
        for neuron, weight in enumerate(row):
            yield ConfigWord(ConfigTarget.SYNAPSES, axon, neuron, weight)
    variables = [*neuron_variables(twin.params)]
    for neuron, values in enumerate(twin.neurons):
        for name, value in values.items():
            yield ConfigWord(ConfigTarget.NEURONS, variables.index(name), neuron, value)
    entry = 0
    for neuron, targets in enumerate(twin.targets):
        yield ConfigWord(ConfigTarget.FIRSTS, 0, neuron, words.first(entry if targets else None))
        for number, (address, axon, delay) in enumerate(targets):
            last = number == len(targets) - 1
            yield ConfigWord(ConfigTarget.ENTRIES, 0, entry, words.entry(address, axon, delay, last))
            entry += 1


def load(ctx: Any, core: NeurosynapticCore, twin: CoreTwin) -> None:
    """Put what a twin has straight into a core's memories."""
    params, lanes = twin.params, twin.params.lanes

    def groups(values: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        return ((group, list(values[group * lanes : (group + 1) * lanes])) for group in range(params.groups))

    for axon, weights in enumerate(twin.weights):
        if isinstance(core.synapses, TypedSynapses):  # a bit for each synapse, and a type for the row
            ctx.set(core.synapses.types.storage.data[axon], [max(0, *weights, 1) - 1])
            weights = [int(weight != 0) for weight in weights]
        for group, row in groups(weights):
            ctx.set(core.synapses.weights.storage.data[axon << params.group_bits | group], row)
    for name in twin.neurons[0]:
        for group, row in groups([values[name] for values in twin.neurons]):
            ctx.set(core.neurons.memories[name].storage.data[group], row)
    entry = 0
    for neuron, targets in enumerate(twin.targets):
        ctx.set(core.sender.firsts.storage.data[neuron], [{"entry": entry if targets else 0, "sends": bool(targets)}])
        for number, (address, axon, delay) in enumerate(targets):
            last = number == len(targets) - 1
            word = core.words.entry(address, axon, delay, last)
            storage = core.sender.entries.storage
            ctx.set(storage.data[entry], storage.shape.from_bits(word))
            entry += 1


class CoreBench:
    """Programs a core as its twin is, ticks it, and takes what it sends."""

    def __init__(self, ctx: Any, core: NeurosynapticCore, chance: random.Random, patience: float = 1.0) -> None:
        self.ctx, self.core, self.chance, self.patience = ctx, core, chance, patience
        self.sent: list[tuple[int, int, int]] = []
        self.cycles = 0

    async def cycle(self) -> None:
        """A cycle, in which an event may leave."""
        ready = self.chance.random() < self.patience
        self.ctx.set(self.core.spikes.ready, ready)
        if ready and self.ctx.get(self.core.spikes.valid):
            spike = self.ctx.get(self.core.spikes.payload)
            self.sent.append((spike.address, spike.event.axon, spike.event.delay))
        self.cycles += 1
        await self.ctx.tick()

    async def program(self, twin: CoreTwin) -> None:
        """Write every memory."""
        for word in words_of(twin, self.core.words):
            await self.write(word)

    async def write(self, word: ConfigWord) -> None:
        """Write a word as soon as the core takes it."""
        ctx, port = self.ctx, self.core.program
        ctx.set(Value.cast(port.payload.word), self.core.words.encode(*word))
        ctx.set(port.valid, 1)
        while not ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        ctx.set(port.valid, 0)

    async def read(self, word: ConfigWord) -> ConfigWord | None:
        """Read a word; None if the core refuses that."""
        ctx, core = self.ctx, self.core
        ctx.set(core.program.payload.read, 1)
        await self.write(word)
        ctx.set(core.program.payload.read, 0)
        ctx.set(core.replies.ready, 1)
        while not ctx.get(core.replies.valid):
            if ctx.get(core.refused):
                return None
            await self.cycle()
        found = core.words.decode(ctx.get(Value.cast(core.replies.payload)))
        await self.cycle()
        return found

    async def arrive(self, axon: int, delay: int) -> None:
        """Give the core an event."""
        ctx, arrivals = self.ctx, self.core.arrivals
        ctx.set(arrivals.payload, {"axon": axon, "delay": delay})
        ctx.set(arrivals.valid, 1)
        while not ctx.get(arrivals.ready):
            await self.cycle()
        await self.cycle()
        ctx.set(arrivals.valid, 0)

    async def tick(self) -> None:
        """Begin a tick."""
        self.ctx.set(self.core.tick, 1)
        await self.cycle()
        self.ctx.set(self.core.tick, 0)

    async def finish(self) -> None:
        """Wait until the core is done."""
        while self.ctx.get(self.core.busy):
            await self.cycle()

    def potentials(self, params: CoreParams) -> list[int]:
        """The potentials, out of the memory."""
        return self.variable(params, "v")

    def variable(self, params: CoreParams, name: str) -> list[int]:
        """A variable of all neurons, out of its memory."""
        storage = self.core.neurons.memories[name].storage
        words = [self.ctx.get(storage.data[group]) for group in range(params.groups)]
        return [words[n // params.lanes][n % params.lanes] for n in range(params.neurons)]
