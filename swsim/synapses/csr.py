"""Synapses as compressed sparse rows, built in little more memory than they take in the end.

A row is all synapses of one presynaptic neuron on one tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.group_by import ordered
from .edge_list import Synapses

__all__ = ["EdgeLists", "compress", "offset_type", "offsets", "parts_of", "row_numbers"]

EdgeLists = Synapses | Sequence[Callable[[], Synapses]]
"""All connections, or functions each of which makes a part of them anew, whenever it is called."""

_SORT_CHUNK = 1 << 19  # synapses that are sorted together


def parts_of(synapses: EdgeLists) -> Iterator[Synapses]:
    """Yield the parts, one after the other."""
    if isinstance(synapses, Synapses):
        yield synapses
        return
    for part in synapses:
        yield part()


def offsets(synapses: Synapses, neurons: int, receptors: int) -> npt.NDArray[np.int64]:
    """Return each synapse's offset in a `RingBuffer`: ``delay * ports + receptor * neurons + post``."""
    offset = synapses.delay.astype(np.int64)
    offset *= receptors * neurons
    offset += synapses.receptor.astype(np.int64) * neurons
    offset += synapses.post
    return offset


def offset_type(max_delay: int, ports: int) -> npt.DTypeLike:
    """Return 32 bits for offsets if that will do: half the memory."""
    return np.int32 if (max_delay + 1) * ports < np.iinfo(np.int32).max else np.int64


def row_numbers(synapses: Synapses, tile: npt.NDArray[np.int32], tiles: int) -> npt.NDArray[np.int64]:
    """Return the row of each synapse: presynaptic neuron times number of tiles, plus tile."""
    row = synapses.pre.astype(np.int64)
    if tiles > 1:
        row *= tiles
        row += tile[synapses.post]
    return row


def compress(
    synapses: EdgeLists, tile: npt.NDArray[np.int32], tiles: int, receptors: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any], npt.NDArray[np.float64]]:
    """Return the number of synapses of each row, and the offsets and weights of all, by row and by offset within it.

    Synapses of one row and one offset stay in the order of the parts, and within a part in their own: their weights
    are added in that order.
    """
    neurons = len(tile)
    count = np.zeros(neurons * tiles, np.int64)
    max_delay = 1
    for part in parts_of(synapses):
        if len(part):
            count += np.bincount(row_numbers(part, tile, tiles), minlength=len(count))
            max_delay = max(max_delay, part.max_delay)
    end = np.cumsum(count)
    next_free = end - count
    total = int(count.sum())
    offset, weight = np.empty(total, offset_type(max_delay, receptors * neurons)), np.empty(total)
    for part in parts_of(synapses):
        for begin in range(0, len(part), _SORT_CHUNK):
            chunk = part[begin : begin + _SORT_CHUNK]
            row = row_numbers(chunk, tile, tiles)
            order = np.argsort(row, kind="stable")
            row = row[order]
            first = np.flatnonzero(np.diff(row, prepend=-1))
            sizes = np.diff(np.append(first, len(row)))
            index = next_free[row] + (np.arange(len(row)) - np.repeat(first, sizes))
            offset[index] = offsets(chunk, neurons, receptors)[order]
            weight[index] = chunk.weight[order]
            next_free[row[first]] += sizes
    _sort_within(offset, weight, end)
    return count, offset, weight


def _sort_within(offset: npt.NDArray[Any], weight: npt.NDArray[np.float64], end: npt.NDArray[np.int64]) -> None:
    """Sort each row, which ends at ``end``, by offset, in place; many rows at once, but not all."""
    begin = 0
    while begin < len(offset):
        last = max(
            int(np.searchsorted(end, begin + _SORT_CHUNK, side="right")), int(np.searchsorted(end, begin + 1)) + 1
        )
        stop = int(end[min(last, len(end)) - 1])
        first = int(np.searchsorted(end, begin, side="right"))
        sizes = np.diff(end[first:last], prepend=begin)
        chunk = slice(begin, stop)
        order = ordered(np.repeat(np.arange(len(sizes)), sizes), offset[chunk].astype(np.int64))
        offset[chunk], weight[chunk] = offset[chunk][order], weight[chunk][order]
        begin = stop
