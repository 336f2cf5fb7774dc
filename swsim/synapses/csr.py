"""Synapses put in the order of their routes, in little more memory than they take in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.group_by import ordered
from .edge_list import Synapses

__all__ = ["Connections", "arrange", "offset_type", "offsets", "parts_of", "routes_of"]

Connections = Synapses | Sequence[Callable[[], Synapses]]
"""All connections, or functions each of which makes a part of them anew, whenever it is called."""

_AT_ONCE = 1 << 19  # synapses that are sorted together


def parts_of(synapses: Connections) -> Iterator[Synapses]:
    """The parts, one after the other."""
    if isinstance(synapses, Synapses):
        yield synapses
        return
    for part in synapses:
        yield part()


def offsets(synapses: Synapses, neurons: int, receptors: int) -> npt.NDArray[np.int64]:
    """The place of each synapse in a `RingBuffer`: ``delay * ports + receptor * neurons + post``."""
    offset = synapses.delay.astype(np.int64)
    offset *= receptors * neurons
    offset += synapses.receptor.astype(np.int64) * neurons
    offset += synapses.post
    return offset


def offset_type(max_delay: int, ports: int) -> npt.DTypeLike:
    """32 bits for offsets if that will do: half the memory."""
    return np.int32 if (max_delay + 1) * ports < np.iinfo(np.int32).max else np.int64


def routes_of(synapses: Synapses, tile: npt.NDArray[np.int32], tiles: int) -> npt.NDArray[np.int64]:
    """The number of the route of each synapse: presynaptic neuron times number of tiles, plus tile."""
    route = synapses.pre.astype(np.int64)
    if tiles > 1:
        route *= tiles
        route += tile[synapses.post]
    return route


def arrange(
    synapses: Connections, tile: npt.NDArray[np.int32], tiles: int, receptors: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any], npt.NDArray[np.float64]]:
    """The number of synapses of each route, and the offsets and weights of all, by route and by offset within it.

    Synapses of one route and one offset stay in the order of the parts, and within a part in their own: their weights
    are added in that order.
    """
    neurons = len(tile)
    count = np.zeros(neurons * tiles, np.int64)
    max_delay = 1
    for part in parts_of(synapses):
        if len(part):
            count += np.bincount(routes_of(part, tile, tiles), minlength=len(count))
            max_delay = max(max_delay, part.max_delay)
    end = np.cumsum(count)
    place = end - count
    total = int(count.sum())
    offset, weight = np.empty(total, offset_type(max_delay, receptors * neurons)), np.empty(total)
    for part in parts_of(synapses):
        for begin in range(0, len(part), _AT_ONCE):
            some = part[begin : begin + _AT_ONCE]
            route = routes_of(some, tile, tiles)
            order = np.argsort(route, kind="stable")
            route = route[order]
            first = np.flatnonzero(np.diff(route, prepend=-1))
            sizes = np.diff(np.append(first, len(route)))
            where = place[route] + (np.arange(len(route)) - np.repeat(first, sizes))
            offset[where] = offsets(some, neurons, receptors)[order]
            weight[where] = some.weight[order]
            place[route[first]] += sizes
    _sort_within(offset, weight, end)
    return count, offset, weight


def _sort_within(offset: npt.NDArray[Any], weight: npt.NDArray[np.float64], end: npt.NDArray[np.int64]) -> None:
    """Sort each route, which ends at ``end``, by offset, in place; many routes at once, but not all."""
    begin = 0
    while begin < len(offset):
        last = max(int(np.searchsorted(end, begin + _AT_ONCE, side="right")), int(np.searchsorted(end, begin + 1)) + 1)
        stop = int(end[min(last, len(end)) - 1])
        first = int(np.searchsorted(end, begin, side="right"))
        sizes = np.diff(end[first:last], prepend=begin)
        some = slice(begin, stop)
        order = ordered(np.repeat(np.arange(len(sizes)), sizes), offset[some].astype(np.int64))
        offset[some], weight[some] = offset[some][order], weight[some][order]
        begin = stop
