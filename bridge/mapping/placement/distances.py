"""What a packet costs between two tiles, in tables that need no memory for pairs of tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...tile_grid import TileGrid
from .traffic import Traffic

__all__ = ["Distances", "hop_matrix", "hops_lower_bound", "spike_hops"]

Ints = npt.NDArray[np.int64]

_MOST_COST = 2**62
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Distances:
    """The cost of a packet from one tile to another: a part for the rows between them, and one for the columns.

    Attributes
    ----------
    rows, cols
        Tiles of the chip.
    wraps
        Rows and columns are closed to rings.
    row, col
        Shape (tiles,): row and column of the node of each tile; in a tree, that is a cluster of tiles.
    down, along
        Cost of so many rows, or columns, of nodes apart.
    apart
        Cost of any two tiles that are not of one node, besides.
    """

    rows: int
    cols: int
    wraps: bool
    row: Ints
    col: Ints
    down: Ints
    along: Ints
    apart: int

    @classmethod
    def hops(cls, grid: TileGrid) -> Distances:
        """Links between routers, as `TileGrid.hops`."""
        return cls.weighted(grid, 1, 1, 2 if grid.interconnect.has_hubs else 0)

    @classmethod
    def weighted(cls, grid: TileGrid, down: int, along: int, apart: int) -> Distances:
        """A cost for each link along a column, each along a row, and once for a packet that leaves its node."""
        chip = grid.interconnect
        tile_row, tile_col = np.divmod(np.arange(grid.tiles, dtype=np.int64), grid.cols)
        ways = [np.arange(size, dtype=np.int64) for size in (chip.node_rows, chip.node_cols)]
        if chip.has_rings:
            ways = [np.minimum(way, len(way) - way) for way in ways]
        return cls(
            grid.rows,
            grid.cols,
            chip.has_rings,
            tile_row // chip.side,
            tile_col // chip.side,
            ways[0] * down,
            ways[1] * along,
            apart,
        )

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    def between(self, source: Ints, destination: Ints) -> Ints:
        """Cost of a packet between tiles; the two are broadcast against each other."""
        down = np.abs(self.row[source] - self.row[destination])
        along = np.abs(self.col[source] - self.col[destination])
        cost: Ints = self.down[down] + self.along[along] + self.apart * ((down > 0) | (along > 0))
        return cost

    def check(self, traffic: Traffic) -> None:
        """Raise ``ValueError`` if costs could be too large for 64 bits."""
        most = int(self.down.max(initial=0)) + int(self.along.max(initial=0)) + self.apart
        total = sum(traffic.packets.tolist()) if len(traffic.packets) else 0
        if 2 * total * most >= _MOST_COST:
            raise ValueError(
                f"traffic must be below {_MOST_COST // max(1, 2 * most)} packets on this chip, not {total}"
            )

    def cost(self, traffic: Traffic, tile: Ints) -> int:
        """Σ packets × cost of the way, for the tile of each cluster, in parts that fit the memory."""
        total = 0
        for begin in range(0, len(traffic.target), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            ways = self.between(tile[traffic.source[part]], tile[traffic.target[part]])
            total += int((traffic.packets[part] * ways).sum())
        return total


def hop_matrix(tiles: Ints, grid: TileGrid) -> Ints:
    """Hops between each two of the given tiles of a chip."""
    return grid.hops(tiles[:, None], tiles)


def spike_hops(traffic: Traffic, tile: Ints, grid: TileGrid) -> int:
    """Σ packets × hops of a placement, where every packet goes its own way (unicast)."""
    return Distances.hops(grid).cost(traffic, tile)


def hops_lower_bound(traffic: Traffic, grid: TileGrid) -> int:
    """Σ packets × hops that no placement on the chip is below.

    From no tile are there more tiles within some hops than from one in the middle. So a cluster's packets cost at least
    those with its partners sorted by traffic, on the tiles sorted by distance from there; and of what this gives for
    all clusters, each packet is counted at both its ends. On a tree, three partners are no hops away.
    """
    links = traffic.links
    most = int(np.diff(links.start).max(initial=0))
    if not most:
        return 0
    distance = _nearest(grid)[:most]
    owner = np.repeat(np.arange(links.clusters), np.diff(links.start))
    order = np.lexsort((-links.weight, owner))
    rank = np.arange(len(owner)) - links.start[owner]
    twice = int((links.weight[order] * distance[np.minimum(rank, len(distance) - 1)]).sum())
    return -(-twice // 2)


def _nearest(grid: TileGrid) -> Ints:
    """Distances from a tile in the middle to all others, ascending: the k-th is at most that from any other tile."""
    chip = grid.interconnect
    middle = chip.tile_at(chip.node_rows // 2 * chip.node_cols + chip.node_cols // 2, 0)
    everywhere = np.arange(grid.tiles, dtype=np.int64)
    return np.sort(grid.hops(np.int64(middle) + 0 * everywhere, everywhere))[1:]
