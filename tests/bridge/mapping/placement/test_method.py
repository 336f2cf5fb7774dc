import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.placement import METHODS, hop_matrix, place, traffic_matrix
from synaptile.bridge.tile_grid import TileGrid


def cost(traffic: npt.NDArray[np.int64], tile: npt.NDArray[np.int64], cols: int) -> int:
    hops = 0
    for one, other in itertools.product(range(len(tile)), repeat=2):
        (row, col), (to_row, to_col) = divmod(int(tile[one]), cols), divmod(int(tile[other]), cols)
        hops += int(traffic[one, other]) * (abs(row - to_row) + abs(col - to_col))
    return hops


@st.composite
def problems(draw: st.DrawFn, most: int = 4) -> tuple[npt.NDArray[np.int64], int, int]:
    rows, cols = draw(st.integers(1, most)), draw(st.integers(1, most))
    clusters = draw(st.integers(0, rows * cols))
    numbers = draw(st.lists(st.integers(0, 50), min_size=clusters**2, max_size=clusters**2))
    traffic = np.array(numbers, np.int64).reshape(clusters, clusters)
    np.fill_diagonal(traffic, 0)
    return traffic, rows, cols


def test_hops_on_a_torus_go_the_shorter_way_round():
    assert hop_matrix(np.array([0, 2, 11]), TileGrid(3, 4, "torus")).tolist() == [[0, 2, 2], [2, 0, 2], [2, 2, 0]]
    ring = np.zeros((4, 4), dtype=np.int64)
    ring[0, 3] = 5
    assert place(ring, TileGrid(1, 4, "torus"), "in-order").cost == 5


def test_traffic_matrix() -> None:
    network = Network.of(4, [0, 0, 0, 1, 3, 2], [1, 2, 3, 0, 3, 0])
    cluster = np.array([0, 1, 1, 2])
    assert traffic_matrix(network, cluster, 3).tolist() == [[0, 1, 1], [2, 0, 0], [0, 0, 0]]
    network = replace(network, spike_counts=np.array([10, 5, 3, 7]))
    assert traffic_matrix(network, cluster, 3).tolist() == [
        [0, 10, 10],
        [8, 0, 0],
        [0, 0, 0],
    ]


def test_hop_matrix() -> None:
    assert hop_matrix(np.array([0, 1, 5]), TileGrid(2, 3)).tolist() == [[0, 1, 3], [1, 0, 2], [3, 2, 0]]


def test_in_order() -> None:
    found = place(np.array([[0, 1], [5, 0]]), TileGrid(2, 2), "in-order")
    assert found.tile.tolist() == [0, 1]
    assert (found.cost, found.in_order_cost) == (6, 6)


def test_chain_becomes_a_line() -> None:
    # 0-3-1-4-2-5 talk in a chain; a 2x3 mesh has a path through all its tiles, so five hops are possible.
    traffic = np.zeros((6, 6), np.int64)
    for one, other in itertools.pairwise([0, 3, 1, 4, 2, 5]):
        traffic[one, other] = 10
    found = place(traffic, TileGrid(2, 3))
    assert found.cost == 50
    assert found.in_order_cost > 50


def test_free_tiles_are_used() -> None:
    # A star of five fits the 3x3 mesh with one hop to each: only if its centre moves off the edge.
    traffic = np.zeros((5, 5), np.int64)
    traffic[0, 1:] = 1
    assert place(traffic, TileGrid(3, 3)).cost == 4


@settings(deadline=None, max_examples=60)
@given(problems(), st.integers(0, 2**32))
def test_never_worse_than_in_order(problem: tuple[npt.NDArray[np.int64], int, int], seed: int) -> None:
    traffic, rows, cols = problem
    found = place(traffic, TileGrid(rows, cols), "optimised", seed)
    assert len(set(found.tile.tolist())) == len(traffic)
    assert all(0 <= tile < rows * cols for tile in found.tile.tolist())
    assert found.in_order_cost == cost(traffic, np.arange(len(traffic)), cols)
    assert found.cost == cost(traffic, found.tile, cols) <= found.in_order_cost
    assert place(traffic, TileGrid(rows, cols), "optimised", seed).tile.tobytes() == found.tile.tobytes()


@settings(deadline=None, max_examples=30)
@given(problems(most=2), st.integers(0, 9))
def test_small_problems_are_solved(problem: tuple[npt.NDArray[np.int64], int, int], seed: int) -> None:
    traffic, rows, cols = problem
    best = min(cost(traffic, np.array(tile), cols) for tile in itertools.permutations(range(rows * cols), len(traffic)))
    assert place(traffic, TileGrid(rows, cols), seed=seed).cost == best


def test_huge_counts_end() -> None:
    rng = np.random.default_rng(0)
    traffic = rng.integers(2**50, 2**51, (9, 9))
    np.fill_diagonal(traffic, 0)
    found = place(traffic, TileGrid(3, 4))
    assert found.cost <= found.in_order_cost


def test_large_mesh_stays_compact() -> None:
    rng = np.random.default_rng(0)
    traffic = rng.integers(0, 9, (30, 30))
    np.fill_diagonal(traffic, 0)
    found = place(traffic, TileGrid(64, 64))
    assert found.cost < 0.5 * found.in_order_cost
    assert len(set(found.tile.tolist())) == 30
    assert found.cost == cost(traffic, found.tile, 64)


@pytest.mark.parametrize(("rows", "cols"), [(1, 500), (500, 1), (2, 300), (21, 20)])
def test_open_block_holds_all_clusters(rows: int, cols: int) -> None:
    traffic = np.ones((rows * cols // 2 + 1,) * 2, np.int64) - np.eye(rows * cols // 2 + 1, dtype=np.int64)
    traffic[30:, :] = traffic[:, 30:] = 0
    found = place(traffic, TileGrid(rows, cols))
    assert len(set(found.tile.tolist())) == len(traffic)
    assert found.tile.max() < rows * cols


def test_a_method_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "swapped", lambda search: search.offer(np.array([0, 2, 1]) + search.seed))
    apart = np.zeros((3, 3), np.int64)
    apart[0, 2] = 5
    found = place(apart, TileGrid(1, 3), "swapped")
    assert (found.method, found.tile.tolist(), found.cost, found.in_order_cost) == ("swapped", [0, 2, 1], 5, 10)
    assert place(apart, TileGrid(1, 4), "swapped", seed=1).tile.tolist() == [1, 3, 2]
    with pytest.raises(ValueError, match=r"^placement must be one of in-order, .*, optimised, swapped, not 'x'$"):
        place(apart, TileGrid(1, 3), "x")


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^placement must be one of in-order, .*, optimised, not 'best'$"):
        place(np.zeros((1, 1), np.int64), TileGrid(1, 1), "best")
    with pytest.raises(ValueError, match=r"^traffic must be a square matrix, not of shape \(2, 1\)$"):
        place(np.zeros((2, 1), np.int64), TileGrid(1, 1))
    with pytest.raises(ValueError, match=r"^traffic must not be negative, not -1$"):
        place(np.array([[0, -1], [0, 0]]), TileGrid(1, 2))
    with pytest.raises(ValueError, match=r"^clusters must be at most the 2 tiles of the 1x2 mesh, not 3$"):
        place(np.zeros((3, 3), np.int64), TileGrid(1, 2))
    with pytest.raises(ValueError, match=r"^traffic must be below 2305843009213693952 packets on this chip, not "):
        place(np.array([[0, 2**61], [2**61, 0]]), TileGrid(1, 2))
    for seconds in (0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=rf"^time_limit must be a positive number of seconds, not {seconds}$"):
            place(np.zeros((1, 1), np.int64), TileGrid(1, 1), time_limit=seconds)
