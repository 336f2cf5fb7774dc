from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.partitions import breaks
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.config import ChipConfig, Crossbar
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits
from synaptile.bridge.mapping.partition.limits import Usage

CHAIN = Network.of(4, [0, 0, 1, 2, 2], [1, 2, 2, 3, 3])


def some_limits() -> st.SearchStrategy[ClusterLimits]:
    few = st.none() | st.integers(0, 8)
    return st.builds(
        ClusterLimits,
        clusters=st.integers(1, 5),
        neurons=st.integers(1, 8),
        axons=st.integers(0, 8),
        synapses=few,
        fan_out=few,
        axons_out=few,
    )


@settings(deadline=None)
@given(networks(12), some_limits(), st.integers(0, 2**32))
def test_broken_is_what_plain_loops_find(network: RandomNetwork, limits: ClusterLimits, seed: int) -> None:
    # Numbers of clusters go up to the highest, so that none is left out.
    cluster = np.random.default_rng(seed).integers(0, 5, network.neurons)
    _, cluster = np.unique(cluster, return_inverse=True)
    assert (limits.broken(network.firing, cluster) is not None) == breaks(network.firing, limits, cluster.tolist())


def test_usage() -> None:
    usage = Usage.of(CHAIN, np.array([0, 0, 1, 2]))
    assert usage.clusters == 3
    assert usage.neurons.tolist() == [2, 1, 1]
    assert usage.axons.tolist() == [1, 2, 1]
    assert usage.synapses.tolist() == [1, 2, 2]  # 2 -> 3 is there twice
    assert usage.axons_out.tolist() == [2, 1, 0]
    assert usage.fan_out.tolist() == [2, 1, 1, 0]


def test_spike_sources_are_outside() -> None:
    source = SimpleNamespace(start=0, stop=1, is_source=True, label="in")
    network = Network.of(4, [0, 0, 1, 2], [1, 2, 2, 3], populations=(source,))
    usage = Usage.of(network, np.array([0, 0, 1, 2]))
    assert (usage.axons_out.tolist(), usage.fan_out.tolist()) == ([1, 1, 0], [0, 1, 1, 0])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"clusters": 2}, "it needs 3 clusters, and 2 are allowed"),
        ({"neurons": 1}, "cluster 0 has 2 neurons, more than 1"),
        ({"axons": 1}, "cluster 1 has 2 axons, more than 1"),
        ({"synapses": 1}, "cluster 1 has 2 synapses, more than 1"),
        ({"axons_out": 1}, "cluster 0 has 2 axons elsewhere, more than 1"),
        ({"fan_out": 1}, "neuron 0 sends to 2 clusters, more than 1"),
    ],
)
def test_message(limits: dict[str, int], message: str) -> None:
    with pytest.raises(MappingError, match=f"^{message}$"):
        ClusterLimits(**{"clusters": 3, "neurons": 2, "axons": 2, **limits}).check(CHAIN, np.array([0, 0, 1, 2]))


def test_of_chip() -> None:
    plain = ChipConfig(mesh="2x3", crossbar="64x32")
    assert ClusterLimits.of_chip(plain) == ClusterLimits.of(Crossbar(axons=64, neurons=32), (2, 3))
    chip = plain.replace(limits={"synapses": 99, "fan_out": 4, "axons_out": 7})
    assert ClusterLimits.of_chip(chip) == ClusterLimits(6, 32, 64, 99, 4, 7, mesh=(2, 3))
    assert ClusterLimits.of_chip(chip.replace(relax="fan_out")).fan_out is None


def test_spread_over() -> None:
    limits = ClusterLimits(10, 64, 99)
    assert (limits.spread_over(5, 200).neurons, limits.spread_over(5, 200).share(200)) == (44, 40)
    assert (limits.spread_over(4, 6).neurons, limits.spread_over(4, 256).neurons, limits.share(200)) == (3, 64, 64)
    with pytest.raises(ValueError, match=r"^clusters must lie in 1\.\.10, not 11$"):
        limits.spread_over(11, 200)
    with pytest.raises(ValueError, match=r"^neurons must be at least 1, not 0$"):
        ClusterLimits(1, 0, 1)
