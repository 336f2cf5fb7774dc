import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, Effort
from synaptile.bridge.mapping.partition.growth import grow

RINGS = Network.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])


@settings(deadline=None)
@given(networks(), st.integers(1, 5), st.integers(0, 9), st.booleans(), st.integers(0, 2**32))
def test_clusters_keep_the_limits_and_have_everyone(
    network: RandomNetwork, neurons: int, more: int, share: bool, seed: int
) -> None:
    known, wiring = network.firing, network.connectivity
    # Every neuron fits alone.
    limits = ClusterLimits(
        max(1, network.neurons),
        neurons,
        int(wiring.fan_in_sizes.max(initial=0)) + more,
        int(known.synapses.max(initial=0)) + more,
    )
    rng = np.random.default_rng(seed)
    order = rng.permutation(network.neurons)[: network.neurons - network.neurons // 3]
    group = rng.integers(0, 3, network.neurons)
    found = grow(known, limits, Effort(), order, share=share, group=group)
    assert sorted(np.flatnonzero(found >= 0).tolist()) == sorted(order.tolist())
    assert sorted(set(found[order].tolist())) == list(range(int(found.max(initial=-1)) + 1))
    left = np.where(found >= 0, found, found.max(initial=-1) + 1 + np.arange(network.neurons))
    usage_limits = ClusterLimits(3 * max(1, network.neurons), limits.neurons, limits.axons, limits.synapses)
    assert usage_limits.broken(known, left) is None


def test_who_shares_most_comes_first() -> None:
    assert grow(RINGS, ClusterLimits(2, 3, 6), Effort(), np.arange(6)).tolist() == [0, 1] * 3
    assert grow(RINGS, ClusterLimits(2, 3, 6), Effort(), np.arange(6), share=False).tolist() == [0, 0, 0, 1, 1, 1]
    # 1 to 4 hear one of two; 5 hears both, of which the louder decides.
    for loud, counts in ((0, [9, 1, 1, 1, 1, 1]), (3, [1, 1, 1, 9, 1, 1])):
        network = Network.of(6, [0, 0, 3, 3], [1, 5, 4, 5], spike_counts=np.array(counts))
        found = grow(network, ClusterLimits(3, 2, 6), Effort(), [5, 0, 1, 2, 3, 4])
        assert found[5] == found[loud]


def test_groups_stay_together() -> None:
    group = np.array([0, 1, 1, 0, 0, 1])
    found = grow(RINGS, ClusterLimits(2, 3, 6), Effort(), np.argsort(group, kind="stable"), group=group)
    assert found.tolist() == group.tolist()


def test_what_has_no_room_is_left_for_the_next() -> None:
    # 0 and 3 hear nobody and need no axons: they fill up the cluster in which 1 has taken the only one.
    network = Network.of(4, [0, 3], [1, 2])
    assert grow(network, ClusterLimits(4, 3, 1), Effort(), [1, 2, 0, 3], share=False).tolist() == [0, 0, 1, 0]
    assert grow(network, ClusterLimits(4, 3, 1), Effort(), [1, 2, 0, 3], share=False, look=1).tolist() == [1, 0, 1, 1]


def test_in_a_hurry_the_order_is_taken() -> None:
    late = grow(RINGS, ClusterLimits(2, 3, 6), Effort.within(0), np.arange(6))
    assert late.tolist() == [0, 0, 0, 1, 1, 1]
    many = Network.of(20000, np.arange(20000), (np.arange(20000) + 10000) % 20000)
    found = grow(many, ClusterLimits(9999, 2, 9), Effort(), np.arange(20000), hurry_after=10)
    assert (found[:2].tolist(), found[-2:].tolist()) == ([0, 1], [9999, 9999])
