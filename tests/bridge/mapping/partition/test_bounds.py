import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.partitions import best_cost, breaks
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, packets_lower_bound, tiles_lower_bound


@settings(deadline=None, max_examples=examples(40, 500))
@given(networks(6), st.integers(1, 3), st.integers(1, 6))
def test_nothing_is_below_the_bounds(network: RandomNetwork, neurons: int, axons: int) -> None:
    known = network.firing
    limits = ClusterLimits(max(1, network.neurons), neurons, axons)
    best = best_cost(known, limits)
    if best is not None:
        assert packets_lower_bound(known, limits) <= best
        alone = np.arange(network.neurons)
        if not breaks(known, limits, alone.tolist()):
            assert tiles_lower_bound(known, limits) <= network.neurons


def test_listeners() -> None:
    # Nine listen to neuron 0, which sits with three of them; the others need two clusters.
    network = Network.of(10, [0] * 9, range(1, 10), spike_counts=np.array([5] + [0] * 9))
    assert packets_lower_bound(network, ClusterLimits(9, 4, 9)) == 10


def test_inputs() -> None:
    # All to all: in clusters of three, each neuron hears seven others, of which five send packets.
    pre, post = np.divmod(np.arange(64), 8)
    network = Network.of(8, pre, post)
    assert packets_lower_bound(network, ClusterLimits(9, 3, 9)) == 16  # 8 neurons x 2 clusters; by inputs 3 x 5
    # The quiet ones are outside: 1 + 2 + 3 + 4 + 5 of the loudest demand, in each of three clusters nearly as much.
    loud = Network.of(8, pre, post, spike_counts=np.arange(8))
    assert packets_lower_bound(loud, ClusterLimits(9, 3, 9)) == 56


def test_joining() -> None:
    # A chain of six in clusters of two needs two packets at least; the spikes of those that send are few.
    chain = Network.of(6, range(5), range(1, 6), spike_counts=np.array([9, 1, 9, 2, 9, 0]))
    assert packets_lower_bound(chain, ClusterLimits(6, 2, 6)) == 3
    assert packets_lower_bound(Network.of(0, [], []), ClusterLimits(6, 2, 6)) == 0


def test_tiles() -> None:
    # Eight hear neuron 0: it is an axon of two clusters of four. With one axon for a tile, so needs every other input.
    network = Network.of(9, [0] * 8 + [1] * 4, [*range(1, 9), *range(1, 5)])
    assert tiles_lower_bound(network, ClusterLimits(9, 4, 9)) == 3
    assert tiles_lower_bound(network, ClusterLimits(9, 9, 9)) == 1
    assert tiles_lower_bound(network, ClusterLimits(9, 9, 1)) == 2
    assert tiles_lower_bound(network, ClusterLimits(9, 9, 9, synapses=5)) == 3
    assert tiles_lower_bound(Network.of(0, [], []), ClusterLimits(9, 9, 9)) == 0
