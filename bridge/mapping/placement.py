"""Placement: which tile each cluster gets, so that packets take few hops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.base.random_streams import SeedTree

from ..tile_grid import TileGrid
from .connectivity import Connectivity, cluster_pairs

__all__ = ["METHODS", "Placement", "hop_matrix", "place", "traffic_matrix"]

METHODS = ("in-order", "optimised")
"""Placement methods."""

# Local search looks at every pair of tiles at once; on larger meshes only a block of tiles around the clusters is open.
_OPEN_TILES = 400
_RESTARTS = 20


@dataclass(frozen=True)
class Placement:
    """Cluster to tile, and its cost.

    Attributes
    ----------
    tile
        Shape (clusters,): row-major tile of each cluster.
    method
        The method asked for.
    cost, in_order_cost
        Σ packets × hops of this placement and of the in-order one.
    """

    tile: npt.NDArray[np.int64]
    method: str
    cost: int
    in_order_cost: int

    def to_dict(self) -> dict[str, Any]:
        """JSON types; ``tile`` is left out."""
        return {"method": self.method, "packet_hops": self.cost, "packet_hops_in_order": self.in_order_cost}


def traffic_matrix(
    connectivity: Connectivity,
    cluster: npt.NDArray[np.integer],
    clusters: int,
    spike_counts: npt.NDArray[np.int64] | None,
) -> npt.NDArray[np.int64]:
    """Packets from each cluster to each other, shape (clusters, clusters), zero on the diagonal.

    A spike is one packet for every cluster other than its own that listens to it; without ``spike_counts`` every
    neuron counts one spike.
    """
    neuron, target = cluster_pairs(connectivity, cluster, clusters)
    source = np.asarray(cluster, np.int64)[neuron]
    remote = source != target
    packets = np.zeros((clusters, clusters), np.int64)
    weight = np.ones(connectivity.neurons, np.int64) if spike_counts is None else spike_counts
    np.add.at(packets, (source[remote], target[remote]), weight[neuron[remote]])
    return packets


def hop_matrix(tiles: npt.NDArray[np.int64], grid: TileGrid) -> npt.NDArray[np.int64]:
    """Hops between each two of the given tiles of a chip."""
    return grid.hops(tiles[:, None], tiles)


def place(traffic: npt.NDArray[np.int64], grid: TileGrid, method: str = "optimised", seed: int = 0) -> Placement:
    """Give each cluster a tile of its own.

    "in-order" puts cluster i on tile i. "optimised" minimises Σ packets × hops: pairwise exchanges (with free tiles
    too) from the in-order and from a greedy placement, each descended to a local minimum, then restarts from randomly
    disturbed versions of the best. It is never worse than "in-order".

    Parameters
    ----------
    traffic
        Shape (clusters, clusters): packets from each cluster to each other.
    grid
        The chip's tiles.
    seed
        The same seed gives the same placement.

    Raises
    ------
    ValueError
        If the matrix is not square, has more clusters than there are tiles, or the method is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"placement must be one of {', '.join(METHODS)}, not {method!r}")
    if traffic.ndim != 2 or traffic.shape[0] != traffic.shape[1]:
        raise ValueError(f"traffic must be a square matrix, not of shape {traffic.shape}")
    clusters = len(traffic)
    if clusters > grid.tiles:
        raise ValueError(
            f"clusters must be at most the {grid.tiles} tiles of the {grid.rows}x{grid.cols} mesh, not {clusters}"
        )
    in_order = np.arange(clusters, dtype=np.int64)
    in_order_cost = _cost(traffic, in_order, grid)
    if method == "in-order" or in_order_cost == 0:
        return Placement(in_order, method, in_order_cost, in_order_cost)
    tile = _optimise(traffic, grid, np.random.default_rng(SeedTree(seed).stream("placement")))
    cost = _cost(traffic, tile, grid)
    if cost >= in_order_cost:
        tile, cost = in_order, in_order_cost
    return Placement(tile, method, cost, in_order_cost)


def _cost(traffic: npt.NDArray[np.int64], tile: npt.NDArray[np.int64], grid: TileGrid) -> int:
    return int((traffic * hop_matrix(tile, grid)).sum())


def _optimise(traffic: npt.NDArray[np.int64], grid: TileGrid, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    clusters = len(traffic)
    tiles = _open_tiles(clusters, grid.rows, grid.cols)
    # Free tiles take part as clusters without traffic, so that moving to one is an exchange like any other.
    weight = np.zeros((len(tiles), len(tiles)))
    weight[:clusters, :clusters] = traffic + traffic.T
    hops = hop_matrix(tiles, grid).astype(float)
    best, best_cost = _descend(weight, hops, np.arange(len(tiles)))
    greedy, cost = _descend(weight, hops, _greedy(weight, hops))
    if cost < best_cost:
        best, best_cost = greedy, cost
    restarts = _RESTARTS if len(tiles) <= 128 else 2
    for _ in range(restarts):
        start = best.copy()
        # Roll a few tiles' clusters round: far enough to leave the local minimum, near enough to keep what is good.
        moved = rng.choice(len(tiles), size=min(len(tiles), max(3, len(tiles) // 8)), replace=False)
        start[moved] = start[np.roll(moved, 1)]
        found, cost = _descend(weight, hops, start)
        if cost < best_cost:
            best, best_cost = found, cost
    return tiles[best[:clusters]]


def _open_tiles(clusters: int, rows: int, cols: int) -> npt.NDArray[np.int64]:
    """All tiles of a small mesh; of a large one a nearly square block with room for twice the clusters."""
    if rows * cols <= _OPEN_TILES:
        return np.arange(rows * cols, dtype=np.int64)
    high = min(rows, math.isqrt(2 * clusters) + 1)
    wide = min(cols, -(-2 * clusters // high))
    high = min(rows, max(high, -(-2 * clusters // wide)))
    return (np.arange(high)[:, None] * cols + np.arange(wide)).reshape(-1).astype(np.int64)


def _greedy(weight: npt.NDArray[np.float64], hops: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Busiest cluster to the middle; then always the one that talks most with those placed, where it costs least."""
    count = len(weight)
    position = np.full(count, -1, dtype=np.int64)
    free = np.ones(count, bool)
    waiting = np.ones(count, bool)
    talk = weight.sum(axis=1)
    cost = hops.sum(axis=1)
    pull = np.zeros((count, count))
    for number in range(count):
        cluster = int(np.where(waiting, talk, -np.inf).argmax())
        spot = int(np.where(free, cost if number == 0 else pull[cluster], np.inf).argmin())
        position[cluster] = spot
        free[spot] = waiting[cluster] = False
        if number == 0:
            talk = np.zeros(count)
        talk += weight[:, cluster]
        pull += np.outer(weight[:, cluster], hops[spot])
    return position


def _descend(
    weight: npt.NDArray[np.float64], hops: npt.NDArray[np.float64], position: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], float]:
    """Take the best exchange of two positions again and again until none helps.

    With M = W·P (P: hops between the present positions), M[i, j] is what i would cost at j's place, and exchanging i
    and j changes the cost by M[i,j] + M[j,i] - M[i,i] - M[j,j] + 2·W[i,j]·P[i,j]. All numbers are integers, and
    below 2^53 their sums in float are exact; above, a gain within rounding counts as none, so that this always ends.
    """
    position = position.copy()
    while True:
        apart = hops[np.ix_(position, position)]
        at = weight @ apart
        own = at.diagonal()
        gain = at + at.T - own[:, None] - own + 2 * weight * apart
        one, other = np.unravel_index(int(gain.argmin()), gain.shape)
        if gain[one, other] >= -1e-12 * own.sum():
            return position, float(own.sum() / 2)
        position[[one, other]] = position[[other, one]]
