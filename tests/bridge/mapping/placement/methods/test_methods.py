"""Every method gives each cluster a tile of its own, the same one every time, and stops in time."""

import itertools
import time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.mapping.placement import METHODS, Traffic, hops_lower_bound, place, spike_hops
from synaptile.bridge.mapping.placement.distances import Distances
from synaptile.bridge.mapping.placement.methods.board import Board
from synaptile.bridge.mapping.placement.methods.exact import MOST_CLUSTERS, branches
from synaptile.bridge.mapping.placement.methods.kernels import anneal, change
from synaptile.bridge.mapping.placement.search import Search
from synaptile.bridge.tile_grid import TileGrid

Ints = npt.NDArray[np.int64]


@st.composite
def problems(draw: st.DrawFn, clusters: int = 9, tiles: int = 36) -> tuple[Ints, TileGrid]:
    """Traffic, and a grid with room for it."""
    topology = draw(st.sampled_from(["mesh", "torus", "tree"]))
    side = 2 if topology == "tree" else 1
    rows = side * draw(st.integers(1, 6 // side))
    cols = side * draw(st.integers(1, min(6, tiles // rows) // side)) if min(6, tiles // rows) >= side else side
    count = draw(st.integers(0, min(clusters, rows * cols)))
    numbers = draw(st.lists(st.integers(0, 20), min_size=count**2, max_size=count**2))
    traffic = np.array(numbers, np.int64).reshape(count, count)
    traffic *= draw(st.sampled_from([1, 1, 0, 10**9]))
    np.fill_diagonal(traffic, 0)
    return traffic, TileGrid(rows, cols, topology)


def reference(traffic: Ints, tile: Ints, grid: TileGrid) -> int:
    """Σ packets × hops, in plain Python."""
    return sum(
        int(traffic[one, two]) * int(grid.interconnect.hops(int(tile[one]), int(tile[two])))
        for one, two in itertools.product(range(len(tile)), repeat=2)
    )


def clustered(clusters: int, seed: int = 0) -> Ints:
    """Traffic in shuffled groups of eight, and some beyond them."""
    rng = np.random.default_rng(seed)
    traffic = np.zeros((clusters, clusters), np.int64)
    name = rng.permutation(clusters)
    for one in range(clusters):
        near = one // 8 * 8 + rng.integers(8, size=5)
        for two in (*near, *rng.integers(clusters, size=2)):
            if one != (two := min(int(two), clusters - 1)):
                traffic[name[one], name[two]] += rng.integers(1, 100)
    return traffic


@pytest.mark.parametrize("method", METHODS)
def test_each_cluster_gets_a_tile_of_its_own_and_the_cost_is_right(method: str) -> None:
    @settings(max_examples=examples(12, 200), deadline=None)
    @given(problems(), st.integers(0, 9))
    def check(problem: tuple[Ints, TileGrid], seed: int) -> None:
        traffic, grid = problem
        found = place(traffic, grid, method, seed)
        assert len({*found.tile.tolist()}) == len(found.tile) == len(traffic)
        assert all(0 <= tile < grid.tiles for tile in found.tile.tolist())
        sparse = Traffic.of_matrix(traffic)
        assert found.cost == reference(traffic, found.tile, grid) == spike_hops(sparse, found.tile, grid)
        assert found.cost >= hops_lower_bound(sparse, grid)
        assert found.in_order_cost == reference(traffic, np.arange(len(traffic)), grid)
        assert not found.cut
        assert place(traffic, grid, method, seed).tile.tolist() == found.tile.tolist()

    check()


@settings(max_examples=examples(25, 400), deadline=None)
@given(problems(clusters=6, tiles=9))
def test_exact_is_the_optimum_and_nothing_is_better(problem: tuple[Ints, TileGrid]) -> None:
    traffic, grid = problem
    tiles = np.arange(grid.tiles)
    between = grid.hops(tiles[:, None], tiles)
    orders = np.array([*itertools.permutations(range(grid.tiles), len(traffic))], np.int64)
    one, two = np.nonzero(traffic)
    best = int((between[orders[:, one], orders[:, two]] @ traffic[one, two]).min())
    assert place(traffic, grid, "exact").cost == best
    # Also from a start that is not as good as can be, so that the branches have to find it.
    search = Search(Traffic.of_matrix(traffic), grid, Distances.hops(grid))
    if best < search.offer(np.arange(len(traffic))):
        tile = branches(search, np.arange(len(traffic)))
        assert tile is not None
        assert reference(traffic, tile, grid) == best
    assert place(traffic, grid, "optimised").cost == best
    assert hops_lower_bound(Traffic.of_matrix(traffic), grid) <= best


@settings(max_examples=examples(40, 500), deadline=None)
@given(problems(), st.data())
def test_the_change_of_an_exchange_is_the_difference(problem: tuple[Ints, TileGrid], data: st.DataObject) -> None:
    traffic, grid = problem
    search = Search(Traffic.of_matrix(traffic), grid, Distances.hops(grid))
    board = Board(search, np.array(data.draw(st.permutations(range(grid.tiles))), np.int64)[: len(traffic)])
    here, there = (data.draw(st.integers(0, grid.tiles - 1)) for _ in range(2))
    more = change(here, there, board.tile, board.owner, board.graph, board.space)
    moved = np.where(board.tile == here, there, np.where(board.tile == there, here, board.tile))
    assert more == (reference(traffic, moved, grid) - board.cost if here != there else 0)


@pytest.mark.parametrize("topology", ["mesh", "torus", "tree"])
def test_the_cost_on_the_board_stays_that_of_its_tiles(topology: str) -> None:
    grid = TileGrid(6, 8, topology)
    traffic = Traffic.of_matrix(clustered(40))
    board = Board(Search(traffic, grid, Distances.hops(grid)), np.arange(40))
    state = np.array([7], np.uint64)
    for temperature, window in ((1e6, 9), (50.0, 2), (1e-9, 1)):
        taken, _ = board.anneal(state, temperature, window, 500)
        assert 0 < taken <= 500
        assert board.cost == spike_hops(traffic, board.tile, grid)
        assert [board.owner[tile] for tile in board.tile] == [*range(40)]
        assert np.count_nonzero(board.owner >= 0) == 40
    board.descend(2)
    assert board.cost == spike_hops(traffic, board.tile, grid)


def test_hot_annealing_takes_nearly_all_and_cold_only_what_gains() -> None:
    grid = TileGrid(4, 4)
    board = Board(Search(Traffic.of_matrix(clustered(16)), grid, Distances.hops(grid)), np.arange(16))
    before = board.cost
    state = np.array([1], np.uint64)
    _, more, _ = anneal(board.tile, board.owner, board.graph, board.space, board.size, state, 1e-9, 4, 3000)
    assert more < 0
    board.cost += more
    assert board.cost < before
    taken, _ = board.anneal(state, 1e12, 4, 3000)
    assert taken > 2500


@pytest.mark.parametrize("topology", ["mesh", "torus", "tree"])
def test_the_default_is_near_the_best_of_all(topology: str) -> None:
    grid, traffic = TileGrid(8, 8, topology), clustered(60)
    cost = {method: place(traffic, grid, method).cost for method in METHODS if method != "exact"}
    assert cost["optimised"] <= 1.03 * min(cost.values())
    assert cost["force-directed"] <= cost["hilbert"] < cost["in-order"]
    assert cost["swarm"] < cost["random"]
    assert cost["spectral"] < 0.9 * cost["random"]
    assert cost["greedy"] < 0.8 * cost["random"]


@pytest.mark.parametrize("method", ["force-directed", "annealing", "swarm", "optimised"])
def test_a_time_limit_cuts_a_search_short_and_keeps_what_it_has(method: str) -> None:
    grid, traffic = TileGrid(40, 40), clustered(1500)
    place(traffic[:9, :9], TileGrid(3, 3), method)  # compiled beforehand
    begin = time.monotonic()
    found = place(traffic, grid, method, time_limit=1e-3)
    assert found.cut
    assert time.monotonic() - begin < 5
    assert len({*found.tile.tolist()}) == 1500
    assert found.cost == spike_hops(Traffic.of_matrix(traffic), found.tile, grid)


def test_progress_and_ctrl_c() -> None:
    told: list[tuple[str, int]] = []

    def stop(what: str, cost: int) -> None:
        told.append((what, cost))
        if what == "annealing":
            raise KeyboardInterrupt

    grid, traffic = TileGrid(16, 16), clustered(256)
    found = place(traffic, grid, progress=stop, keep_on_interrupt=True)
    assert found.cut
    assert found.cost <= told[-1][1] < found.in_order_cost
    with pytest.raises(KeyboardInterrupt):
        place(traffic, grid, progress=stop)


def test_a_random_placement_uses_the_whole_chip_and_follows_the_seed() -> None:
    traffic = clustered(8)
    tiles = [place(traffic, TileGrid(10, 10), "random", seed).tile.tolist() for seed in range(30)]
    assert len({*map(tuple, tiles)}) == 30
    assert {tile // 25 for one in tiles for tile in one} == {0, 1, 2, 3}


def test_what_methods_refuse() -> None:
    with pytest.raises(ValueError, match=r"^exact placement takes at most 9 clusters with traffic, not 10$"):
        place(clustered(MOST_CLUSTERS + 1), TileGrid(4, 4), "exact")
    with pytest.raises(ValueError, match=r"^exact placement takes at most 64 tiles, not 72$"):
        place(clustered(4), TileGrid(8, 9), "exact")
    with pytest.raises(ValueError, match=r"^swarm must be used on at most 300000 tiles, not 360000$"):
        place(clustered(4), TileGrid(600, 600), "swarm")
