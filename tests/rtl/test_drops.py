# amaranth: UnusedElaboratable=no
"""Packets to nowhere and of unknown keys are dropped, counted and told, and everything else arrives."""

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.effort import examples
from support.stream_harness import simulate

from synaptile.bridge.mapping.multicast import routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import Mesh, NetworkParams, PacketLayouts, Port, RoutingTable, node_of
from synaptile.rtl.export import component_rtlil

KEYS = 11
SPIKES = 4
"""Of each tile."""
TABLE = {"routing": "table", "table_entries": KEYS}
CHIPS = {
    "3x3": NetworkParams(rows=3, cols=3),
    "1x3, one flit": NetworkParams(rows=1, cols=3, flits_per_packet=1, buffer_depth=1),
    "4x3, two channels, three flits": NetworkParams(rows=4, cols=3, virtual_channels=2, flits_per_packet=3),
    "3x4 torus": NetworkParams(rows=3, cols=4, topology="torus", virtual_channels=2),
    "6x4 tree": NetworkParams(rows=6, cols=4, topology="tree"),
    "table": NetworkParams(rows=2, cols=3, **TABLE),
    "table, one flit": NetworkParams(rows=2, cols=3, flits_per_packet=1, **TABLE),
    "table, two channels": NetworkParams(rows=3, cols=2, virtual_channels=2, flits_per_packet=3, **TABLE),
    "multicast": NetworkParams(rows=2, cols=3, multicast=True, flits_per_packet=3, **TABLE),
    "multicast, two channels": NetworkParams(rows=2, cols=3, multicast=True, virtual_channels=2, **TABLE),
    "multicast torus": NetworkParams(rows=1, cols=5, topology="torus", virtual_channels=2, multicast=True, **TABLE),
    "multicast tree": NetworkParams(rows=4, cols=4, topology="tree", multicast=True, **TABLE),
}


def with_counters(params: NetworkParams) -> NetworkParams:
    return params.replace(counter_bits=8, neurons=256, stamp_bits=4)


Spike = tuple[dict[str, int], list[int]]
"""Destination, and the tiles that are to get it; none if it is to be dropped."""


def spikes_of(params: NetworkParams, rng: random.Random) -> tuple[RoutingTable | None, list[list[Spike]]]:
    """A table if there is to be one, and the spikes of each tile, about half of them good."""
    chip = params.interconnect
    if not params.table_entries:
        found: list[list[Spike]] = []
        for _ in range(params.tiles):
            mine: list[Spike] = []
            for _ in range(SPIKES):
                row, col = rng.randrange(1 << params.row_bits), rng.randrange(1 << params.col_bits)
                member = {"member": rng.randrange(4)} if chip.has_hubs else {}
                there = row < params.mesh_rows and col < params.mesh_cols
                node = row * params.mesh_cols + col
                mine.append(
                    ({"row": row, "col": col} | member, [chip.tile_at(node, member.get("member", 0))] if there else [])
                )
            found.append(mine)
        return None, found
    groups = {}
    for key in range(0, KEYS, 2):
        fanout = rng.randint(1, params.tiles) if params.multicast else 1
        groups[key] = rng.randrange(params.tiles), sorted(rng.sample(range(params.tiles), fanout))
    table = routing_table(TileGrid.of(params), "xy", groups)
    found = [[] for _ in range(params.tiles)]
    for tile in range(params.tiles):
        for _ in range(SPIKES):
            key = rng.randrange(1 << params.key_bits)
            node = divmod(chip.locate(tile)[0], params.mesh_cols)
            ways = (table.hubs if table.hubs is not None else table.ways).get(key, {})
            targets = table.targets(key, node) if node in ways else set()
            found[tile].append(({"key": key}, sorted(row * params.cols + col for row, col in targets)))
    return table, found


@pytest.mark.parametrize("name", CHIPS)
@pytest.mark.parametrize("seed", range(examples(1, 8)))
def test_what_cannot_be_delivered_is_dropped_and_all_else_arrives(name: str, seed: int, waves: Path) -> None:
    params = with_counters(CHIPS[name])
    table, spikes = spikes_of(params, random.Random(seed))
    spike = PacketLayouts(params).spike
    expected = Counter((tile, number) for number, mine in enumerate(spikes) for _, to in mine for tile in to)
    bad = sum(not to for mine in spikes for _, to in mine)
    assert 0 < bad < SPIKES * params.tiles

    async def bench(ctx: Any, mesh: Mesh) -> None:
        await configure(ctx, mesh, table)
        left = [list(mine) for mine in spikes]
        arrived: Counter[tuple[int, int]] = Counter()
        counted = [0] * params.nodes
        for cycle in range(240):
            for tile, port in enumerate(mesh.spikes):
                ctx.set(port.valid, bool(left[tile]))
                if left[tile]:
                    fields = {"dst": left[tile][0][0], "neuron": tile, "stamp": cycle % 16}
                    ctx.set(port.payload, spike.const(fields))
                ctx.set(mesh.arrivals[tile].ready, (cycle + tile) % 3 > 0)
            for tile, port in enumerate(mesh.arrivals):
                if ctx.get(port.valid) and ctx.get(port.ready) and ctx.get(port.payload.last):
                    arrived[tile, ctx.get(port.payload.neuron)] += 1
            taken = [ctx.get(port.valid) and ctx.get(port.ready) for port in mesh.spikes]
            await ctx.tick()
            for tile, gone in enumerate(taken):
                if gone:
                    left[tile].pop(0)
            before, counted = counted, [ctx.get(node.dropped) for node in mesh.nodes]
            errors = [int(now != then) for now, then in zip(counted, before, strict=True)]
            assert ctx.get(mesh.error) == sum(error << node for node, error in enumerate(errors))
            # `error` changes without an input.
            assert ctx.get(mesh.error) & ~ctx.get(mesh.busy) == 0
        assert not any(left)
        assert arrived == expected
        assert sum(counted) == bad
        assert ctx.get(mesh.busy) == 0

    simulate(lambda: Mesh(params), bench, waves=waves)


async def configure(ctx: Any, mesh: Mesh, table: RoutingTable | None) -> None:
    if table is None:
        return
    entries = [(mesh.configure, *entry) for entry in table.entries()]
    entries += [(mesh.hub_configure, *entry) for entry in table.hub_entries()]
    for writers, node, key, ports in entries:
        await write(ctx, writers[node], key, ports)


async def write(ctx: Any, entry: Any, key: int, ports: int) -> None:
    ctx.set(entry.valid, 1)
    ctx.set(entry.key, key)
    ctx.set(entry.ports, ports)
    await ctx.tick()
    ctx.set(entry.valid, 0)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("multicast", [False, True])
@pytest.mark.parametrize(
    ("ports", "arrives"),
    [
        # Back to where it comes from, off the mesh in two directions, and no output at all.
        ({1: [Port.WEST]}, 0),
        ({1: [Port.NORTH]}, 0),
        ({1: [Port.SOUTH, Port.EAST]}, 0),
        ({1: []}, 0),
        # Of several outputs the good one is taken.
        ({1: [Port.LOCAL, Port.NORTH]}, 1),
        ({1: [Port.LOCAL]}, 1),
    ],
)
def test_an_entry_that_leads_nowhere_holds_nothing_up(
    ports: dict[int, list[Port]], arrives: int, multicast: bool, channels: int, waves: Path
) -> None:
    """Key 0 goes from tile 0 to tile 1, whose entry for it is the one that is tried; key 1 is good."""
    params = with_counters(NetworkParams(rows=1, cols=2, multicast=multicast, virtual_channels=channels, **TABLE))

    async def bench(ctx: Any, mesh: Mesh) -> None:
        entries = {(0, 0): [Port.EAST], (0, 1): [Port.EAST], (1, 0): ports[1], (1, 1): [Port.LOCAL]}
        for (node, key), outputs in entries.items():
            await write(ctx, mesh.configure[node], key, sum(1 << port for port in outputs))
        ctx.set(mesh.arrivals[1].ready, 1)
        got = []
        for key in (0, 1, 0, 1):
            ctx.set(mesh.spikes[0].payload, {"dst": {"key": key}, "neuron": key, "stamp": 0})
            ctx.set(mesh.spikes[0].valid, 1)
            for cycle in range(20):
                if ctx.get(mesh.arrivals[1].valid) and ctx.get(mesh.arrivals[1].payload.first):
                    got.append(ctx.get(mesh.arrivals[1].payload.neuron))
                taken = ctx.get(mesh.spikes[0].ready)
                await ctx.tick()
                if taken or cycle:
                    ctx.set(mesh.spikes[0].valid, 0)
        assert got == [0, 1, 0, 1] if arrives else [1, 1]
        assert [ctx.get(node.dropped) for node in mesh.nodes] == [0, 0 if arrives else 2]
        assert ctx.get(mesh.busy) == 0

    simulate(lambda: Mesh(params), bench, waves=waves)


def test_where_nothing_can_be_dropped_there_is_nothing_to_tell_of_it() -> None:
    for params, can in (
        (NetworkParams(rows=4, cols=8), False),
        (NetworkParams(rows=4, cols=8, topology="tree"), False),
        (NetworkParams(rows=1, cols=2), False),
        (NetworkParams(rows=4, cols=6), True),
        (NetworkParams(rows=4, cols=6, topology="tree"), True),
        (NetworkParams(rows=4, cols=4, **TABLE), True),
    ):
        assert params.can_drop == can
        text = component_rtlil(node_of(with_counters(params)), "node")
        assert bool(re.search(r"^  wire width 8 output \d+ +\\dropped$", text, re.MULTILINE)) == can
        assert bool(re.search(r"^ *connect \\error 1'0$", text, re.MULTILINE)) != can
        assert re.search(r"^  wire width 1 output \d+ +\\error$", text, re.MULTILINE)
