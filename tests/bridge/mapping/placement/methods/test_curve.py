import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.mapping.placement.methods.curve import block, hilbert, tiles_along
from synaptile.bridge.tile_grid import TileGrid


@settings(max_examples=examples(40, 400), deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_the_curve_goes_through_all_places_from_one_to_the_next(rows: int, cols: int) -> None:
    places = hilbert(rows, cols)
    assert len({*map(tuple, places.tolist())}) == len(places) == rows * cols
    assert places.min() == 0
    assert places.max(axis=0).tolist() == [rows - 1, cols - 1]
    steps = np.abs(np.diff(places, axis=0))
    assert steps.max(initial=0) <= 1
    assert np.count_nonzero(steps.sum(axis=1) > 1) <= (rows % 2 or cols % 2)


def test_a_square_of_a_power_of_two_is_hilbert_s() -> None:
    assert hilbert(2, 2).tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    # Any quarter of the way is a quarter of the square.
    quarters = hilbert(16, 16).reshape(4, 64, 2) // 8
    assert [len({*map(tuple, quarter.tolist())}) for quarter in quarters] == [1, 1, 1, 1]


@settings(max_examples=examples(60, 600), deadline=None)
@given(st.sampled_from(["mesh", "torus", "tree"]), st.integers(1, 12), st.integers(1, 12), st.data())
def test_a_block_has_room(topology: str, rows: int, cols: int, data: st.DataObject) -> None:
    side = 2 if topology == "tree" else 1
    grid = TileGrid(rows * side, cols * side, topology)
    clusters = data.draw(st.integers(1, grid.tiles))
    high, wide = block(clusters, grid)
    assert 1 <= high <= rows
    assert 1 <= wide <= cols
    assert high * wide * side**2 >= clusters
    tiles = tiles_along(clusters, grid)
    assert len({*tiles.tolist()}) == len(tiles) == clusters
    assert 0 <= tiles.min() <= tiles.max() < grid.tiles


@pytest.mark.parametrize(("clusters", "size"), [(1, (1, 1)), (16, (4, 4)), (17, (5, 4)), (100, (10, 10))])
def test_a_block_is_nearly_square(clusters: int, size: tuple[int, int]) -> None:
    assert block(clusters, TileGrid(64, 64)) == size


def test_in_a_tree_neighbours_along_the_curve_share_a_hub() -> None:
    tiles = tiles_along(16, TileGrid(4, 4, "tree"))
    assert [TileGrid(4, 4, "tree").interconnect.locate(int(tile))[0] for tile in tiles] == [
        node for node in (0, 2, 3, 1) for _ in range(4)
    ]
