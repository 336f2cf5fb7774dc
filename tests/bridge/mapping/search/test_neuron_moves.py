"""Moves of single neurons: never worse, never beyond a limit, and in the end no single move gains."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.partitions import breaks, pairs
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits
from synaptile.bridge.mapping.partition.limits import Usage
from synaptile.bridge.mapping.placement.distances import Distances
from synaptile.bridge.mapping.search import neuron_moves
from synaptile.bridge.mapping.search.neuron_moves import move_neurons
from synaptile.bridge.tile_grid import TileGrid

GRIDS = {topology: TileGrid(4, 4, topology) for topology in ("mesh", "torus", "tree")}


def cost(network: Network, tile: list[int], distances: Distances, leave: int) -> int:
    """By plain loops: every spike goes once to every other tile where somebody listens."""
    spikes = network.spike_weights.tolist()
    total = 0
    for pre, there in {(pre, tile[post]) for pre, post in pairs(network)}:
        if tile[pre] != there:
            total += spikes[pre] * (int(distances.between(np.array(tile[pre]), np.array(there))) + leave)
    return total


@pytest.fixture(scope="module", autouse=True)
def until_nothing_is_gained() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neuron_moves, "_LEAST_SHARE", 2**31)
        yield


@settings(max_examples=examples(120, 3000), deadline=None)
@given(
    networks(12),
    st.sampled_from(sorted(GRIDS)),
    st.sampled_from([(1, 1), (3, 2)]),
    st.integers(0, 3),
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)),
    st.booleans(),
    st.data(),
)
def test_what_comes_out(
    network: RandomNetwork,
    topology: str,
    ways: tuple[int, int],
    leave: int,
    spare: tuple[int, int, int],
    tight: bool,
    data: st.DataObject,
) -> None:
    distances = Distances.weighted(GRIDS[topology], *ways, 2 if topology == "tree" else 0)
    firing = network.firing
    tiles = st.sampled_from([0, 1, 2, 7, 13])
    before = data.draw(st.lists(tiles, min_size=network.neurons, max_size=network.neurons))
    used = Usage.of(firing, np.array(before, np.int64))
    most = [
        int(of.max(initial=1)) + more for of, more in zip((used.neurons, used.axons, used.fan_out), spare, strict=True)
    ]
    limits = ClusterLimits(16, most[0], most[1], fan_out=most[2]) if tight else ClusterLimits(16, 12, 12)
    found = move_neurons(firing, limits, np.array(before, np.int32), distances, leave=leave).tolist()
    after = cost(firing, found, distances, leave)
    assert after <= cost(firing, before, distances, leave)
    assert not breaks(firing, limits, found)
    assert move_neurons(firing, limits, np.array(before, np.int32), distances, leave=leave).tolist() == found
    size = np.bincount(found, minlength=16)
    for neuron in range(network.neurons):
        # Where there is room, the place of most gain gains nothing, or a limit is in the way.
        options = [[*found[:neuron], tile, *found[neuron + 1 :]] for tile in range(16) if size[tile] < limits.neurons]
        best = min(options, key=lambda option: cost(firing, option, distances, leave), default=found)
        assert cost(firing, best, distances, leave) >= after or breaks(firing, limits, best)


def two_rings(neurons: int = 40) -> Network:
    pre = np.arange(neurons)
    return Network.of(neurons, np.repeat(pre, 2), np.stack([(pre + 2) % neurons, (pre + 4) % neurons], 1).reshape(-1))


def test_neurons_that_belong_together_come_together() -> None:
    network, limits = two_rings(), ClusterLimits(16, 5, 40)
    distances = Distances.hops(GRIDS["mesh"])
    tile = np.random.default_rng(0).permutation(np.repeat(np.arange(8), 5)).astype(np.int32)
    found = move_neurons(network, limits, tile, distances)
    assert cost(network, found.tolist(), distances, 0) < 0.6 * cost(network, tile.tolist(), distances, 0)


@pytest.mark.parametrize("most", [2, 3])
def test_no_more_tiles_than_asked_for(most: int) -> None:
    network, limits = two_rings(), ClusterLimits(16, 40, 80)
    tile = (np.arange(40) % 2).astype(np.int32)
    found = move_neurons(network, limits, tile, Distances.hops(GRIDS["mesh"]), most_tiles=most)
    assert len(set(found.tolist())) <= most


def test_a_deadline_and_nothing() -> None:
    network, limits = two_rings(), ClusterLimits(16, 5, 40)
    tile = (np.arange(40) % 8).astype(np.int32)
    found = move_neurons(network, limits, tile, Distances.hops(GRIDS["mesh"]), deadline=time.monotonic())
    assert limits.broken(network, found) is None
    empty = Network.of(0, [], [])
    assert move_neurons(empty, limits, np.zeros(0, np.int32), Distances.hops(GRIDS["mesh"])).tolist() == []
