"""Placements that are put together, not searched for: in order, at random, along a curve, by eigenvectors, greedily."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from ..search import Search
from ..traffic import Links
from .board import Board
from .curve import block, tiles_along
from .eigenvectors import smooth_vectors

__all__ = ["chained", "place_greedily", "place_in_order", "place_on_a_curve", "place_randomly", "place_spectrally"]

Ints = npt.NDArray[np.int64]


def place_in_order(search: Search) -> None:
    """Put cluster i on tile i."""
    search.offer(np.arange(search.clusters, dtype=np.int64))


def place_randomly(search: Search) -> None:
    """Put clusters on tiles drawn from all of them."""
    search.offer(search.rng(0).permutation(search.grid.tiles)[: search.clusters].astype(np.int64))


def place_on_a_curve(search: Search) -> None:
    """Put clusters along a Hilbert curve: in their own order, in one of growing chains, and in that of eigenvectors.

    The best of the three is taken.
    """
    tiles = tiles_along(search.clusters, search.grid)
    for order in (_as_numbered, chained, _spectral_order):
        if search.best is not None and search.out_of_time():
            return
        tile = np.empty(search.clusters, np.int64)
        tile[order(search.links)] = tiles
        search.offer(tile)
        search.tell("hilbert")


def _as_numbered(links: Links) -> Ints:
    return np.arange(links.clusters, dtype=np.int64)


def chained(links: Links, *, busiest: bool = False) -> Ints:
    """Begin with the quietest cluster, or the busiest; next is always that with most traffic to those before it.

    Where nothing is linked to those before, it begins again. Clusters without traffic come last.
    """
    total, sign = links.total.tolist(), -1 if busiest else 1
    start, other, weight = links.start.tolist(), links.other.tolist(), links.weight.tolist()
    begin = iter(sorted(range(links.clusters), key=lambda cluster: (total[cluster] == 0, sign * total[cluster])))
    known, done = [0] * links.clusters, [False] * links.clusters
    order: list[int] = []
    heap: list[tuple[int, int]] = []
    while len(order) < links.clusters:
        cluster = heapq.heappop(heap)[1] if heap else next(begin)
        if done[cluster]:
            continue
        done[cluster] = True
        order.append(cluster)
        for k in range(start[cluster], start[cluster + 1]):
            if not done[other[k]]:
                known[other[k]] += weight[k]
                heapq.heappush(heap, (-known[other[k]], other[k]))
    return np.array(order, np.int64)


def _spectral_order(links: Links) -> Ints:
    return np.argsort(smooth_vectors(links, 1)[:, 0], kind="stable").astype(np.int64)


def place_spectrally(search: Search) -> None:
    """Sort clusters into rows of a block by one eigenvector of the traffic, and within a row by the next one.

    Also the other way round; the better is taken.
    """
    if search.clusters < 3:
        place_in_order(search)
        return
    chip = search.grid.interconnect
    vectors = smooth_vectors(search.links, 2)
    high, wide = (size * chip.side for size in block(search.clusters, search.grid))
    row, col = np.divmod(np.arange(high * wide), wide)
    tiles = (row * search.grid.cols + col)[: search.clusters] if chip.side == 1 else _filled(row, col, search)
    for first, second in ((0, 1), (1, 0)):
        if search.best is not None and search.out_of_time():
            return
        strip = np.empty(search.clusters, np.int64)
        strip[np.argsort(vectors[:, first], kind="stable")] = tiles // search.grid.cols
        tile = np.empty(search.clusters, np.int64)
        tile[np.lexsort((vectors[:, second], strip))] = tiles
        search.offer(tile)
        search.tell("spectral")


def _filled(row: Ints, col: Ints, search: Search) -> Ints:
    """Tiles of a block of a tree, row by row, with those left out that its last clusters of tiles can do without."""
    chip = search.grid.interconnect
    node = row // chip.side * chip.cols + col // chip.side
    kept = np.argsort(node, kind="stable")[: search.clusters]
    return np.sort(row[kept] * search.grid.cols + col[kept])


def place_greedily(search: Search) -> None:
    """Put the busiest cluster in the middle, then always the one with most traffic to those already placed.

    Each goes to the free tile on which it costs least.
    """
    from .kernels import greedy_tiles

    chip = search.grid.interconnect
    centre = chip.tile_at(chip.node_rows // 2 * chip.node_cols + chip.node_cols // 2, 0)
    shape = (chip.node_rows, chip.node_cols, search.grid.tiles)
    board = Board(search, np.arange(search.clusters, dtype=np.int64))
    search.offer(greedy_tiles(chained(search.links, busiest=True), centre, board.graph, board.space, shape))
    search.tell("greedy")
