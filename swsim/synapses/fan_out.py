"""Fan-out of spikes: the synapses of each neuron, tile by tile, and how a spike goes down all of them.

A row is all synapses of one presynaptic neuron on one tile. Only rows that have synapses are kept; the number of a row
is its position among them, and its key is neuron times number of tiles, plus tile.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.group_by import Grouping
from .csr import EdgeLists, compress, offset_type, offsets, row_numbers
from .edge_list import Synapses
from .ellpack import PaddedRows
from .ring_buffer import RingBuffer

__all__ = ["FanOut"]

_MAX_SINGLE_SPIKES = 4  # spikes, up to which their rows are better taken one by one
_CHUNK_SYNAPSES = 1 << 20  # that are looked at together
_MIN_STRETCH = 64  # synapses of a row, from which on stretches are faster than indices
_MIN_COMPILED_STRETCH = 4  # likewise in the compiled loop
_MIN_SCALAR_SUM = 5  # equal weights, from which on one sum for all targets is faster


UNEQUAL = np.nan
"""In the place of a row's weight: its synapses have weights of their own, or do not lie side by side."""


class FanOut:
    """Synapses sorted by row: all those of one presynaptic neuron on one tile lie side by side.

    Parameters
    ----------
    synapses
        The connections, or functions that make them part by part.
    tile
        The tile of each neuron, shape (neurons,).
    receptors
        The number of receptors of the ring buffer.
    tiles
        The number of tiles; by default up to the last that a neuron is on.
    indexed
        True if `synapses` will be asked for, which takes the connections in one part; else their indices are forgotten.
    """

    def __init__(
        self,
        synapses: EdgeLists,
        tile: npt.NDArray[np.int32],
        receptors: int = 2,
        *,
        tiles: int | None = None,
        indexed: bool = True,
    ) -> None:
        neurons = len(tile)
        self._tiles = int(tile.max(initial=0)) + 1 if tiles is None else tiles
        self._ports = receptors * neurons
        # By offset within a row: sums do not depend on it, as those of one offset stay in their order, but memory
        # is gone through in order, and what leads to neighbours lies side by side.
        if indexed:
            assert isinstance(synapses, Synapses)
            offset = offsets(synapses, neurons, receptors)
            self._grouping = Grouping(row_numbers(synapses, tile, self._tiles), offset)
            self._weight = synapses.weight[self._grouping.order]
            small = offset_type(synapses.max_delay, self._ports)
            self._offset: npt.NDArray[Any] = offset[self._grouping.order].astype(small, copy=False)
        else:
            count, self._offset, self._weight = compress(synapses, tile, self._tiles, receptors)
            self._grouping = Grouping.counted(count)
        self._padded: PaddedRows | None = None
        self._is_padded: bool | None = None  # True if there are padded rows; not known before the first spike
        self._find_stretches()

    def rows(self, neurons: int) -> tuple[npt.NDArray[Any], ...]:
        """Return the synapses by presynaptic neuron, and tile within it, as `loop.run` takes them."""
        return self._rows(self._grouping.key, neurons * self._tiles)

    def rows_of_arrivals(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> tuple[Any, ...]:
        """Return the synapses by arrival (neuron, tile), shape (arrivals,) each, as `rows` does.

        These are different, in ascending order, and all that there can be.
        """
        keys = self.keys(neuron, tile)
        key = np.searchsorted(keys, self._grouping.key)
        if not np.array_equal(keys[np.minimum(key, len(keys) - 1)] if len(keys) else keys, self._grouping.key):
            raise ValueError("hardware must know of all tiles on which a neuron has synapses")
        return self._rows(key, len(keys))

    def _rows(self, key: npt.NDArray[np.int64], length: int) -> tuple[npt.NDArray[Any], ...]:
        """Return the rows, put where ``key`` says among so many."""
        start = np.zeros(length + 1, np.int64)
        start[key + 1] = self._grouping.count
        np.cumsum(start, out=start)
        offset, weight = np.full(length, -1, np.int64), np.full(length, UNEQUAL)
        offset[key], weight[key] = self._row_offset, self._row_weight
        if len(self._offset):
            # A few synapses are faster one by one; sums are the same.
            offset[key[self._grouping.count < _MIN_COMPILED_STRETCH]] = -1
        return start, offset, weight, self._offset, self._weight

    def keys(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Return the keys of the rows of arrivals (neuron, tile), shape (arrivals,) each, in ascending order."""
        wanted = neuron.astype(np.int64)
        if self._tiles > 1:
            wanted *= self._tiles
            wanted += tile
        wanted.sort()
        return wanted

    def deposit(self, buffer: RingBuffer, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
        """Send the arrivals (neuron, tile), shape (arrivals,) each, down their synapses.

        They are taken in the order of neuron and tile, so that sums do not depend on the order of arrival.
        """
        self._deposit(buffer, self.keys(neuron, tile))

    def deposit_spikes(self, buffer: RingBuffer, neuron: npt.NDArray[np.int32]) -> None:
        """Send the spikes of neurons, in ascending order, down all their synapses; several of one add up."""
        if self._tiles == 1:
            self._deposit(buffer, neuron)
            return
        keys = neuron.repeat(self._tiles).astype(np.int64).reshape(-1, self._tiles)
        keys *= self._tiles
        keys += np.arange(self._tiles)
        self._deposit(buffer, keys.ravel())

    def _deposit(self, buffer: RingBuffer, keys: npt.NDArray[Any]) -> None:
        """Send a spike down each row of those keys, which are in ascending order."""
        rows = self._grouping.found(keys)
        if not len(rows):
            return
        if self._all_stretches:
            self._deposit_stretches(buffer, rows)
            return
        if self._is_padded is None:
            self._is_padded = PaddedRows.suits(self._grouping.count)
            if self._is_padded:
                base = 0 if self._delay is None else self._delay * self._ports
                self._padded = PaddedRows(self._begin, self._grouping.count, self._offset - base, self._weight)
        padded = self._padded
        if padded is not None and padded.has(rows):
            offset, weight = padded.take(rows)
            if self._delay is None:
                buffer.add(offset, weight)
            else:
                buffer.add_at(self._delay, offset, weight)
            return
        if len(keys) <= _MAX_SINGLE_SPIKES:
            for begin, end in zip(self._begin[rows].tolist(), self._end[rows].tolist(), strict=True):
                buffer.add(self._offset[begin:end], self._weight[begin:end])
            return
        index = self._grouping.ranks(keys)
        if len(index):
            buffer.add(self._offset[index], self._weight[index])

    def _deposit_stretches(self, buffer: RingBuffer, rows: npt.NDArray[np.int64]) -> None:
        """Deposit where every row is one stretch; rows of the same offsets and weight are taken together."""
        alike = self._alike[rows]
        breaks = [0, *((alike[1:] != alike[:-1]).nonzero()[0] + 1).tolist(), len(alike)]
        for first, last in pairwise(breaks):
            row = rows[first]
            target = buffer.stretch(self._row_offset[row], self._grouping.count[row])
            weight = self._row_weight[row]
            if np.isnan(weight):  # it is UNEQUAL
                for begin in self._begin[rows[first:last]].tolist():
                    target += self._weight[begin : begin + len(target)]
            elif last - first >= _MIN_SCALAR_SUM and (target == target[0]).all():
                # All to all, and nothing else: one sum is that of all. Not a product, which would be rounded otherwise.
                x, w = float(target[0]), float(weight)
                for _ in range(last - first):
                    x += w
                target[:] = x
            else:
                for _ in range(last - first):
                    target += weight

    def _find_stretches(self) -> None:
        """Find the rows that lead to neighbours, at one delay, and those of them that have one weight.

        Adding a stretch takes half a microsecond however long it is, and an index a nanosecond per synapse.
        """
        count = self._grouping.count
        self._end = end = np.cumsum(count)
        self._begin = begin = end - count
        self._delay = self._common_delay()
        first, last = self._offset[begin].astype(np.int64), self._offset[end - 1]
        dense = (last - first == count - 1) & (first // self._ports == last // self._ports)
        same = dense.copy()
        if (count[dense] > 1).any():
            # Two synapses with one offset may make up for a gap. Counted by the breaks before the first and the last.
            dense &= _unbroken(self._offset, 1, begin, end)
            same = dense & _unbroken(self._weight, 0, begin, end)
        self._row_offset = np.where(dense, first, -1)
        self._row_weight = np.where(same, self._weight[begin], UNEQUAL)
        self._all_stretches = bool(len(count) and dense.all() and count.mean() >= _MIN_STRETCH)
        if self._all_stretches and same.all():
            # The synapses themselves are not read any more.
            self._offset, self._weight = self._offset[:0].copy(), self._weight[:0].copy()
        # Equal numbers for neighbouring rows of the same offsets and weight.
        new = np.diff(self._row_offset) != 0
        new |= np.diff(count) != 0
        new |= ~((np.diff(self._row_weight) == 0) | (~same[1:] & ~same[:-1]))
        self._alike = np.append(0, np.cumsum(new))[: len(count)]

    def _common_delay(self) -> int | None:
        """Return the delay of all synapses, if it is one."""
        if not len(self._offset) or not self._ports:
            return None
        first, last = (int(offset) // self._ports for offset in (self._offset.min(), self._offset.max()))
        return first if first == last else None

    def synapses(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Return the synapses that those arrivals reach, as indices of the connections; with repetitions, if so."""
        return self._grouping.positions(self.keys(neuron, tile))


def _unbroken(
    values: npt.NDArray[Any], step: int, begin: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return for each row whether its values rise by the same step, from its first to its last."""
    unbroken = np.empty(len(begin), bool)
    first = 0
    while first < len(begin):
        # Some rows at once, which takes little memory.
        last = max(first + 1, int(np.searchsorted(end, begin[first] + _CHUNK_SYNAPSES, side="right")))
        start = begin[first]
        some = values[start : end[last - 1]]
        breaks = np.zeros(len(some), np.int64)
        np.cumsum(np.diff(some) != step, out=breaks[1:])
        unbroken[first:last] = breaks[begin[first:last] - start] == breaks[end[first:last] - start - 1]
        first = last
    return unbroken
