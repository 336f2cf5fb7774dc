from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping.connectivity import (
    Connectivity,
    cluster_fan_out,
    cluster_pairs,
    clusters_axons,
    occurrences,
)


@given(networks())
def test_distinct_pairs(network: RandomNetwork) -> None:
    found = network.connectivity
    pairs = sorted(set(zip(network.pre.tolist(), network.post.tolist(), strict=True)))
    assert list(zip(found.pre.tolist(), found.post.tolist(), strict=True)) == pairs
    for neuron in range(network.neurons):
        assert found.sources(neuron).tolist() == [pre for pre, post in pairs if post == neuron]
    assert found.fan_in_sizes.tolist() == [sum(post == n for _, post in pairs) for n in range(network.neurons)]


@given(networks())
def test_cluster_pairs(network: RandomNetwork) -> None:
    cluster = np.arange(network.neurons) % 3
    neuron, heard_in = cluster_pairs(network.connectivity, cluster, 3)
    expected = sorted({(pre, post % 3) for pre, post in zip(network.pre.tolist(), network.post.tolist(), strict=True)})
    assert list(zip(neuron.tolist(), heard_in.tolist(), strict=True)) == expected
    start, target = cluster_fan_out(network.connectivity, cluster, 3)
    assert [target[a:b].tolist() for a, b in pairwise(start)] == [
        [there for pre, there in expected if pre == neuron] for neuron in range(network.neurons)
    ]
    assert clusters_axons(network.connectivity, cluster, 3).tolist() == [
        sum(there == here for _, there in expected) for here in range(3)
    ]


@given(networks())
def test_any_integers_and_any_order(network: RandomNetwork) -> None:
    expected = network.connectivity
    order = np.lexsort((network.post, network.pre))
    for kind in (np.int32, np.uint8, list):
        for pre, post in ((network.pre, network.post), (network.pre[order], network.post[order])):
            as_given = (list(pre), list(post)) if kind is list else (pre.astype(kind), post.astype(kind))
            found = Connectivity.of(network.neurons, *as_given)
            assert found.pre.tolist() == expected.pre.tolist()
            assert found.post.tolist() == expected.post.tolist()
            assert found.fan_in.tolist() == expected.fan_in.tolist()
            assert found.fan_in_start.tolist() == expected.fan_in_start.tolist()
    assert occurrences(network.post, network.neurons).tolist() == [
        (network.post == neuron).sum() for neuron in range(network.neurons)
    ]
    for neuron in range(network.neurons):
        assert expected.listeners(neuron).tolist() == sorted(set(network.post[network.pre == neuron].tolist()))
    assert expected.fan_out_sizes.sum() == expected.fan_in_sizes.sum() == len(expected.post)


def test_inputs_that_are_no_neurons() -> None:
    found = Connectivity.of(2, [7, 0, 7], [1, 1, 0], inputs=8)
    assert (found.sources(1).tolist(), found.listeners(7).tolist()) == ([0, 7], [0, 1])
    with pytest.raises(ValueError, match=r"^pre must lie in 0\.\.7, not 8$"):
        Connectivity.of(2, [8], [0], inputs=8)


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^pre must lie in 0\.\.2, not 3$"):
        Connectivity.of(3, [3], [0])
    with pytest.raises(ValueError, match=r"^post must lie in 0\.\.2, not -1$"):
        Connectivity.of(3, [0], [-1])
    with pytest.raises(ValueError, match=r"^pre and post must be of equal length, not \(2,\) and \(1,\)$"):
        Connectivity.of(3, [0, 1], [0])
    with pytest.raises(ValueError, match=r"^neurons must not be negative, not -1$"):
        Connectivity.of(-1, [], [])
    with pytest.raises(ValueError, match=r"^pre must lie in 0\.\.-1, not 0$"):
        Connectivity.of(0, [0], [0])
