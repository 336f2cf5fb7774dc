import numpy as np
import pytest
from hypothesis import given
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping.connectivity import Connectivity, cluster_pairs


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
