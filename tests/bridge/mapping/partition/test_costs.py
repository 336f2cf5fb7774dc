import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.partitions import packets, spikes_on_global_synapses
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping.partition import cut_cost, unicast_cost


@settings(deadline=None)
@given(networks(), st.integers(1, 9), st.integers(0, 2**32))
def test_costs_are_those_of_plain_loops(network: RandomNetwork, clusters: int, seed: int) -> None:
    cluster = np.random.default_rng(seed).integers(0, clusters, network.neurons)
    for known in (network.firing, network.silent):
        assert cut_cost(known, cluster) == packets(known, cluster.tolist())
        assert unicast_cost(known, cluster) == spikes_on_global_synapses(known, cluster.tolist())
