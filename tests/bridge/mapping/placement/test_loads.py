"""What a placement is said to cost is what the engine counts, to the last flit, and what routing tables lead to."""

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_runs import random_trace

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.energy_terms import GROUPS
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.multicast import routing_table, way
from synaptile.bridge.mapping.placement import Traffic, evaluate, expected_activity, spike_hops
from synaptile.bridge.mapping.placement.loads import is_exact
from synaptile.bridge.mapping.placement.walks import unicast_loads
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import Port
from synaptile.rtl.routing import routing_of

TORUS: dict[str, Any] = {"topology": "torus", "virtual_channels": 2}
TREE: dict[str, Any] = {"topology": "tree"}
SPLIT_TABLE = EnergyTable(
    name="each its own", buffer_write=1, buffer_read=10, crossbar_switch=100, route=7, select=0.5, packet=3,
    packet_hop=2, link_ew=1e4, link_ns=1e6, link_hub=1e8,
)  # fmt: skip


# The first four are the circuits of `test_multicast`, which are compiled once for both.
FEW: list[dict[str, Any]] = [
    {},
    {"multicast": True},
    {"mesh": (4, 4), **TREE},
    {"mesh": (4, 4), "multicast": True, **TREE},
    {"mesh": (4, 4), "multicast": True, **TORUS},
]
ALL: list[dict[str, Any]] = [
    *FEW,
    {"mesh": (4, 4), **TORUS},
    {"mesh": (3, 4), "routing": "yx", "flits_per_packet": 3},
    {"mesh": (4, 6), "routing": "yx", "flits_per_packet": 1, **TREE},
]


@pytest.mark.parametrize("values", examples(FEW, ALL), ids=lambda values: "-".join(map(str, values.values())) or "mesh")
@pytest.mark.usefixtures("quick_build")
def test_it_is_what_the_engine_counts(values: dict[str, Any]) -> None:
    config = ChipConfig(**{"mesh": (3, 3), "crossbar": "64x4", "energy": SPLIT_TABLE, **values})
    trace = random_trace((20, 10, 4), steps=6, synapses=200, seed=3)
    run = Chip(config, engine="compiled", partition="in-order", placement="random", seed=1).replay(trace)
    assert run.metrics.packets_undelivered == 0
    traffic = Traffic.of(Network.of_trace(trace), run.mapping.tile, config.tiles)
    tile = np.arange(config.tiles)
    found = expected_activity(traffic, tile, config)
    for name in ("flits", "packets", "injected_flits", "hub_flits", "hub_packets"):
        assert getattr(found, name).tolist() == getattr(run.activity, name).tolist(), name
    costs = evaluate(traffic, tile, config)
    counted = run.activity
    assert costs.spike_hops == counted.packet_hops > 0
    assert costs.packets == counted.injected_flits.sum() // config.flits_per_packet
    assert costs.worst_link == max(counted.link_flits.max(), counted.hub_link_flits.max(initial=0)) > 0
    charged = run.metrics.energy.dynamic_pj
    assert costs.energy_pj == pytest.approx(sum(charged[term] for term in GROUPS["routing"] if term in charged))
    if config.multicast:
        assert costs.spike_hops < spike_hops(traffic, tile, TileGrid.of(config))
    else:
        assert costs.spike_hops == spike_hops(traffic, tile, TileGrid.of(config)) == run.deliveries.hops.sum()


@st.composite
def placed(draw: st.DrawFn) -> tuple[Network, np.ndarray, int, ChipConfig, np.ndarray]:
    """A network, the clusters of its neurons, how many there are, a chip, and the tile of each cluster."""
    topology = draw(st.sampled_from(["mesh", "torus", "tree"]))
    side = 2 if topology == "tree" else 1
    mesh = side * draw(st.integers(1, 7 // side)), side * draw(st.integers(1, 7 // side))
    config = ChipConfig(
        mesh=mesh,
        topology=topology,
        virtual_channels=2,
        routing=draw(st.sampled_from(["xy", "yx"])),
        multicast=draw(st.booleans()),
    )
    clusters = draw(st.integers(1, config.tiles))
    tile = np.array(draw(st.permutations(range(config.tiles))), np.int64)[:clusters]
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    neurons = draw(st.integers(1, 20))
    pre, post = rng.integers(neurons, size=(2, draw(st.integers(0, 80))))
    cluster = rng.integers(clusters, size=neurons)
    return Network.of(neurons, pre, post, spike_counts=rng.integers(0, 9, neurons)), cluster, clusters, config, tile


@pytest.mark.parametrize("routing", ["xy", "yx"])
@pytest.mark.parametrize("topology", ["mesh", "torus"])
def test_a_packet_goes_the_way_of_the_relation(topology: str, routing: str) -> None:
    relation = routing_of(routing, topology)
    for rows, cols in [(1, 1), (1, 4), (2, 2), (3, 2), (4, 3), (4, 6)]:
        for source, target in itertools.product(range(rows * cols), repeat=2):
            loads = np.zeros((rows * cols, len(Port)), np.int64)
            ends = np.array([source]), np.array([target])
            unicast_loads(*ends, np.array([7]), (rows, cols), topology == "torus", int(routing == "yx"), loads)
            steps = way(relation, divmod(source, cols), divmod(target, cols), rows, cols)
            expected = {(row * cols + col, port) for (row, col), port in steps}
            assert {(int(node), Port(port)) for node, port in np.argwhere(loads)} == expected
            assert loads.sum() == 7 * len(steps)


@settings(max_examples=examples(60, 1500), deadline=None)
@given(placed())
def test_it_is_what_the_tables_and_the_relation_lead_to(case: tuple[Network, Any, int, ChipConfig, Any]) -> None:
    network, cluster, clusters, config, tile = case
    grid, chip = TileGrid.of(config), TileGrid.of(config).interconnect
    counts: Counter[tuple[str, int, int]] = Counter()
    own, pairs = tile[cluster], network.connectivity
    for neuron in range(network.neurons):
        source, spikes = int(own[neuron]), int(network.spike_weights[neuron])
        targets = sorted({int(own[post]) for post in pairs.post[pairs.pre == neuron]} - {source})
        if not targets:
            continue
        for sent in [targets] if config.multicast else [[target] for target in targets]:
            table = routing_table(grid, config.routing, {0: (source, sent)})
            for kind, entries in (("node", table.ways), ("hub", table.hubs or {})):
                for (row, col), ports in entries.get(0, {}).items():
                    for port in ports:
                        counts[kind, row * chip.node_cols + col, port] += spikes
    found = expected_activity(Traffic.of(network, cluster, clusters), tile, config)
    for kind, packets in (("node", found.packets), ("hub", found.hub_packets)):
        expected = np.zeros_like(packets)
        for (of, node, port), count in counts.items():
            if of == kind:
                expected[node, port] += count
        assert packets.tolist() == expected.tolist()
    assert (found.flits == found.packets * config.flits_per_packet).all()


@pytest.mark.parametrize("routing", ["west-first", "north-last", "negative-first", "odd-even", "dyad"])
def test_with_a_choice_packets_take_the_first_output(routing: str) -> None:
    rng = np.random.default_rng(1)
    matrix = rng.integers(0, 5, (12, 12))
    np.fill_diagonal(matrix, 0)
    traffic, tile, config = Traffic.of_matrix(matrix), rng.permutation(12), ChipConfig(mesh=(3, 4), routing=routing)
    assert not is_exact(config)
    found = expected_activity(traffic, tile, config)
    assert found.packet_hops == spike_hops(traffic, tile, TileGrid(3, 4))
    assert found.packets[:, Port.LOCAL].tolist() == matrix.sum(axis=0)[np.argsort(tile)].tolist()
    one = Traffic.of_matrix(np.array([[0, 1], [0, 0]]))
    first = expected_activity(one, np.array([0, 11]), config).packets
    assert first[0, min(routing_of(routing, "mesh").permitted((0, 0), (2, 3), Port.LOCAL, (3, 4)))] == 1


def test_pairs_do_not_do_for_multicast() -> None:
    with pytest.raises(ValueError, match=r"^traffic must have groups for a chip with multicast, not only pairs$"):
        expected_activity(Traffic.of_matrix(np.ones((2, 2), np.int64)), np.arange(2), ChipConfig(multicast=True))


def test_an_energy_that_is_not_known_is_not_a_number() -> None:
    traffic = Traffic.of_matrix(np.array([[0, 5], [0, 0]]))
    costs = evaluate(traffic, np.arange(2), ChipConfig(energy=EnergyTable(name="cores only", spike=1)))
    assert np.isnan(costs.energy_pj)
    assert costs.to_dict() == {"packets": 5, "spike_hops": 5, "worst_link": 10, "energy_pj": None}
