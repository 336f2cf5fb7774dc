# amaranth: UnusedElaboratable=no
"""A PyNN network, converted, programmed through the door of a chip in gates, and run: the same as in software."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Value
from support.model_chip import ModelChip
from support.onchip_networks import Recipe, outcome
from support.stream_harness import simulate

import synaptile.swsim as sim
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.onchip import OnChipProgram
from synaptile.bridge.onchip.programming import programming_stream
from synaptile.rtl import PacketLayouts
from synaptile.rtl.core.payload import Report
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import payloads_of

STEPS = 25

FIXED = {"bits": 16, "v_thresh": 14, "v_reset": -3, "refractory": [0, 1, 2, 0, 1, 2], "bias": [1, 0, 2, 0, 0, 1]}
WIRES = {
    "excitatory": [(i, j, 3 + i + j, 1 + (i + j) % 3) for i in range(3) for j in range(6)],
    "inhibitory": [(0, 2, -4, 2), (1, 5, -6, 1)],
}
INNER = {"excitatory": [(i, (i + 3) % 6, 5, 2) for i in range(6)] + [(0, j, 2, 1) for j in range(6)]}
TRAINS = [[0, 1, 4, 9, 10, 15], [2, 3, 8, 16, 20], [0, 5, 6, 7, 12, 18]]

RECIPES = {
    "whole numbers": Recipe(sim.FixedPointLIF, {**FIXED, "leak_shift": 3}, TRAINS, WIRES, INNER, cells=6, steps=STEPS),
    "a current": Recipe(
        sim.FixedPointCurrentLIF,
        {**FIXED, "u_decay": 1500, "v_decay": 500, "weight_shift": 1, "v_thresh": 60},
        TRAINS,
        WIRES,
        INNER,
        cells=6,
        initial={"u": [3, 0, -2, 7, 0, 0], "v": [4, 3, 2, 1, 0, -1]},
        steps=STEPS,
    ),
}
RECIPES["truenorth"] = Recipe(
    sim.TrueNorthNeuron,
    {
        "bits": 16, "threshold": [3, 5, 4, 3, 6, 3], "leak": [0, -1, 1, 0, 60, -1], "leak_reversal": [0, 1, 0, 0, 0, 1],
        "stochastic_leak": [0, 0, 0, 0, 1, 0], "weight_0": 3, "weight_1": [2, 90, 2, 2, 70, 1], "weight_2": -2,
        "stochastic_weights": [0, 2, 0, 0, 2, 0], "mask": [0, 0, 3, 0, 0, 0], "seed": [1, 2, 3, 4, 5, 6],
        "negative_threshold": 4, "reset_mode": [0, 1, 0, 1, 0, 0],
    },
    TRAINS,
    {
        "type0": [(i, j, 1, 1 + (i + j) % 3) for i in range(3) for j in range(6)],
        "type1": [(0, j, 1, 4) for j in range(6)],
    },
    {"type1": [(i, (i + 3) % 6, 1, 2) for i in range(6)], "type2": [(0, j, 1, 1) for j in range(6)]},
    cells=6,
    initial={"v": [2, 0, 1, 0, 0, 0]},
    steps=STEPS,
)  # fmt: skip

CHIPS = {
    "addresses": {"core": {"host_tile": 1}},
    "keys": {"multicast": True, "buffer_depth": 4, "mesh": (2, 2), "table_entries": 16},
}


async def programmed(ctx: Any, chip: CoreMesh, made: OnChipProgram) -> None:
    """Send the stream through the door."""
    stream = programming_stream(
        made.images, made.network, made.core, host_tile=made.host_tile, host_key=made.host_key, table=made.table
    )
    for node, key, ports in stream.table:
        port = chip.configure[node]
        for signal, value in ((port.valid, 1), (port.key, key), (port.ports, ports)):
            ctx.set(signal, value)
        await ctx.tick()
        ctx.set(port.valid, 0)
    await sent(ctx, chip, stream.packets)


async def sent(ctx: Any, chip: CoreMesh, packets: Any) -> list[int]:
    """Send packets, and wait until all is still; what came out."""
    told: list[int] = []
    door = chip.host_in

    async def cycle() -> None:
        ctx.set(chip.host_out.ready, 1)
        if ctx.get(chip.host_out.valid):
            told.append(ctx.get(chip.host_out.payload))
        assert not ctx.get(chip.refused)
        assert not ctx.get(chip.overrun)
        await ctx.tick()

    for packet in packets:
        ctx.set(Value.cast(door.payload), packet)
        ctx.set(door.valid, 1)
        while not ctx.get(door.ready):
            await cycle()
        await cycle()
    ctx.set(door.valid, 0)
    await cycle()
    while ctx.get(chip.busy):
        await cycle()
    await cycle()
    return told


@pytest.mark.parametrize("kind", RECIPES)
@pytest.mark.parametrize("links", CHIPS)
def test_spikes_and_potentials_are_those_of_the_software(kind: str, links: str, tmp_path: Path) -> None:
    recipe = RECIPES[kind]
    bits = 1 if kind == "truenorth" else 5
    model = ModelChip(ChipConfig(**{"mesh": (1, 2), "crossbar": "24x4", "weight_bits": bits, **CHIPS[links]}))
    software, modelled = outcome(recipe), outcome(recipe, model)
    assert modelled.spikes == software.spikes
    made = model.made
    network, core, cells = made.network, made.core, made.cells
    payloads, layouts = payloads_of(core, network), PacketLayouts(network)
    address_bits = layouts.address.size

    def packets(step: int) -> list[int]:
        events = made.host_events([source for source, train in enumerate(TRAINS) if step in train])
        found = []
        for tile, key, axon, delay in zip(events.tile, events.key, events.axon, events.delay, strict=True):
            address = int(key) if made.table is not None else layouts.position_of(int(tile))
            found.append(address | payloads.event(int(axon), int(delay)) << address_bits)
        return found

    async def bench(ctx: Any, chip: CoreMesh) -> None:
        await programmed(ctx, chip, made)
        spikes = []
        for step in range(STEPS + 1):
            ctx.set(chip.tick, 1)
            await ctx.tick()
            ctx.set(chip.tick, 0)
            told = [payloads.decode(payload) for payload in await sent(ctx, chip, packets(step))]
            for said in told:
                assert isinstance(said, Report)
                spikes.append((step, int(made.neuron_at(layouts.tile_of(said.position), said.neuron))))
            values = []
            for neuron in cells:
                memory = chip.tiles[made.tile[neuron]].core.neurons.memories["v"].storage.data
                group, lane = divmod(int(made.slot[neuron]), core.lanes)
                values.append(ctx.get(memory[group])[lane])
            assert made.potential(cells, values).tolist() == software.potentials[step].tolist()
        assert sorted(spikes) == [spike for spike in software.spikes if spike[1] >= len(TRAINS)]
        assert len(spikes) > 15

    assert len(np.unique(made.tile[cells])) == 2
    simulate(lambda: CoreMesh(network, core, host_tile=made.host_tile, host_key=made.host_key), bench, waves=tmp_path)
