import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.partitions import packets
from support.random_networks import RandomNetwork, networks

from synaptile.bridge.mapping.partition import ClusterLimits
from synaptile.bridge.mapping.partition.state import State, gain_of, move, state_of

CLUSTERS = 4


# Not kept in the cache, which would not see that what it calls has changed.
@numba.njit
def moved(state: State, neuron: int, target: int) -> tuple[int, int]:
    """What a move is said to save before, and what it saves."""
    return gain_of(state, neuron, target), move(state, neuron, target)


def facts(state: State) -> dict[str, object]:
    reach = [
        sorted(
            zip(
                state.reach_cluster[begin : begin + size].tolist(),
                state.reach_count[begin : begin + size].tolist(),
                strict=True,
            )
        )
        for begin, size in zip(state.reach_start[:-1], state.reach_size, strict=True)
    ]
    members = []
    for first in state.first.tolist():
        found = []
        while first >= 0:
            found.append(first)
            first = int(state.after[first])
        members.append(sorted(found))
    counts = {name: getattr(state, name).tolist() for name in ("size", "axons", "load", "axons_out", "excess")}
    return {"reach": reach, "members": members, **counts}


@settings(deadline=None)
@given(networks(10), st.lists(st.tuples(st.integers(0, 9), st.integers(0, CLUSTERS - 1)), max_size=12))
def test_moves_keep_everything_up_to_date(network: RandomNetwork, moves: list[tuple[int, int]]) -> None:
    known, limits = network.firing, ClusterLimits(CLUSTERS, 3, 4, 6, 1, 3)
    cluster = np.arange(network.neurons) % CLUSTERS
    state = state_of(known, limits, cluster, CLUSTERS)
    for neuron, target in moves:
        if neuron >= network.neurons or state.cluster[neuron] == target:
            continue
        before = packets(known, state.cluster.tolist())
        told, saved = moved(state, neuron, target)
        assert told == saved == before - packets(known, state.cluster.tolist())
        assert facts(state) == facts(state_of(known, limits, state.cluster, CLUSTERS))
