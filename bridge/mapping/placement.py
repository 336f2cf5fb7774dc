"""Placement: which tile each cluster gets, so that packets take few hops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..tile_grid import TileGrid
from .connectivity import cluster_pairs
from .network import Network

__all__ = ["METHODS", "Placement", "hop_costs", "hop_matrix", "place", "traffic_matrix"]

# Local search looks at every pair of tiles at once; on larger meshes only a block of tiles around the clusters is open.
_MAX_OPEN_TILES = 400
# A restart takes long where many tiles are open.
_RESTARTS, _RESTARTS_ABOVE_128_TILES = 20, 2


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


def traffic_matrix(network: Network, cluster: npt.NDArray[np.integer], clusters: int) -> npt.NDArray[np.int64]:
    """Packets from each cluster to each other, shape (clusters, clusters), zero on the diagonal.

    A spike is one packet for every cluster other than its own that listens to it; if the spikes are unknown, every
    neuron counts one.
    """
    neuron, target = cluster_pairs(network.connectivity, cluster, clusters)
    source = np.asarray(cluster, np.int64)[neuron]
    remote = source != target
    packets = np.zeros((clusters, clusters), np.int64)
    np.add.at(packets, (source[remote], target[remote]), network.spike_weights[neuron[remote]])
    return packets


def hop_matrix(tiles: npt.NDArray[np.int64], grid: TileGrid) -> npt.NDArray[np.int64]:
    """Hops between each two of the given tiles of a chip."""
    return grid.hops(tiles[:, None], tiles)


def place(traffic: npt.NDArray[np.int64], grid: TileGrid, method: str = "optimised", seed: int = 0) -> Placement:
    """Give each cluster a tile of its own; no method is worse than putting cluster i on tile i.

    Parameters
    ----------
    traffic
        Shape (clusters, clusters): packets from each cluster to each other.
    grid
        The chip's tiles.
    method
        A name of `METHODS`.
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
    in_order = place_in_order(traffic, grid, seed)
    in_order_cost = _cost(traffic, in_order, grid)
    if in_order_cost == 0:
        return Placement(in_order, method, in_order_cost, in_order_cost)
    tile = METHODS[method](traffic, grid, seed)
    cost = _cost(traffic, tile, grid)
    if cost >= in_order_cost:
        tile, cost = in_order, in_order_cost
    return Placement(tile, method, cost, in_order_cost)


def hop_costs(traffic: npt.NDArray[np.int64], tile: npt.NDArray[np.int64], grid: TileGrid) -> tuple[int, int]:
    """Σ packets × hops where cluster i is on ``tile[i]``, and where it is on tile i."""
    return _cost(traffic, tile, grid), _cost(traffic, place_in_order(traffic, grid, 0), grid)


def _cost(traffic: npt.NDArray[np.int64], tile: npt.NDArray[np.int64], grid: TileGrid) -> int:
    return int((traffic * hop_matrix(tile, grid)).sum())


def place_in_order(traffic: npt.NDArray[np.int64], grid: TileGrid, seed: int) -> npt.NDArray[np.int64]:
    """Put cluster i on tile i."""
    return np.arange(len(traffic), dtype=np.int64)


def minimise_hops(traffic: npt.NDArray[np.int64], grid: TileGrid, seed: int) -> npt.NDArray[np.int64]:
    """Minimise Σ packets × hops by exchanges of two tiles' clusters, free tiles included.

    The in-order and a greedy placement are each descended to a local minimum; then come restarts from randomly
    disturbed versions of the best.
    """
    from synaptile.swsim.base.random_streams import (
        SeedTree,  # with PyNN, which the command line's help is quicker without
    )

    rng = np.random.default_rng(SeedTree(seed).stream("placement"))
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
    for _ in range(_RESTARTS if len(tiles) <= 128 else _RESTARTS_ABOVE_128_TILES):
        start = best.copy()
        # Rotate a few tiles' clusters: far enough to leave the local minimum, near enough to keep what is good.
        moved = rng.choice(len(tiles), size=min(len(tiles), max(3, len(tiles) // 8)), replace=False)
        start[moved] = start[np.roll(moved, 1)]
        found, cost = _descend(weight, hops, start)
        if cost < best_cost:
            best, best_cost = found, cost
    return tiles[best[:clusters]]


def _open_tiles(clusters: int, rows: int, cols: int) -> npt.NDArray[np.int64]:
    """All tiles of a small mesh; of a large one a nearly square block with room for twice the clusters."""
    if rows * cols <= _MAX_OPEN_TILES:
        return np.arange(rows * cols, dtype=np.int64)
    high = min(rows, math.isqrt(2 * clusters) + 1)
    wide = min(cols, -(-2 * clusters // high))
    high = min(rows, max(high, -(-2 * clusters // wide)))
    return (np.arange(high)[:, None] * cols + np.arange(wide)).reshape(-1).astype(np.int64)


def _greedy(weight: npt.NDArray[np.float64], hops: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Put the busiest cluster in the middle, then always the one with most traffic to those already placed.

    Each goes to the free tile on which it costs least.
    """
    count = len(weight)
    position = np.full(count, -1, dtype=np.int64)
    free = np.ones(count, bool)
    unplaced = np.ones(count, bool)
    traffic = weight.sum(axis=1)
    cost = hops.sum(axis=1)
    cost_to_placed = np.zeros((count, count))
    for number in range(count):
        cluster = int(np.where(unplaced, traffic, -np.inf).argmax())
        spot = int(np.where(free, cost if number == 0 else cost_to_placed[cluster], np.inf).argmin())
        position[cluster] = spot
        free[spot] = unplaced[cluster] = False
        if number == 0:
            traffic = np.zeros(count)
        traffic += weight[:, cluster]
        cost_to_placed += np.outer(weight[:, cluster], hops[spot])
    return position


def _descend(
    weight: npt.NDArray[np.float64], hops: npt.NDArray[np.float64], position: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], float]:
    """Take the best exchange of two positions again and again until none helps.

    With M = W·P (P: hops between the present positions), M[i, j] is what i would cost at j's position, and exchanging
    i and j changes the cost by M[i,j] + M[j,i] - M[i,i] - M[j,j] + 2·W[i,j]·P[i,j]. All numbers are integers, and
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


Method = Callable[[npt.NDArray[np.int64], TileGrid, int], npt.NDArray[np.int64]]

METHODS: dict[str, Method] = {"in-order": place_in_order, "optimised": minimise_hops}
"""Functions of (traffic, grid, seed) that give the tile of each cluster; traffic as in `place`.

An entry is all that a new method takes: the command line, `Chip` and the messages know it by its name.
"""
