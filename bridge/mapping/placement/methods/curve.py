"""A curve through all tiles of a block that stays near where it has been: Hilbert's, for any rectangle."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ....tile_grid import TileGrid

__all__ = ["block", "hilbert", "tiles_along"]

Ints = npt.NDArray[np.int64]


def hilbert(rows: int, cols: int) -> Ints:
    """Row and column of each place along the curve, shape (rows × cols, 2).

    Each place is beside the one before it; where a side is odd, some are diagonal to it. A rectangle is entered at one
    corner and left at the end of its longer side. One more than half as long again as wide is divided into two; any
    other into three: across, along, and back.
    """
    todo: list[tuple[int, int, tuple[int, int], tuple[int, int]]] = []
    todo.append((0, 0, (0, cols), (rows, 0)) if cols >= rows else (0, 0, (rows, 0), (0, cols)))
    places: list[tuple[int, int]] = []
    while todo:
        row, col, major, minor = todo.pop()
        long, wide = abs(sum(major)), abs(sum(minor))
        ahead, aside = _unit(major), _unit(minor)
        if wide == 1:
            places += [(row + ahead[0] * step, col + ahead[1] * step) for step in range(long)]
        elif long == 1:
            places += [(row + aside[0] * step, col + aside[1] * step) for step in range(wide)]
        else:
            todo += reversed(_parts(row, col, (long, wide), ahead, aside))
    return np.array(places, np.int64).reshape(-1, 2)


_Part = tuple[int, int, tuple[int, int], tuple[int, int]]


def _parts(row: int, col: int, size: tuple[int, int], ahead: tuple[int, int], aside: tuple[int, int]) -> list[_Part]:
    """Divide a rectangle, so that all but the last part are an even number of places long where that can be."""
    long, wide = size

    def at(along: int, across: int) -> tuple[int, int]:
        return row + ahead[0] * along + aside[0] * across, col + ahead[1] * along + aside[1] * across

    half = long // 2
    if 2 * long > 3 * wide:
        half += half % 2 if long > 2 else 0
        return [
            (*at(0, 0), _times(ahead, half), _times(aside, wide)),
            (*at(half, 0), _times(ahead, long - half), _times(aside, wide)),
        ]
    up = wide // 2
    up += up % 2 if wide > 2 else 0
    return [
        (*at(0, 0), _times(aside, up), _times(ahead, half)),
        (*at(0, up), _times(ahead, long), _times(aside, wide - up)),
        (*at(long - 1, up - 1), _times(aside, -up), _times(ahead, -(long - half))),
    ]


def _unit(vector: tuple[int, int]) -> tuple[int, int]:
    return int(np.sign(vector[0])), int(np.sign(vector[1]))


def _times(vector: tuple[int, int], factor: int) -> tuple[int, int]:
    return vector[0] * factor, vector[1] * factor


def block(clusters: int, grid: TileGrid) -> tuple[int, int]:
    """Rows and columns of nodes of a nearly square block, as small as can be, with a tile for every cluster."""
    chip = grid.interconnect
    nodes = max(1, -(-clusters // chip.tiles_per_node))
    high = min(chip.node_rows, math.isqrt(nodes - 1) + 1)
    wide = min(chip.node_cols, -(-nodes // high))
    return min(chip.node_rows, -(-nodes // wide)), wide


def tiles_along(clusters: int, grid: TileGrid) -> Ints:
    """The first so many tiles along the curve through the block; in a tree, clusters of tiles one after the other."""
    chip = grid.interconnect
    row, col = hilbert(*block(clusters, grid)).T
    member = np.arange(chip.tiles_per_node)
    down, along = member // chip.side, member % chip.side
    tile = (row[:, None] * chip.side + down) * chip.cols + col[:, None] * chip.side + along
    return tile.reshape(-1)[:clusters].astype(np.int64)
