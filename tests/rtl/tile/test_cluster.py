"""A cluster of a tree: hub, router, four tiles."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Cat, Fragment, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import patterns
from support.stream_harness import Offer, run_streams, simulate, unpack

from synaptile.rtl import Cluster, NetworkParams, PacketLayouts, Port, Tile, node_of
from synaptile.rtl.routing import HUB, HUB_TURNS, ROUTINGS, Head, HeadSignals
from synaptile.rtl.topology import CLUSTER_SIDE, LINKS, Tree

PARAMS = NetworkParams(rows=6, cols=4, topology="tree", neurons=64)


def address(tile: int, params: NetworkParams = PARAMS) -> dict[str, int]:
    node, member = params.interconnect.locate(tile)
    row, col = divmod(node, params.mesh_cols)
    return {"row": row, "col": col, "member": member}


def spike(tile: int, neuron: int = 0) -> int:
    layout = PacketLayouts(PARAMS).spike
    return layout.const({"dst": address(tile), "neuron": neuron, "stamp": 5}).as_value().value


def test_what_stands_at_a_place_depends_on_the_topology() -> None:
    for topology, kind, options in (
        ("mesh", Tile, {}),
        ("torus", Tile, {"virtual_channels": 2}),
        ("tree", Cluster, {}),
    ):
        node = node_of(NetworkParams(rows=4, cols=4, topology=topology, **options))
        assert type(node) is kind
        Fragment.get(node, None)


class HubGates(wiring.Component):
    """The hub's relation in gates."""

    def __init__(self) -> None:
        layouts = PacketLayouts(PARAMS)
        super().__init__({"here": In(layouts.place), "to": In(layouts.address), "permitted": Out(len(Port))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        HUB.gates(m, HeadSignals(self.here, self.to, Port.LOCAL, Signal()), self.permitted)
        return m


def test_the_hubs_relation_and_its_gates_agree_everywhere(waves: Path) -> None:
    async def bench(ctx: Any, gates: HubGates) -> None:
        for node, tile in itertools.product(range(PARAMS.nodes), range(PARAMS.tiles)):
            here = divmod(node, PARAMS.mesh_cols)
            ctx.set(gates.here, {"row": here[0], "col": here[1]})
            ctx.set(gates.to, address(tile))
            permitted = HUB.relation(Head(here, divmod(tile, PARAMS.cols)))
            assert ctx.get(gates.permitted) == sum(1 << port for port in permitted)
            same, member = PARAMS.interconnect.locate(tile)
            assert permitted == {LINKS[member] if same == node else Port.LOCAL}

    simulate(HubGates, bench, waves=waves)


Channel = tuple[str, tuple[int, int], Port]


def ways(routing: str, source: int, to: int, rows: int, cols: int) -> Iterator[list[Channel]]:
    """The channels of every way of a packet through a tree: each the part, its place, the port that it leaves by."""
    relation = ROUTINGS[routing]
    tree = Tree(rows, cols)
    node, member = tree.locate(source)
    here, target = divmod(node, cols // CLUSTER_SIDE), divmod(to, cols)
    places = [(tile // cols // CLUSTER_SIDE, tile % cols // CLUSTER_SIDE) for tile in (source, to)]
    assert here == places[0]
    (out,) = HUB.relation(Head(here, target, LINKS[member]))
    if out is not Port.LOCAL:
        yield [("hub", here, out)]
        return
    (down,) = HUB.relation(Head(places[1], target))
    todo: list[tuple[tuple[int, int], Port, list[Channel]]] = [(here, Port.LOCAL, [("hub", here, Port.LOCAL)])]
    while todo:
        at, came_in, way = todo.pop()
        for port in relation.permitted(at, places[1], came_in):
            longer = [*way, ("router", at, port)]
            if port is Port.LOCAL:
                assert at == places[1]
                yield [*longer, ("hub", at, down)]
                continue
            there = tree.neighbour(*at, port)
            assert there is not None
            todo.append((there, port.opposite, longer))


@pytest.mark.parametrize("routing", ["xy", "west-first", "odd-even"])
def test_a_tree_adds_no_cycle_of_channels_to_its_mesh(routing: str) -> None:
    rows, cols = 6, 6
    graph: dict[Channel, set[Channel]] = {}
    for source, to in itertools.product(range(rows * cols), repeat=2):
        for way in ways(routing, source, to, rows, cols):
            for held, waited in itertools.pairwise(way):
                graph.setdefault(held, set()).add(waited)
                graph.setdefault(waited, set())
    # Take away what waits for nothing that is left, again and again: in a cycle, something would remain.
    while free := {channel for channel, waits in graph.items() if not waits & graph.keys()}:
        graph = {channel: waits for channel, waits in graph.items() if channel not in free}
    assert not graph


def test_a_hub_connects_all_but_above_with_above() -> None:
    assert len(HUB_TURNS) == 24
    cluster = Cluster(PARAMS)
    assert cluster.hub.turns == HUB_TURNS
    Fragment.get(cluster, None)  # or Amaranth complains of a circuit that was made and never used


def test_packets_go_over_the_hub_or_up(waves: Path) -> None:
    """In cluster (1, 0), whose tiles are 8, 9, 12 and 13."""
    passed = run_streams(
        lambda: Cluster(PARAMS),
        {"spikes.0": [(4, spike(13, 1))], "spikes.1": [(4, spike(9, 2))], "spikes.3": [(4, spike(0, 3))]},
        expected=6,
        waves=waves,
        constants={"here": {"row": 1, "col": 0}},
    )
    layouts = PacketLayouts(PARAMS)
    heads = {name: flits[0] for name, flits in passed.items() if flits and not name.startswith("spikes")}
    # One router between two tiles of the cluster; two on the way out to the north.
    assert {name: cycle for name, (cycle, _) in heads.items()} == {"arrivals.3": 5, "arrivals.1": 5, "link_out.0": 6}
    assert unpack(layouts.arrival, heads["arrivals.3"][1])["neuron"] == 1
    assert unpack(layouts.arrival, heads["arrivals.1"][1])["neuron"] == 2
    flit = layouts.flit.from_bits(heads["link_out.0"][1])
    assert (flit.data.head.neuron, flit.data.head.dst.member) == (3, 0)


@settings(max_examples=12, deadline=None)
@given(st.data(), st.integers(0, 2**32))
def test_no_output_follows_an_input_within_a_cycle(waves: Path, data: st.DataObject, seed: int) -> None:
    layouts = PacketLayouts(PARAMS)
    offers: dict[str, list[Offer]] = {}
    for member in range(4):
        tiles = data.draw(st.lists(st.integers(0, PARAMS.tiles - 1), max_size=5))
        offers[f"spikes.{member}"] = [(0, spike(tile)) for tile in tiles]
    # From the north come those that go to this cluster or on to the south.
    to = data.draw(st.lists(st.sampled_from([8, 9, 12, 13, 16]), max_size=5))
    flits = [
        [
            {"last": 0, "data": {"head": {"dst": address(tile), "neuron": 1}}},
            {"last": 1, "data": {"body": {"index": 1}}},
        ]
        for tile in to
    ]
    offers["link_in.0"] = [(0, layouts.flit.const(flit).as_value().value) for pair in flits for flit in pair]
    run_streams(
        lambda: Cluster(PARAMS),
        offers,
        expected=2 * sum(len(offers[f"spikes.{member}"]) for member in range(4)) + len(offers["link_in.0"]),
        waves=waves,
        offering={name: data.draw(patterns()) for name in offers},
        taking={
            name: data.draw(patterns())
            for name in (*(f"arrivals.{i}" for i in range(4)), *(f"link_out.{i}" for i in range(len(LINKS))))
        },
        constants={"here": {"row": 1, "col": 0}},
        glitches=seed,
    )


def test_busy_and_counters_know_hub_and_router(waves: Path) -> None:
    params = PARAMS.replace(counter_bits=8)

    async def bench(ctx: Any, cluster: Cluster) -> None:
        ctx.set(cluster.here, {"row": 1, "col": 0})
        ctx.set(Cat(*(a.ready for a in cluster.arrivals), *(link.ready for link in cluster.link_out)), -1)
        busy = []
        for member, tile in ((0, 9), (2, 0)):
            stream = cluster.spikes[member]
            ctx.set(stream.payload, {"dst": address(tile), "neuron": 1, "stamp": 2})
            ctx.set(stream.valid, 1)
            await ctx.tick()
            ctx.set(stream.valid, 0)
            for _ in range(6):
                busy.append(ctx.get(cluster.busy))
                await ctx.tick()
        # To a tile beside it the flits leave after two cycles, to the north after three.
        assert busy == [1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0]
        assert [ctx.get(count) for count in cluster.flits_in] == [2, 0, 2, 0]
        assert [ctx.get(count) for count in cluster.hub_flits_out] == [2, 0, 2, 0, 0]
        assert [ctx.get(count) for count in cluster.hub_packets_out] == [1, 0, 1, 0, 0]
        assert [ctx.get(count) for count in cluster.flits_out] == [0, 2, 0, 0, 0]
        assert [ctx.get(count) for count in cluster.packets_out] == [0, 1, 0, 0, 0]

    simulate(lambda: Cluster(params), bench, waves=waves)
