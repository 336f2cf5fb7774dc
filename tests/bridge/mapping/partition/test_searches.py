import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.partitions import breaks
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import (
    METHODS,
    SEARCHES,
    BestSoFar,
    ClusterLimits,
    Effort,
    cut_cost,
    find_partition,
    packets_lower_bound,
    unicast_cost,
)
from synaptile.bridge.mapping.partition import searches as module


def digits() -> Network:
    """64 pixels, 40 hidden neurons, 10 outputs, fully connected."""
    pre = np.concatenate([np.repeat(np.arange(64), 40), np.repeat(np.arange(64, 104), 10)])
    post = np.concatenate([np.tile(np.arange(64, 104), 64), np.tile(np.arange(104, 114), 40)])
    return Network.of(114, pre, post)


def shuffled_ring(neurons: int = 240) -> Network:
    rng = np.random.default_rng(1)
    name = rng.permutation(neurons)
    pre = np.repeat(np.arange(neurons), 6)
    return Network.of(neurons, name[pre], name[(pre + rng.integers(-8, 9, len(pre))) % neurons])


@pytest.mark.parametrize("method", SEARCHES)
def test_no_method_breaks_a_limit(method: str) -> None:
    accepted = 0

    @settings(deadline=None, max_examples=examples(12, 300))
    @given(
        networks(18),
        st.integers(2, 6),
        st.integers(3, 8),
        st.none() | st.integers(2, 12),
        st.none() | st.integers(1, 4),
        st.none() | st.integers(1, 6),
        st.none() | st.integers(3, 8),
        st.integers(0, 2**32),
    )
    def check(
        network: RandomNetwork,
        neurons: int,
        axons: int,
        synapses: int | None,
        fan_out: int | None,
        axons_out: int | None,
        clusters: int | None,
        seed: int,
    ) -> None:
        nonlocal accepted
        limits = ClusterLimits(8, neurons, axons, synapses, fan_out, axons_out)
        try:
            found = find_partition(network.firing, limits, method=method, effort=Effort(seed), clusters=clusters)
        except MappingError:
            return
        accepted += network.neurons > 0
        assert not breaks(network.firing, limits, found.cluster.tolist())
        assert clusters is None or found.clusters <= clusters
        again = find_partition(network.firing, limits, method=method, effort=Effort(seed), clusters=clusters)
        assert again.cluster.tobytes() == found.cluster.tobytes()

    check()
    assert accepted > 0


@pytest.mark.parametrize("method", [method for method in METHODS if method not in ("in-order", "refined")])
def test_digits_that_fit_are_found(method: str) -> None:
    # The hidden neurons need all axons of two tiles and the outputs those of a third; of 116 places two stay free.
    network, limits = digits(), ClusterLimits(4, 29, 64, mesh=(2, 2))
    found = find_partition(network, limits, method=method)
    assert limits.broken(network, found.cluster) is None
    if method in ("auto", "overlap", "km1"):
        assert packets_lower_bound(network, limits) <= found.cost <= 150


def test_each_objective_is_lowest_by_its_own_method() -> None:
    network, limits = shuffled_ring(), ClusterLimits(8, 32, 240)
    found = {name: find_partition(network, limits, method=name) for name in SEARCHES if name != "swarm"}
    packets = {name: part.cost for name, part in found.items()}
    spikes = {name: unicast_cost(network, part.cluster) for name, part in found.items()}
    assert min(packets, key=packets.__getitem__) in ("km1", "overlap")
    assert packets["overlap"] < 0.6 * packets["in-order"]
    assert packets["refined"] < packets["in-order"]
    assert spikes["unicast"] < 0.5 * spikes["balanced"]
    assert min(packets.values()) >= packets_lower_bound(network, limits)


def test_balanced() -> None:
    # Neuron i has i inputs: 9 + 3 + 0, 8 + 4 + 1, 7 + 5 + 2 and 6 by the longest first; three is the most of a tile.
    pre = np.concatenate([np.arange(count) for count in range(10)])
    network = Network.of(10, pre, np.repeat(np.arange(10), np.arange(10)))
    found = find_partition(network, ClusterLimits(4, 3, 10), method="balanced").cluster
    loads = np.bincount(found, network.synapses)
    assert sorted(loads.tolist()) == [11, 11, 11, 12]
    sources = Network.of(12, [0, 1, 2, 3], [8, 9, 10, 11])
    spread = find_partition(sources, ClusterLimits(4, 12, 12), method="balanced").cluster
    assert np.bincount(spread).tolist() == [3, 3, 3, 3]


def test_so_many_clusters_as_asked_for() -> None:
    network, limits = shuffled_ring(), ClusterLimits(16, 64, 240)
    for method in ("in-order", "random", "balanced", "overlap", "km1", "unicast"):
        found = find_partition(network, limits, method=method, clusters=10)
        assert 9 <= found.clusters <= 10, method
        assert np.bincount(found.cluster).max() <= 27


def test_a_large_network_is_contracted(monkeypatch: pytest.MonkeyPatch) -> None:
    network, limits = shuffled_ring(2000), ClusterLimits(40, 64, 2000)
    whole = find_partition(network, limits, method="km1").cost
    monkeypatch.setattr(module, "_PINS", 3000)
    for method, cost in (("km1", 1.6 * whole), ("unicast", 2.5 * whole)):
        found = find_partition(network, limits, method=method)
        assert found.cost < cost
        assert limits.broken(network, found.cluster) is None


def test_a_deadline_and_an_interruption() -> None:
    network, limits = shuffled_ring(), ClusterLimits(8, 32, 240)
    late = find_partition(network, limits, effort=Effort.within(0))
    assert (late.method, list(late.costs)) == ("in-order", ["in-order"])
    said: list[str] = []

    def interrupt(what: str, cost: int | None) -> None:
        said.append(what)
        if what.startswith("overlap: refining"):
            raise KeyboardInterrupt

    effort = Effort(tell=interrupt, best=BestSoFar())
    with pytest.raises(KeyboardInterrupt):
        find_partition(network, limits, effort=effort)
    assert effort.best.cluster is not None
    assert effort.best.cost == cut_cost(network, effort.best.cluster)
    assert limits.broken(network, effort.best.cluster) is None
    assert effort.tell is interrupt
    assert said[0].startswith("in-order: ")
