import itertools

import numpy as np
import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams
from synaptile.rtl.topology import LINKS


def shortest(grid: TileGrid) -> dict[tuple[int, int], int]:
    """Links between the routers of every two tiles, by walking."""
    side = 2 if grid.topology == "tree" else 1
    rows, cols = grid.rows // side, grid.cols // side

    def router(tile: int) -> tuple[int, int]:
        return tile // grid.cols // side, tile % grid.cols // side

    away: dict[tuple[tuple[int, int], tuple[int, int]], int] = {}
    for start in itertools.product(range(rows), range(cols)):
        reached, edge = {start: 0}, [start]
        while edge:
            here = edge.pop(0)
            for port in LINKS:
                there = grid.interconnect.neighbour(*here, port)
                if there is not None and there not in reached:
                    reached[there] = reached[here] + 1
                    edge.append(there)
        away |= {(start, end): links for end, links in reached.items()}
    up_and_down = 2 if side > 1 else 0
    return {
        (one, other): away[router(one), router(other)] + up_and_down * (router(one) != router(other))
        for one, other in itertools.product(range(grid.tiles), repeat=2)
    }


@pytest.mark.parametrize(
    "grid",
    [
        TileGrid(3, 4),
        TileGrid(1, 1),
        TileGrid(4, 5, "torus"),
        TileGrid(1, 4, "torus"),
        TileGrid(4, 6, "tree"),
        TileGrid(2, 2, "tree"),
    ],
    ids=str,
)
def test_hops_are_the_links_of_a_shortest_way(grid: TileGrid) -> None:
    tiles = np.arange(grid.tiles)
    hops = grid.hops(tiles[:, None], tiles)
    assert {(i, j): hops[i, j] for i, j in itertools.product(range(grid.tiles), repeat=2)} == shortest(grid)


def test_it_is_that_of_a_network_or_a_chip() -> None:
    assert TileGrid.of(NetworkParams(rows=2, cols=4, topology="tree")) == TileGrid(2, 4, "tree")
    assert TileGrid.of(ChipConfig(mesh="3x5")) == TileGrid(3, 5)
