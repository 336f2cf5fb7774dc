"""Placements for hops, links and energy on a chip."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.placement import METHODS, Traffic, evaluate, place, place_on_chip
from synaptile.bridge.mapping.placement.costs import OBJECTIVES, energy_ways
from synaptile.bridge.mapping.placement.distances import Distances
from synaptile.bridge.mapping.placement.on_chip import packet_ways
from synaptile.bridge.tile_grid import TileGrid

CHIPS: dict[str, dict[str, Any]] = {
    "mesh": {},
    "yx": {"routing": "yx"},
    "adaptive": {"routing": "odd-even"},
    "multicast": {"multicast": True},
    "torus": {"topology": "torus", "virtual_channels": 2},
    "tree": {"topology": "tree"},
    "tree-multicast": {"topology": "tree", "multicast": True},
}


def network_traffic(clusters: int, seed: int = 1) -> Traffic:
    """Traffic of a random network of four neurons in each cluster."""
    rng = np.random.default_rng(seed)
    neurons = 4 * clusters
    pre = rng.integers(neurons, size=6 * neurons)
    post = (pre + rng.normal(0, 8, len(pre)).astype(int)) % neurons
    name = rng.permutation(clusters)
    network = Network.of(neurons, pre, post, spike_counts=rng.integers(0, 20, neurons))
    return Traffic.of(network, name[np.arange(neurons) // 4], clusters)


ALL = [(chip, objective) for chip in CHIPS for objective in (*OBJECTIVES, "both")]
FEW = [
    *((chip, "worst-link") for chip in CHIPS),
    *(("tree", objective) for objective in ("spike-hops", "energy", "both")),
]


@pytest.mark.parametrize(("chip", "objective"), examples(FEW, ALL))
def test_an_objective_gets_smaller_and_is_what_it_is_said_to_be(chip: str, objective: str) -> None:
    traffic, config = network_traffic(34), ChipConfig(mesh=(6, 6), **CHIPS[chip])
    asked: Any = {"worst-link": 2, "spike-hops": 1} if objective == "both" else objective
    found = place_on_chip(traffic, config, objective=asked)
    assert len({*found.tile.tolist()}) == 34
    assert found.costs == evaluate(traffic, found.tile, config)
    assert found.in_order == evaluate(traffic, np.arange(34), config)
    weights = {objective: 1.0} if objective != "both" else asked
    expected = sum(
        weight * OBJECTIVES[name](found.costs) / OBJECTIVES[name](found.in_order) for name, weight in weights.items()
    )
    assert found.value == pytest.approx(expected)
    assert found.value < 0.9 * sum(weights.values())
    assert place_on_chip(traffic, config, objective=asked).tile.tolist() == found.tile.tolist()


@pytest.mark.parametrize("chip", ["mesh", "yx", "torus"])
def test_the_busiest_link_carries_less_if_that_is_the_objective(chip: str) -> None:
    traffic, config = network_traffic(34), ChipConfig(mesh=(6, 6), **CHIPS[chip])
    hops, link = (place_on_chip(traffic, config, objective=name).costs for name in ("spike-hops", "worst-link"))
    assert link.worst_link < hops.worst_link
    assert hops.spike_hops < link.spike_hops


def test_links_that_cost_more_are_used_less() -> None:
    traffic = network_traffic(36)
    rows_cheap = ChipConfig(mesh=(6, 6), energy=EnergyTable(name="t", link_ew=1, link_ns=9))
    cols_cheap = ChipConfig(mesh=(6, 6), energy=EnergyTable(name="t", link_ew=9, link_ns=1))
    for here, there in ((rows_cheap, cols_cheap), (cols_cheap, rows_cheap)):
        found = place_on_chip(traffic, here, objective="energy")
        assert found.costs.energy_pj < 0.8 * evaluate(traffic, found.tile, there).energy_pj
    both = place_on_chip(traffic, rows_cheap, objective={"energy": 1, "spike-hops": 1})
    alone = place_on_chip(traffic, rows_cheap, objective="energy")
    assert both.costs.spike_hops < alone.costs.spike_hops


@settings(max_examples=examples(15, 200), deadline=None)
@given(st.sampled_from([*CHIPS]), st.integers(1, 5), st.integers(0, 99), st.sampled_from([*OBJECTIVES]))
def test_small_ones_are_never_worse_than_in_order_or_than_few_hops(
    chip: str, clusters: int, seed: int, objective: str
) -> None:
    traffic, config = network_traffic(clusters, seed), ChipConfig(mesh=(4, 2), **CHIPS[chip])
    found = place_on_chip(traffic, config, objective=objective, seed=seed)
    take = OBJECTIVES[objective]
    assert take(found.costs) <= take(found.in_order)
    few = place(traffic, TileGrid.of(config), seed=seed).tile
    if objective != "energy":
        assert take(found.costs) <= take(evaluate(traffic, few, config))


def test_other_methods_are_what_they_are() -> None:
    traffic, config = network_traffic(16), ChipConfig(mesh=(4, 4))
    for method in set(METHODS) - {"exact", "optimised"}:
        found = place_on_chip(traffic, config, method, "worst-link", seed=3)
        assert found.tile.tolist() == place(traffic, TileGrid.of(config), method, 3).tile.tolist()
        assert found.method == method


def test_a_time_limit_holds_for_both_halves() -> None:
    traffic, config = network_traffic(400), ChipConfig(mesh=(20, 20))
    found = place_on_chip(traffic, config, objective="worst-link", time_limit=0.2)
    assert found.cut
    assert found.value < 1


def test_refused() -> None:
    traffic, config = network_traffic(4), ChipConfig(mesh=(2, 2))
    for objective, message in [
        ("hops", r"^objective must be one of spike-hops, worst-link, energy, not 'hops'$"),
        ({"energy": -1}, r"^weight of energy must not be negative, and finite, not -1$"),
        ({"energy": float("nan")}, r"^weight of energy must not be negative, and finite, not nan$"),
        ({}, r"^objective must have a weight above 0$"),
        ({"energy": 0}, r"^objective must have a weight above 0$"),
    ]:
        with pytest.raises(ValueError, match=message):
            place_on_chip(traffic, config, objective=objective)  # type: ignore[arg-type]
    table = EnergyTable(name="cores only", spike=1)
    with pytest.raises(ValueError, match=r"^energy cannot be an objective: the table cores only has no number for rou"):
        place_on_chip(traffic, config.replace(energy=table), objective="energy")
    with pytest.raises(ValueError, match=r"^placement must be one of .*, not 'x'$"):
        place_on_chip(traffic, config, "x")


@pytest.mark.parametrize("objective", ["spike-hops", "energy", {"energy": 2.0, "spike-hops": 1.0}])
@pytest.mark.parametrize("chip", ["mesh", "torus", "tree"])
def test_packet_ways_are_the_objective_but_for_a_factor(chip: str, objective: Any) -> None:
    traffic, config = network_traffic(30), ChipConfig(mesh=(6, 6), **CHIPS[chip])
    ways, leave = packet_ways(traffic, config, objective)
    packets = int(traffic.packets.sum())
    in_order = evaluate(traffic, np.arange(30), config)
    weights = {objective: 1.0} if isinstance(objective, str) else objective
    found = []
    for seed in range(4):
        tile = np.random.default_rng(seed).permutation(36)[:30].astype(np.int64)
        costs = evaluate(traffic, tile, config)
        found.append((ways.cost(traffic, tile) + leave * packets, costs))
    if len(weights) == 1:
        (name,) = weights
        ratio = [value / OBJECTIVES[name](costs) for value, costs in found]
        assert np.allclose(ratio, ratio[0], rtol=1e-5)
    else:
        # Each is divided by what it is in order; energy, there, without what packets take wherever they go.
        values = [value for value, _ in found]
        hops = [costs.spike_hops / in_order.spike_hops for _, costs in found]
        only = ways_energy(traffic, config)
        energy = [(costs.energy_pj - in_order.energy_pj) / only for _, costs in found]
        expected = [2 * one + other for one, other in zip(energy, hops, strict=True)]
        slope = (values[1] - values[0]) / (expected[1] - expected[0])
        assert np.allclose(np.diff(values), slope * np.diff(expected), rtol=1e-4)


def ways_energy(traffic: Traffic, config: ChipConfig) -> float:
    """The energy of ways alone with clusters in order, from what a packet takes wherever it goes."""
    down, along, apart = energy_ways(config)
    grid = TileGrid.of(config)
    parts = np.array([down, along, apart])
    fine = np.round(2**20 * parts / parts.max()).astype(int).tolist()
    return Distances.weighted(grid, *fine).cost(traffic, np.arange(traffic.clusters)) / 2**20 * parts.max()
