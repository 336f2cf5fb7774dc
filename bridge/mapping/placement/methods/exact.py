"""The best placement of all, by branch and bound, where clusters are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..search import Search
from .annealing import annealed, random_state
from .board import Board
from .starts import chained, place_greedily

__all__ = ["MOST_CLUSTERS", "MOST_TILES", "branches", "place_exactly"]

MOST_CLUSTERS = 9
"""Clusters that talk to others, of which an optimal placement is found at most."""

MOST_TILES = 64
"""Tiles of a chip on which one is looked for at most."""

_CHUNK = 100_000


def place_exactly(search: Search) -> None:
    """Find the placement that none is better than.

    Clusters are put on tiles one by one, depth first, those with most traffic to earlier ones first. A branch is left
    when what is placed, and the least that the rest can add, cost as much as the best placement so far. The first
    cluster is tried on one tile of all that mirroring and turning, and on a torus shifting, lead to each other.

    Raises
    ------
    ValueError
        If more than 9 clusters have traffic, or the chip has more than 64 tiles.
    """
    links = search.links
    busy = np.flatnonzero(links.total)
    if len(busy) > MOST_CLUSTERS:
        raise ValueError(f"exact placement takes at most {MOST_CLUSTERS} clusters with traffic, not {len(busy)}")
    if search.grid.tiles > MOST_TILES:
        raise ValueError(f"exact placement takes at most {MOST_TILES} tiles, not {search.grid.tiles}")
    place_greedily(search)
    if search.best is None or not len(busy):
        return
    # A good placement to begin with cuts off most branches.
    annealed(Board(search, search.best), random_state(search, 3), 2000, heat=2.0)
    tile = branches(search, chained(links, busiest=True)[: len(busy)])
    if tile is not None:
        idle = np.setdiff1d(np.arange(search.clusters), busy)
        placed = np.full(search.clusters, -1, np.int64)
        placed[busy] = tile[busy]
        placed[idle] = np.setdiff1d(np.arange(search.grid.tiles), placed[busy])[: len(idle)]
        search.offer(placed)


def branches(search: Search, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
    """Return the tiles of clusters in a better placement than the best so far, the best of all; None if none is."""
    from .bounds import bounded

    tiles = search.grid.tiles
    everywhere = np.arange(tiles)
    between = search.distances.between(everywhere[:, None], everywhere)
    weight = search.traffic.to_matrix()
    weight = (weight + weight.T)[np.ix_(order, order)]
    count = len(order)
    # What each cluster, on each tile, has at least to pay to those that come after it in the order, half of which is
    # booked at either end.
    near = np.sort(between, axis=1)[:, 1:]
    ahead = np.zeros((count, count + 1, tiles), np.int64)
    for number in range(count):
        for placed in range(count + 1):
            rest = np.sort(np.delete(weight[number], range(placed))) if placed < count else weight[number][:0]
            rest = rest[rest > 0][::-1]
            ahead[number, placed] = (rest * near[:, : len(rest)]).sum(axis=1)
    state: Any = (
        np.full(count, -1, np.int64),  # the tile of each
        np.zeros((count + 1, count, tiles), np.int64),  # what each would pay on each tile to those placed
        np.zeros(count + 1, np.int64),  # what those placed pay
        np.full(count, -1, np.int64),  # the choice that is being tried
        np.zeros(tiles, np.bool_),  # tiles taken
        np.zeros(2, np.int64),  # depth; cost of the best
        np.full(count, -1, np.int64),  # the best
    )
    state[5][1] = search.cost
    roots = _roots(search)
    while bounded(weight, between, ahead, roots, state, _CHUNK):
        search.tell("exact")
        if search.out_of_time():
            break
    if state[6][0] < 0:
        return None
    found = np.full(search.clusters, -1, np.int64)
    found[order] = state[6]
    return found


def _roots(search: Search) -> npt.NDArray[np.int64]:
    """Return the tiles that the first cluster has to be tried on."""
    grid = search.grid
    chip = grid.interconnect
    if chip.has_rings:
        return np.zeros(1, np.int64)
    rows, cols = chip.node_rows, chip.node_cols
    nodes = [
        (row, col)
        for row in range((rows + 1) // 2)
        for col in range((cols + 1) // 2)
        if rows != cols or row <= col or not _square(search)
    ]
    return np.array([chip.tile_at(row * cols + col, 0) for row, col in nodes], np.int64)


def _square(search: Search) -> bool:
    """Tell whether rows and columns cost the same."""
    return bool(np.array_equal(search.distances.down, search.distances.along))
