"""Moves and exchanges of single neurons between tiles that shorten the ways of packets, after any placement."""

from __future__ import annotations

import math
import time
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..jit import compiled, compiled_part
from ..network import Network
from ..partition import ClusterLimits
from ..partition.state import State, count_of, move, state_of
from ..placement.distances import Distances

__all__ = ["move_neurons"]

Ints64 = npt.NDArray[np.int64]

_MOST_SWEEPS = 50
# Of those on a full tile, so many are looked at for an exchange; of neurons with many inputs, fewer.
_EXCHANGES, _FEWEST_EXCHANGES, _EXCHANGED_INPUTS = 64, 4, 8000
# Entries of neighbours and tiles that are looked at between two looks at the clock: some ten milliseconds.
_WORK = 1_000_000
# A sweep that saves less than one part in so many is the last.
_LEAST_SHARE = 2000


class _Space(NamedTuple):
    """The chip as `Distances` has it, and what a packet costs for leaving its tile at all."""

    row: Ints64
    col: Ints64
    down: Ints64
    along: Ints64
    apart: int
    leave: int


class _Scratch(NamedTuple):
    """What is summed up for one neuron: traffic by row, column and tile, and what each tile saves."""

    by_row: Ints64
    by_col: Ints64
    row_cost: Ints64
    col_cost: Ints64
    node: Ints64
    saved: Ints64
    touched: Ints64
    marked: npt.NDArray[np.bool_]


def move_neurons(
    network: Network,
    limits: ClusterLimits,
    tile: npt.NDArray[np.integer],
    distances: Distances,
    *,
    leave: int = 0,
    most_tiles: int | None = None,
    deadline: float = math.inf,
) -> npt.NDArray[np.int32]:
    """Move neurons between tiles as long as that shortens the ways of packets; never worse than what it is given.

    Every neuron in turn goes where its packets and those that it needs have the shortest ways, weighted by spikes; if
    that tile is full, it takes the place of the neuron with which the exchange saves most. Packets are counted as with
    unicast, one for each tile. There is nothing random in it.

    Parameters
    ----------
    network, limits
        The network, and what tiles may hold.
    tile
        Shape (neurons,): tile of each neuron.
    distances
        What a packet costs between tiles.
    leave
        What a packet costs besides, wherever it goes.
    most_tiles
        Free tiles are taken up to so many in use; None for all of them.
    deadline
        Value of ``time.monotonic()`` at which it ends with what it has.

    Returns
    -------
    Tile of each neuron, shape (neurons,). If all limits were kept, they still are.
    """
    if network.neurons == 0:
        return np.array(tile, np.int32)
    tiles = distances.tiles
    state = state_of(network, limits, tile, tiles)
    most = tiles if most_tiles is None else most_tiles
    rows, cols = int(distances.row.max()) + 1, int(distances.col.max()) + 1
    space = _Space(distances.row, distances.col, distances.down, distances.along, distances.apart, leave)
    sums = [np.zeros(size, np.int64) for size in (rows, cols, rows, cols, rows * cols, tiles, tiles)]
    scratch = _Scratch(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], np.zeros(tiles, np.bool_))
    inputs = max(1, len(network.connectivity.fan_in) // network.neurons)
    exchanges = max(_FEWEST_EXCHANGES, min(_EXCHANGES, _EXCHANGED_INPUTS // inputs))
    bounds = _pieces(state, exchanges)
    total = int(_total(state, space))
    for _ in range(_MOST_SWEEPS):
        saved = 0
        for begin, end in pairwise(bounds):
            saved += int(_sweep(state, space, begin, end, exchanges, most, scratch))
            if time.monotonic() >= deadline:
                return state.cluster.astype(np.int32)
        total -= saved
        if saved * _LEAST_SHARE <= total:
            break
    return state.cluster.astype(np.int32)


def _pieces(state: State, exchanges: int) -> list[int]:
    """Neurons at which a sweep may be interrupted."""
    neurons, tiles = len(state.cluster), len(state.size)
    work = np.zeros(neurons + 1, np.int64)
    _count_work(state, work)
    work[1:] += np.arange(1, neurons + 1) * tiles
    work *= 1 + exchanges // 4
    cuts = np.searchsorted(work, np.arange(_WORK, work[-1], _WORK))
    return [0, *sorted(set(cuts.tolist()) - {0, neurons}), neurons]


@compiled
def _count_work(s: State, total: Ints64) -> None:
    for neuron in range(len(s.cluster)):
        total[neuron + 1] = total[neuron] + 1
        for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
            total[neuron + 1] += s.reach_size[s.in_ids[i]]


@compiled_part
def _between(one: int, other: int, p: _Space) -> int:
    if one == other:
        return 0
    rows, cols = abs(p.row[one] - p.row[other]), abs(p.col[one] - p.col[other])
    cost = p.down[rows] + p.along[cols] + p.leave
    if rows or cols:
        cost += p.apart
    return cost


@compiled
def _total(s: State, p: _Space) -> int:
    """Σ spikes × cost of the way over all packets."""
    total = 0
    for neuron in range(len(s.cluster)):
        for at in range(s.reach_start[neuron], s.reach_start[neuron] + s.reach_size[neuron]):
            total += s.weight[neuron] * _between(s.cluster[neuron], np.int64(s.reach_cluster[at]), p)
    return total


@compiled_part
def _saving(s: State, p: _Space, neuron: int, target: int) -> int:
    """What a neuron's move to another tile would save, without moving anything."""
    source = s.cluster[neuron]
    saved = 0
    listens = False
    for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
        pre = np.int64(s.in_ids[i])
        if pre == neuron:
            listens = True
            continue
        own = s.cluster[pre]
        if own != source and count_of(s, pre, source) == 1:
            saved += s.weight[pre] * _between(own, source, p)
        if own != target and count_of(s, pre, target) == 0:
            saved -= s.weight[pre] * _between(own, target, p)
    for at in range(s.reach_start[neuron], s.reach_start[neuron] + s.reach_size[neuron]):
        here = np.int64(s.reach_cluster[at])
        if here == source and listens and s.reach_count[at] == 1:
            continue  # nobody but itself, who goes with it
        saved += s.weight[neuron] * (_between(source, here, p) - _between(target, here, p))
    return saved


@compiled_part
def _gather(s: State, p: _Space, neuron: int, c: _Scratch) -> tuple[int, int]:
    """Sum up what a neuron's packets and those that it needs cost wherever it is; return their sum, and tiles touched.

    ``saved`` has, by tile, the cost of packets that come there without it anyway.
    """
    source = s.cluster[neuron]
    rows, cols = len(c.by_row), len(c.by_col)
    c.by_row[:] = 0
    c.by_col[:] = 0
    weight, found, listens = 0, 0, False
    for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
        pre = np.int64(s.in_ids[i])
        if pre == neuron:
            listens = True
            continue
        own, spikes = s.cluster[pre], s.weight[pre]
        if spikes == 0:
            continue
        weight += spikes
        c.by_row[p.row[own]] += spikes
        c.by_col[p.col[own]] += spikes
        c.node[p.row[own] * cols + p.col[own]] += spikes
        if not c.marked[own]:
            c.marked[own] = True
            c.touched[found] = own
            found += 1
        c.saved[own] += spikes * p.leave  # a packet from a tile to itself is none
        for at in range(s.reach_start[pre], s.reach_start[pre] + s.reach_size[pre]):
            here = np.int64(s.reach_cluster[at])
            if here == own or (here == source and s.reach_count[at] == 1):
                continue
            if not c.marked[here]:
                c.marked[here] = True
                c.touched[found] = here
                found += 1
            c.saved[here] += spikes * _between(own, here, p)
    spikes = s.weight[neuron]
    for at in range(s.reach_start[neuron], s.reach_start[neuron] + s.reach_size[neuron]):
        here = np.int64(s.reach_cluster[at])
        if spikes == 0 or (here == source and listens and s.reach_count[at] == 1):
            continue
        weight += spikes
        c.by_row[p.row[here]] += spikes
        c.by_col[p.col[here]] += spikes
        c.node[p.row[here] * cols + p.col[here]] += spikes
        if not c.marked[here]:
            c.marked[here] = True
            c.touched[found] = here
            found += 1
        c.saved[here] += spikes * p.leave
    for one in range(rows):
        c.row_cost[one] = 0
        for other in range(rows):
            c.row_cost[one] += c.by_row[other] * p.down[abs(one - other)]
    for one in range(cols):
        c.col_cost[one] = 0
        for other in range(cols):
            c.col_cost[one] += c.by_col[other] * p.along[abs(one - other)]
    return weight, found


@compiled_part
def _at(p: _Space, c: _Scratch, tile: int, weight: int) -> int:
    """What the packets that were summed up cost with the neuron on a tile."""
    row, col = p.row[tile], p.col[tile]
    apart = p.apart * (weight - c.node[row * len(c.by_col) + col])
    return c.row_cost[row] + c.col_cost[col] + apart + weight * p.leave - c.saved[tile]


@compiled
def _sweep(s: State, p: _Space, begin: int, end: int, exchanges: int, most: int, c: _Scratch) -> int:
    """Try to move or exchange each of some neurons; return what is saved."""
    saved, used = 0, 0
    for tile in range(len(s.size)):
        used += s.size[tile] > 0
    for neuron in range(begin, end):
        source = s.cluster[neuron]
        weight, found = _gather(s, p, neuron, c)
        stay = _at(p, c, source, weight)
        best, gain, wish, wished = -1, 0, -1, 0
        for tile in range(len(s.size)):
            more = stay - _at(p, c, tile, weight)
            if tile == source or more <= 0 or (s.size[tile] == 0 and used >= most):
                continue
            if more > wished:
                wish, wished = tile, more
            if more > gain and s.size[tile] < s.limits[0]:
                best, gain = tile, more
        for i in range(found):
            tile = c.touched[i]
            c.marked[tile] = False
            c.saved[tile] = 0
            c.node[p.row[tile] * len(c.by_col) + p.col[tile]] = 0
        if wished > gain:
            exchanged = _exchange(s, p, neuron, wish, wished, gain, exchanges)
            if exchanged > 0:
                saved += exchanged
                continue
        if best >= 0:
            excess, fresh = s.excess[0], s.size[best] == 0
            move(s, neuron, best)
            if s.excess[0] > excess:
                move(s, neuron, source)
            else:
                saved += gain
                used += fresh
                used -= s.size[source] == 0
    return saved


@compiled_part
def _exchange(s: State, p: _Space, neuron: int, target: int, first: int, least: int, exchanges: int) -> int:
    """Exchange a neuron with the one on a full tile that saves most; return what is saved, 0 if nothing is done.

    ``first`` is what its own move saves.
    """
    source, excess = s.cluster[neuron], s.excess[0]
    move(s, neuron, target)
    best, most = -1, least - first
    tried = 0
    other = s.after[neuron]
    while other >= 0 and tried < exchanges:
        following = s.after[other]
        more = _saving(s, p, other, source)
        if more > most:
            move(s, other, source)
            if s.excess[0] <= excess:
                best, most = other, more
            move(s, other, target)
        tried += 1
        other = following
    if best < 0:
        move(s, neuron, source)
        return 0
    move(s, best, source)
    return first + most
