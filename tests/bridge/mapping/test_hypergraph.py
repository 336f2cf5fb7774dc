import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.mapping.hypergraph import halves, km1_blocks

RINGS = Connectivity.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])


def test_single_block() -> None:
    assert km1_blocks(Network(RINGS), 1, 6, 0).tolist() == [0] * 6


def test_two_blocks_are_the_two_rings() -> None:
    assert km1_blocks(Network(RINGS), 2, 3, 0).tolist() in ([0, 1] * 3, [1, 0] * 3)


@pytest.mark.parametrize("members", [[0, 1], [1, 4, 5]])
def test_halves_without_anything_in_common(members: list[int]) -> None:
    second = halves(RINGS, np.array(members), 0)
    assert 0 < second.sum() < len(members)


@settings(deadline=None, max_examples=40)
@given(networks(), st.integers(2, 5), st.integers(0, 2**32))
def test_blocks_exist_and_repeat(network: RandomNetwork, blocks: int, seed: int) -> None:
    size = max(1, -(-network.neurons // blocks))
    if network.neurons < 2:
        return
    found = km1_blocks(network.firing, blocks, size, seed)
    assert found.shape == (network.neurons,)
    assert 0 <= found.min() <= found.max() < blocks
    assert km1_blocks(network.firing, blocks, size, seed).tobytes() == found.tobytes()
