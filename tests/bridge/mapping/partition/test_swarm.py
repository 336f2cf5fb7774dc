import time

import numpy as np
import pytest

from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits, Effort, unicast_cost
from synaptile.bridge.mapping.partition.swarm import swarm

RINGS = Network.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])


def test_it_finds_the_groups_and_gets_better() -> None:
    costs: list[int] = []
    found = swarm(
        RINGS, ClusterLimits(2, 3, 6), Effort(1), particles=20, rounds=40, watch=lambda _, cost: costs.append(cost)
    )
    assert unicast_cost(RINGS, found) == costs[-1] == 0
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 41
    assert costs[0] > 0 or costs[1] == 0


def test_the_same_seed_gives_the_same() -> None:
    rng = np.random.default_rng(4)
    network = Network.of(30, rng.integers(0, 30, 90), rng.integers(0, 30, 90))
    limits = ClusterLimits(5, 8, 12)
    first, again, other = (swarm(network, limits, Effort(seed), particles=8, rounds=5).tolist() for seed in (3, 3, 4))
    assert first == again != other


def test_axons_count() -> None:
    # Of three pairs that each hear one neuron, one axon allows one pair a tile: of all that is balanced, few are.
    network = Network.of(9, [0, 0, 1, 1, 2, 2], [3, 4, 5, 6, 7, 8])
    limits = ClusterLimits(3, 3, 1)
    found = swarm(network, limits, Effort(0), particles=40, rounds=60)
    assert limits.broken(network, found) is None


def test_it_ends_in_time_and_says_what_is_too_large() -> None:
    start = time.monotonic()
    found = swarm(RINGS, ClusterLimits(2, 3, 6), Effort.within(0.2), particles=10, rounds=10**9)
    assert time.monotonic() - start < 20
    assert np.bincount(found).max() <= 3
    with pytest.raises(MappingError, match=r"^100 particles of 6 neurons on 2000000 tiles take 4\.5 GiB, more than 4"):
        swarm(RINGS, ClusterLimits(2_000_000, 3, 6), Effort())
