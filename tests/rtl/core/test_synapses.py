# amaranth: UnusedElaboratable=no
"""Sums of rows of the crossbar."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.stream_harness import simulate

from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.core.synapses import Synapses


@pytest.mark.parametrize(
    ("neurons", "lanes", "bits", "cycles"),
    [(4, 4, 4, 3), (8, 4, 8, 3), (12, 4, 2, 3), (16, 4, 3, 4), (6, 1, 4, 6), (32, 16, 1, 3), (40, 2, 4, 20)],
)
def test_rows_are_added_one_after_the_other(neurons: int, lanes: int, bits: int, cycles: int, waves: Path) -> None:
    """A row takes a cycle for each group of neurons, and at least 3; the last one two more until it is written."""
    params = CoreParams(axons=6, neurons=neurons, lanes=lanes, weight_bits=bits)
    low, high = (0, 1) if bits == 1 else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)

    async def bench(ctx: Any, synapses: Synapses) -> None:
        chance = random.Random(neurons * lanes)
        # The first axon has the lowest weights, the second the highest.
        rows = [[low] * neurons, [high] * neurons]
        rows += [[chance.randint(low, high) for _ in range(neurons)] for _ in range(4)]
        program = synapses.program
        ctx.set(program.valid, 1)
        for axon, row in enumerate(rows):
            for neuron, weight in enumerate(row):
                ctx.set(program.axon, axon)
                ctx.set(program.group, neuron // lanes)
                ctx.set(program.lane, neuron % lanes)
                ctx.set(program.weight, weight)
                await ctx.tick()
        ctx.set(program.valid, 0)

        for events in ([0], [1], [5, 2, 2, 0, 3], [0] * 6, [1] * 6, []):
            spent = 0
            for axon in events:
                ctx.set(synapses.events.payload, axon)
                ctx.set(synapses.events.valid, 1)
                while not ctx.get(synapses.events.ready):
                    await ctx.tick()
                    spent += 1
                await ctx.tick()
                spent += 1
            ctx.set(synapses.events.valid, 0)
            while ctx.get(synapses.busy):
                await ctx.tick()
                spent += 1
            if events:
                short = max(params.groups, 3) - params.groups  # what a short row waits, the last one needs itself
                assert spent == 1 + len(events) * cycles + max(0, 2 - short)
            for attempt in ("sums", "nothing"):
                found = []
                for group in range(params.groups):
                    ctx.set(synapses.group, group)
                    ctx.set(synapses.take, 1)
                    await ctx.tick()
                    ctx.set(synapses.take, 0)
                    found += [ctx.get(total) for total in synapses.totals]
                    await ctx.tick()
                expected = [sum(rows[axon][n] for axon in events) for n in range(neurons)]
                assert found == (expected if attempt == "sums" else [0] * neurons)

    simulate(lambda: Synapses(params), bench, waves=waves)
