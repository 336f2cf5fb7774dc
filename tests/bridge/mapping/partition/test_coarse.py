"""Groups of neurons that listen to the same."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, Effort, find_partition
from synaptile.bridge.mapping.partition.coarse import Coarse, fewest_pins, twins


def inputs_of(network: Network) -> list[tuple]:
    wiring = network.connectivity
    names = []
    for neuron in range(network.neurons):
        sources = tuple(wiring.sources(neuron).tolist())
        names.append(("in", *sources) if sources else ("out", *wiring.listeners(neuron).tolist()))
    return names


@settings(max_examples=examples(100, 2000), deadline=None)
@given(networks(), st.integers(1, 9))
def test_twins_are_grouped_and_no_others(network: RandomNetwork, most: int) -> None:
    group = twins(network.silent, most)
    names = inputs_of(network.silent)
    by_group: dict[int, set] = {}
    for number, name in zip(group.tolist(), names, strict=True):
        by_group.setdefault(number, set()).add(name)
    assert sorted(by_group) == list(range(len(by_group)))
    assert all(len(found) == 1 for found in by_group.values())
    sizes = Counter(group.tolist())
    for name, count in Counter(names).items():
        of_name = sorted((sizes[number] for number, found in by_group.items() if found == {name}), reverse=True)
        powers = [1 << bit for bit in range(8, -1, -1) if count % most >> bit & 1]
        assert of_name == [most] * (count // most) + powers


def layers(sides: int = 12, maps: int = 8) -> Network:
    """Two layers; all maps of the second see the same windows of the first."""
    pre, post = [], []
    for place in range(sides * sides):
        for down in (0, 1):
            for along in (0, 1):
                row, col = place // sides + down, place % sides + along
                if row < sides and col < sides:
                    for here in range(maps):
                        pre.append(row * sides + col)
                        post.append(sides * sides + here * sides * sides + place)
    return Network.of(sides * sides * (1 + maps), pre, post)


def test_a_network_of_maps_is_small_in_groups() -> None:
    network, limits = layers(20), ClusterLimits(400, 16, 64)
    assert len(network.connectivity.fan_out) > 5000
    coarse = Coarse.of(network, limits, Effort(), 10**6, 2)
    assert coarse.sizes.sum() == network.neurons
    assert len(coarse.sizes) == 800
    assert np.array_equal(np.bincount(coarse.group), coarse.sizes)
    assert fewest_pins(network, limits) < len(network.connectivity.fan_out) / 4
    # Every map's neuron at a place is with the others there, so that each pixel's spike goes to few tiles.
    single = Coarse.of(network, limits, Effort(), 10**6, 1)
    assert len(single.sizes) == network.neurons
    found = find_partition(network, limits, method="km1")
    assert found.cost < 0.5 * find_partition(network, limits, method="in-order").cost
