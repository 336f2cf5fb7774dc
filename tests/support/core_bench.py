"""Drives a neurosynaptic core in Amaranth's simulator."""

import random
from typing import Any

from support.core_twin import CoreTwin

from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams

__all__ = ["CoreBench"]


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
        ctx, core, lanes = self.ctx, self.core, twin.params.lanes
        port = core.program_synapses
        ctx.set(port.valid, 1)
        for axon, row in enumerate(twin.weights):
            for neuron, weight in enumerate(row):
                for name, value in {"axon": axon, "group": neuron // lanes, "lane": neuron % lanes}.items():
                    ctx.set(getattr(port, name), value)
                ctx.set(port.weight, weight)
                await ctx.tick()
        ctx.set(port.valid, 0)
        port = core.program_neurons
        ctx.set(port.valid, 1)
        for neuron, variables in enumerate(twin.neurons):
            for name, value in variables.items():
                ctx.set(port.variable, core.neurons.variables.index(name))
                ctx.set(port.group, neuron // lanes)
                ctx.set(port.lane, neuron % lanes)
                ctx.set(port.value, value)
                await ctx.tick()
        ctx.set(port.valid, 0)
        entry = 0
        for neuron, targets in enumerate(twin.targets):
            ctx.set(core.program_firsts.valid, 1)
            ctx.set(core.program_firsts.neuron, neuron)
            ctx.set(core.program_firsts.first, {"entry": entry, "sends": bool(targets)})
            await ctx.tick()
            ctx.set(core.program_firsts.valid, 0)
            for number, (address, axon, delay) in enumerate(targets):
                ctx.set(core.program_entries.valid, 1)
                ctx.set(core.program_entries.entry, entry)
                spike = {"address": address, "event": {"axon": axon, "delay": delay}}
                ctx.set(core.program_entries.target, {"spike": spike, "last": number == len(targets) - 1})
                await ctx.tick()
                entry += 1
            ctx.set(core.program_entries.valid, 0)

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
        storage = self.core.neurons.memories["v"].storage
        words = [self.ctx.get(storage.data[group]) for group in range(params.groups)]
        return [words[n // params.lanes][n % params.lanes] for n in range(params.neurons)]
