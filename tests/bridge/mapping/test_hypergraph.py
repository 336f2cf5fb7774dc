import itertools
import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.mapping.connectivity import Connectivity
from synaptile.bridge.mapping.hypergraph import graph_blocks, halves, hypergraph_blocks

RINGS = Connectivity.of(6, [0, 2, 4, 1, 3, 5], [2, 4, 0, 3, 5, 1])


def test_two_blocks_are_the_two_rings() -> None:
    edges = [[0, 2], [2, 4], [4, 0], [1, 3], [3, 5], [5, 1]]
    expected = ([0, 1] * 3, [1, 0] * 3)
    assert hypergraph_blocks([1] * 6, edges, [1] * 6, [3, 3], 0).tolist() in expected
    assert graph_blocks([1] * 6, [(one, other) for one, other in edges], [1] * 6, [3, 3], 0).tolist() in expected


@pytest.mark.parametrize("members", [[0, 1], [1, 4, 5]])
def test_halves_without_anything_in_common(members: list[int]) -> None:
    second = halves(RINGS, np.array(members), 0)
    assert 0 < second.sum() < len(members)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(2, 20).flatmap(
        lambda nodes: st.tuples(
            st.just(nodes), st.lists(st.sets(st.integers(0, nodes - 1), min_size=2).map(sorted), max_size=12)
        )
    ),
    st.integers(2, 5),
    st.integers(0, 2**32),
)
def test_blocks_exist_and_repeat(graph: tuple[int, list[list[int]]], blocks: int, seed: int) -> None:
    nodes, edges = graph
    sizes, weights, room = [1] * nodes, [1] * len(edges), [max(1, -(-nodes // blocks))] * blocks
    found = hypergraph_blocks(sizes, edges, weights, room, seed)
    assert found.shape == (nodes,)
    assert 0 <= found.min() <= found.max() < blocks
    assert hypergraph_blocks(sizes, edges, weights, room, seed).tobytes() == found.tobytes()


def large() -> tuple[list[int], list[list[int]], list[int], list[int]]:
    """Forty groups of twenty nodes, shuffled, each joined by edges of twelve."""
    rng = np.random.default_rng(0)
    group = rng.permutation(800).reshape(40, 20)
    edges = [rng.choice(group[number % 40], 12, replace=False).tolist() for number in range(600)]
    return [1] * 800, edges, [1] * 600, [20] * 40


class TestInAProcessOfItsOwn:
    def test_groups_are_found_again_and_again(self) -> None:
        sizes, edges, weights, room = large()
        found = hypergraph_blocks(sizes, edges, weights, room, 7)
        assert all(len(set(found[edge].tolist())) == 1 for edge in edges)
        assert np.bincount(found).max() == 20
        assert hypergraph_blocks(sizes, edges, weights, room, 7).tobytes() == found.tobytes()
        pairs = [(one, other) for edge in edges for one, other in itertools.pairwise(edge)]
        cut = graph_blocks(sizes, pairs, [1] * len(pairs), room, 7)
        assert all(cut[one] == cut[other] for one, other in pairs)

    def test_it_is_stopped_when_its_time_is_up(self) -> None:
        with pytest.raises(TimeoutError, match=r"Mt-KaHyPar took more than 0.001 s"):
            hypergraph_blocks(*large(), 0, seconds=0.001)

    def test_what_it_says_when_it_fails_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes, edges, weights, room = large()
        with pytest.raises(RuntimeError, match=r"Mt-KaHyPar ended with status 1: .*"):
            hypergraph_blocks(sizes, [[0, 10**9], *edges[1:]], weights, [-1, *room[1:]], 0, seconds=math.inf)
        monkeypatch.setattr(sys, "executable", "/nonexistent/python")
        with pytest.raises(OSError, match="nonexistent"):
            hypergraph_blocks(sizes, edges, weights, room, 0)
