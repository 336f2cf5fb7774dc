"""Drives a neurosynaptic core in Amaranth's simulator."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from amaranth.hdl import Value
from support.core_twin import CoreTwin

from synaptile.rtl.core.config_port import ConfigTarget
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams

__all__ = ["CoreBench", "words_of"]


def words_of(twin: CoreTwin, core: NeurosynapticCore) -> Iterator[dict[str, int]]:
    """The words by which a core becomes what its twin is."""
    width = core.config.word["value"].width

    def word(target: ConfigTarget, row: int, column: int, value: int) -> dict[str, int]:
        return {"target": target, "row": row, "column": column, "value": value & ((1 << width) - 1)}

    for axon, row in enumerate(twin.weights):
        for neuron, weight in enumerate(row):
            yield word(ConfigTarget.SYNAPSES, axon, neuron, weight)
    for neuron, variables in enumerate(twin.neurons):
        for name, value in variables.items():
            yield word(ConfigTarget.NEURONS, core.neurons.variables.index(name), neuron, value)
    entry, params = 0, twin.params
    for neuron, targets in enumerate(twin.targets):
        yield word(ConfigTarget.FIRSTS, 0, neuron, entry | bool(targets) << params.target_bits)
        for number, (address, axon, delay) in enumerate(targets):
            address_bits = len(Value.cast(core.spikes.payload.address))
            event = address | axon << address_bits | delay << (address_bits + params.axon_bits)
            last = number == len(targets) - 1
            yield word(ConfigTarget.ENTRIES, 0, entry, event | last << (address_bits + params.axon_bits + 4))
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
        for word in words_of(twin, self.core):
            await self.write(word)

    async def write(self, word: Mapping[str, int]) -> None:
        """Write a word as soon as the core takes it."""
        ctx, port = self.ctx, self.core.program
        ctx.set(port.payload, word)
        ctx.set(port.valid, 1)
        while not ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        ctx.set(port.valid, 0)

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
