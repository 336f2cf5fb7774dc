# amaranth: UnusedElaboratable=no
"""The core in gates against plain Python, tick by tick."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.core_twin import CoreTwin
from support.stream_harness import simulate

from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams

ADDRESS = 4  # bits


def random_core(params: CoreParams, chance: random.Random, *, density: float = 0.5) -> CoreTwin:
    """A core in which much happens: some neurons fire often, some saturate."""
    bits, half = params.state_bits, 1 << (params.state_bits - 1)
    low, high = (
        (0, 1) if params.weight_bits == 1 else (-(1 << (params.weight_bits - 1)), (1 << (params.weight_bits - 1)) - 1)
    )
    unit = 1 << params.weight_shift

    def number(scale: int) -> int:
        return max(-half, min(half - 1, chance.choice([chance.randint(-scale, scale), chance.randrange(-half, half)])))

    def neuron() -> dict[str, int]:
        variables = {
            "v": number(4 * unit),
            "left": chance.choice([0, 0, 1, 3]),
            "bias": chance.choice([0, chance.randint(-unit, unit)]),
            "threshold": chance.choice([chance.randint(0, min(half - 1, 20 * unit)), number(8 * unit)]),
            "reset": number(4 * unit),
            "refractory": chance.choice([0, 0, 1, 2, (1 << params.refractory_bits) - 1]),
            "subtract": chance.randrange(2),
        }
        if params.neuron == "current-lif":
            keep = [0, 1, 2048, 4095, 4096, chance.randint(0, 4096), chance.randint(3000, 4096)]
            return variables | {"u": number(4 * unit), "keep_u": chance.choice(keep), "keep_v": chance.choice(keep)}
        return variables | {"leak": chance.choice([0, *(1 << n for n in range(13)), chance.randint(0, 4096)])}

    def target() -> tuple[int, int, int]:
        return chance.randrange(1 << ADDRESS), chance.randrange(params.axons), chance.randint(1, 15)

    room = params.targets
    targets: list[list[tuple[int, int, int]]] = []
    for _ in range(params.neurons):
        count = min(room, chance.choice([0, 1, 1, 2, 3]))
        room -= count
        targets.append([target() for _ in range(count)])
    assert bits
    return CoreTwin(
        params,
        [
            [chance.randint(low, high) if chance.random() < density else 0 for _ in range(params.neurons)]
            for _ in range(params.axons)
        ],
        [neuron() for _ in range(params.neurons)],
        targets,
    )


class Bench:
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


SIZES = st.sampled_from(
    [
        {"axons": 4, "neurons": 4, "lanes": 4},
        {"axons": 4, "neurons": 4, "lanes": 1},
        {"axons": 5, "neurons": 8, "lanes": 4},
        {"axons": 16, "neurons": 6, "lanes": 2},
        {"axons": 17, "neurons": 16, "lanes": 16},
        {"axons": 40, "neurons": 24, "lanes": 8},
        {"axons": 33, "neurons": 20, "lanes": 4},
    ]
)


@pytest.mark.parametrize("neuron", NEURONS)
def test_spikes_and_potentials_are_those_of_plain_python(neuron: str, waves: Path) -> None:
    @settings(max_examples=15, deadline=None)
    @given(
        SIZES,
        st.sampled_from([1, 2, 4, 8]),
        st.sampled_from([8, 12, 18, 24, 32]),
        st.integers(0, 6),
        st.integers(0, 2**32),
    )
    def check(sizes: dict[str, int], weight_bits: int, state_bits: int, shift: int, seed: int) -> None:
        chance = random.Random(seed)
        params = CoreParams(
            **sizes, neuron=neuron, weight_bits=weight_bits, state_bits=state_bits, weight_shift=shift, targets=40,
            refractory_bits=3,
        )  # fmt: skip
        script = [
            [(chance.randrange(params.axons), chance.randint(1, 15)) for _ in range(chance.choice([0, 1, 4, 9]))]
            for _ in range(30)
        ]

        async def bench(ctx: Any, core: NeurosynapticCore) -> None:
            twin = random_core(params, random.Random(seed))
            run = Bench(ctx, core, random.Random(seed), patience=chance.choice([1.0, 0.5, 0.1]))
            await run.program(twin)
            for events in script:
                before = random.Random(seed).randint(0, len(events))
                await run.tick()
                fired = twin.tick()
                # Events arrive at any time of the tick: while it is under way, and after it.
                for axon, delay in events[:before]:
                    await run.arrive(axon, delay)
                    twin.arrive(axon, delay)
                await run.finish()
                for axon, delay in events[before:]:
                    await run.arrive(axon, delay)
                    twin.arrive(axon, delay)
                expected = twin.events(fired)
                assert run.sent == expected
                run.sent.clear()
                assert run.potentials(params) == [neuron["v"] for neuron in twin.neurons]

        simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)

    check()
