import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.partitions import breaks
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, Effort, cut_cost
from synaptile.bridge.mapping.partition.fitting import fitted, mesh_for, sources_last


@settings(deadline=None, max_examples=examples(60, 500))
@given(
    networks(),
    st.integers(1, 6),
    st.integers(0, 6),
    st.integers(1, 8),
    st.none() | st.integers(2, 12),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 6),
    st.booleans(),
)
def test_fits_or_says_so(
    network: RandomNetwork,
    neurons: int,
    axons: int,
    clusters: int,
    synapses: int | None,
    fan_out: int | None,
    axons_out: int | None,
    cheapest: bool,
) -> None:
    known, limits = network.firing, ClusterLimits(clusters, neurons, axons, synapses, fan_out, axons_out)
    crowded = np.zeros(network.neurons, np.int64)
    try:
        found = fitted(known, limits, crowded, Effort(), cheapest=cheapest)
    except MappingError as error:
        assert "no partition into" in str(error)  # noqa: PT017  (that it fits is as good)
        return
    assert not breaks(known, limits, found.tolist())


def test_what_fits_is_not_changed() -> None:
    network = Network.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])
    cluster = np.array([0, 1, 0, 1, 0, 1])
    assert fitted(network, ClusterLimits(9, 3, 3), cluster, Effort()).tolist() == cluster.tolist()


def test_a_cluster_per_neuron_if_it_must() -> None:
    everyone = Network.of(5, np.arange(5), np.arange(5))
    assert sorted(fitted(everyone, ClusterLimits(5, 5, 1), np.zeros(5, np.int64), Effort()).tolist()) == [*range(5)]
    with pytest.raises(MappingError) as error:
        fitted(everyone, ClusterLimits(4, 5, 1), np.zeros(5, np.int64), Effort())
    assert str(error.value) == (
        "no partition into 4 clusters of at most 5 neurons and 1 axon was found; use a larger --mesh, or crossbars "
        "with more axons: 5 tiles would do, as of --mesh 2x3"
    )


def test_sources_fill_what_is_left() -> None:
    # Neurons 4 and 5 hear 0 to 3. The two of most spikes sit with them; the others share a cluster.
    network = Network.of(6, [0, 1, 2, 3] * 2, [4] * 4 + [5] * 4, spike_counts=np.array([1, 9, 2, 8, 1, 1]))
    limits = ClusterLimits(2, 4, 4)
    found = sources_last(network, limits, Effort(), np.arange(6), None)
    assert found.tolist() == [1, 0, 1, 0, 0, 0]
    assert cut_cost(network, found) == 3


def test_mesh_for() -> None:
    assert [mesh_for(tiles) for tiles in (1, 2, 4, 5, 6, 7, 1000)] == [
        "1x1",
        "1x2",
        "2x2",
        "2x3",
        "2x3",
        "2x4",
        "31x33",
    ]
