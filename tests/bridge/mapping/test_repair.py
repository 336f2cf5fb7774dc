import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.config import Crossbar
from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.mapping.hypergraph import halves
from synaptile.bridge.mapping.repair import split


@settings(deadline=None, max_examples=60)
@given(networks(), st.integers(1, 6), st.integers(1, 6), st.integers(1, 24))
def test_split_fits_or_gives_up(network: RandomNetwork, axons: int, neurons: int, limit: int) -> None:
    wiring = network.connectivity
    axons = max(axons, int(wiring.fan_in_sizes.max(initial=0)))
    parts = split(wiring, np.zeros(network.neurons, np.int64), limit, Crossbar(axons=axons, neurons=neurons), 0)
    if parts is None:
        assert limit < network.neurons
        return
    assert np.bincount(parts, minlength=1).max() <= neurons
    assert sorted(set(parts.tolist())) == list(range(int(parts.max(initial=-1)) + 1))
    for cluster in range(limit):
        assert len(set(wiring.pre[parts[wiring.post] == cluster].tolist())) <= axons


def test_split_keeps_listeners_of_the_same_together() -> None:
    # Even neurons listen to 0 and 2, odd ones to 1 and 3.
    post = np.repeat(np.arange(8), 2)
    network = Connectivity.of(8, post % 2 + np.tile([0, 2], 8), post)
    assert halves(network, np.arange(8), 0).tolist() in ([False, True] * 4, [True, False] * 4)
    parts = split(network, np.zeros(8, np.int64), 2, Crossbar(axons=2, neurons=8), 0)
    assert parts is not None
    assert len(set(parts[::2].tolist())) == len(set(parts[1::2].tolist())) == 1
