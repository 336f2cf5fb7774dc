"""The compiled loops of the placers, over traffic that lists partners, and distances in tables of rows and columns.

A placement is held from both sides: ``tile[cluster]``, and ``owner[tile]``, -1 where a tile is free. ``graph`` is
``(start, other, weight)`` as in `Links`, ``space`` is ``(row, col, down, along, apart)`` as in `Distances`. All costs
are whole numbers, so that sums of changes are exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...jit import compiled, compiled_for_much

__all__ = ["adjacent_gains", "anneal", "change", "descend", "greedy_tiles", "swap_pairs"]


@compiled_for_much
def _between(one: int, other: int, space: Any) -> int:
    row, col, down, along, apart = space
    rows, cols = abs(row[one] - row[other]), abs(col[one] - col[other])
    if rows == 0 and cols == 0:
        return 0
    return down[rows] + along[cols] + apart


@compiled
def change(here: int, there: int, tile: Any, owner: Any, graph: Any, space: Any) -> int:
    """How much more it costs if two tiles exchange what they hold."""
    start, other, weight = graph
    one, two = owner[here], owner[there]
    more = 0
    if one >= 0:
        for k in range(start[one], start[one + 1]):
            if other[k] != two:
                at = tile[other[k]]
                more += weight[k] * (_between(there, at, space) - _between(here, at, space))
    if two >= 0:
        for k in range(start[two], start[two + 1]):
            if other[k] != one:
                at = tile[other[k]]
                more += weight[k] * (_between(here, at, space) - _between(there, at, space))
    return more


@compiled
def _exchange(here: int, there: int, tile: Any, owner: Any) -> None:
    one, two = owner[here], owner[there]
    owner[here], owner[there] = two, one
    if one >= 0:
        tile[one] = there
    if two >= 0:
        tile[two] = here


@compiled
def _random(state: Any) -> float:
    """The next number in 0..1 of a sequence (splitmix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    x = state[0]
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return float(x >> np.uint64(11)) * 2.0**-53


@compiled
def _near(here: int, window: int, size: Any, state: Any) -> int:
    """A random tile at most so many rows and columns away."""
    rows, cols, wraps = size
    row, col = here // cols, here % cols
    if wraps:
        high, wide = min(2 * window + 1, rows), min(2 * window + 1, cols)
        row = (row - high // 2 + int(_random(state) * high)) % rows
        col = (col - wide // 2 + int(_random(state) * wide)) % cols
    else:
        top, left = max(row - window, 0), max(col - window, 0)
        row = top + int(_random(state) * (min(row + window, rows - 1) - top + 1))
        col = left + int(_random(state) * (min(col + window, cols - 1) - left + 1))
    return int(row * cols + col)


@compiled
def anneal(
    tile: Any, owner: Any, graph: Any, space: Any, size: Any, state: Any, temperature: float, window: int, moves: int
) -> Any:
    """Try random exchanges, of which worse ones are taken with the probability e^(-more/temperature).

    Returns how many were taken, how much more it costs, and the mean of what the exchanges tried would change.
    """
    taken, cost, sizes = 0, 0, 0.0
    for _ in range(moves):
        here = tile[int(_random(state) * len(tile))]
        there = _near(here, window, size, state)
        luck = _random(state)
        if there == here:
            continue
        more = change(here, there, tile, owner, graph, space)
        sizes += abs(more)
        if more <= 0 or luck < np.exp(-more / temperature):
            _exchange(here, there, tile, owner)
            taken += 1
            cost += more
    return taken, cost, sizes / max(moves, 1)


@compiled
def descend(tile: Any, owner: Any, graph: Any, space: Any, size: Any, window: int, first: int, last: int) -> Any:
    """Give each of some clusters the tile, of those near it, whose exchange gains most, if any gains.

    Returns how much more it costs.
    """
    rows, cols, wraps = size
    high, wide = min(2 * window + 1, rows), min(2 * window + 1, cols)
    cost = 0
    for cluster in range(first, last):
        here = tile[cluster]
        best, spot = 0, -1
        for down in range(high):
            for along in range(wide):
                row, col = here // cols - window + down, here % cols - window + along
                if high == rows:
                    row = down
                elif wraps:
                    row %= rows
                if wide == cols:
                    col = along
                elif wraps:
                    col %= cols
                there = row * cols + col
                if row < 0 or row >= rows or col < 0 or col >= cols or there == here:
                    continue
                more = change(here, there, tile, owner, graph, space)
                if more < best:
                    best, spot = more, there
        if spot >= 0:
            _exchange(here, spot, tile, owner)
            cost += best
    return cost


@compiled
def adjacent_gains(pairs: Any, tile: Any, owner: Any, graph: Any, space: Any) -> Any:
    """The gain of an exchange between each of some pairs of tiles, shape (pairs,)."""
    gain = np.zeros(len(pairs), np.int64)
    for number in range(len(pairs)):
        gain[number] = -change(pairs[number, 0], pairs[number, 1], tile, owner, graph, space)
    return gain


@compiled
def swap_pairs(pairs: Any, tile: Any, owner: Any, graph: Any, space: Any) -> Any:
    """Make each exchange that still gains when its turn comes; returns how much more it costs."""
    cost = 0
    for number in range(len(pairs)):
        more = change(pairs[number, 0], pairs[number, 1], tile, owner, graph, space)
        if more < 0:
            _exchange(pairs[number, 0], pairs[number, 1], tile, owner)
            cost += more
    return cost


@compiled
def greedy_tiles(order: Any, centre: int, graph: Any, space: Any, shape: Any) -> Any:
    """Put clusters, in an order, each on the free tile where it costs least to those placed; the first in the middle.

    ``shape`` is the rows and columns of nodes and the tiles of the chip. Of equal tiles, that nearest to the middle is
    taken. What a tile costs is a sum for its row and one for its column, less what partners in the same node save.
    """
    start, other, weight = graph
    row, col, down, along, apart = space
    node_rows, node_cols, tiles = shape
    tile = np.full(len(order), -1, np.int64)
    free = np.ones(tiles, np.bool_)
    saved = np.zeros(node_rows * node_cols, np.int64)
    by_row, by_col = np.zeros(node_rows, np.int64), np.zeros(node_cols, np.int64)
    for cluster in order:
        by_row[:] = 0
        by_col[:] = 0
        for k in range(start[cluster], start[cluster + 1]):
            at = tile[other[k]]
            if at >= 0:
                saved[row[at] * node_cols + col[at]] += weight[k] * apart
                for r in range(node_rows):
                    by_row[r] += weight[k] * down[abs(r - row[at])]
                for c in range(node_cols):
                    by_col[c] += weight[k] * along[abs(c - col[at])]
        best, off, spot = 0, 0, -1
        for t in range(tiles):
            if free[t]:
                cost = by_row[row[t]] + by_col[col[t]] - saved[row[t] * node_cols + col[t]]
                if spot < 0 or cost <= best:
                    middle = _between(t, centre, space)
                    if spot < 0 or cost < best or middle < off:
                        best, off, spot = cost, middle, t
        tile[cluster] = spot
        free[spot] = False
        for k in range(start[cluster], start[cluster + 1]):
            at = tile[other[k]]
            if at >= 0:
                saved[row[at] * node_cols + col[at]] = 0
    return tile
