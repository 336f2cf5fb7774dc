"""Synapses by route: from which neuron, and on which tile."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.group_by import Grouping
from .csr import Connections, arrange, offset_type, offsets, routes_of
from .edge_list import Synapses
from .ellpack import PaddedRows
from .ring_buffer import RingBuffer

__all__ = ["FanOut"]

_FEW = 4  # spikes, up to which their routes are better taken one by one
_AT_ONCE = 1 << 20  # synapses that are looked at together
_LONG = 64  # synapses of a route, from which on stretches are faster than indices


UNEQUAL = np.nan
"""In the place of a row's weight: its synapses have weights of their own, or do not lie side by side."""


class FanOut:
    """Synapses sorted by route: all those of one presynaptic neuron on one tile lie side by side.

    Parameters
    ----------
    synapses
        The connections, or functions that make them part by part.
    tile
        The tile of each neuron, shape (neurons,).
    receptors
        The number of receptors of the delay line.
    tiles
        The number of tiles; by default up to the last that a neuron is on.
    indexed
        Whether `synapses` will be asked for, which takes the connections in one part; else their places are forgotten.
    """

    def __init__(
        self,
        synapses: Connections,
        tile: npt.NDArray[np.int32],
        receptors: int = 2,
        *,
        tiles: int | None = None,
        indexed: bool = True,
    ) -> None:
        neurons = len(tile)
        self._tiles = int(tile.max(initial=0)) + 1 if tiles is None else tiles
        self._ports = receptors * neurons
        # By offset within a route: sums do not depend on it, as those of one offset stay in their order, but memory
        # is gone through in order, and what leads to neighbours lies side by side.
        if indexed:
            assert isinstance(synapses, Synapses)
            offset = offsets(synapses, neurons, receptors)
            self._grouping = Grouping(routes_of(synapses, tile, self._tiles), offset)
            self._weight = synapses.weight[self._grouping.order]
            small = offset_type(synapses.max_delay, self._ports)
            self._offset: npt.NDArray[Any] = offset[self._grouping.order].astype(small, copy=False)
        else:
            count, self._offset, self._weight = arrange(synapses, tile, self._tiles, receptors)
            self._grouping = Grouping.counted(count)
        self._table: PaddedRows | None = None
        self._tabular: bool | None = None  # whether there is a table; not known before the first spike
        self._find_stretches()

    def rows(self, neurons: int) -> tuple[npt.NDArray[Any], ...]:
        """The synapses by presynaptic neuron, and tile within it, as `loop.run` takes them."""
        key = self._grouping.key
        neurons *= self._tiles
        start = np.zeros(neurons + 1, np.int64)
        start[key + 1] = self._grouping.count
        np.cumsum(start, out=start)
        offset, weight = np.full(neurons, -1, np.int64), np.full(neurons, UNEQUAL)
        offset[key], weight[key] = self._row_offset, self._row_weight
        return start, offset, weight, self._offset, self._weight

    def keys(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The routes of arrivals (neuron, tile), shape (arrivals,) each, in the order of neuron and tile."""
        wanted = neuron.astype(np.int64)
        if self._tiles > 1:
            wanted *= self._tiles
            wanted += tile
        wanted.sort()
        return wanted

    def deposit(self, line: RingBuffer, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
        """Send the arrivals (neuron, tile), shape (arrivals,) each, down their synapses.

        They are taken in the order of neuron and tile, so that sums do not depend on the order of arrival.
        """
        self._deposit(line, self.keys(neuron, tile))

    def deposit_spikes(self, line: RingBuffer, neuron: npt.NDArray[np.int32]) -> None:
        """Send the spikes of neurons, in ascending order, down all their synapses."""
        if self._tiles == 1:
            self._deposit(line, neuron)
            return
        keys = neuron.repeat(self._tiles).astype(np.int64).reshape(-1, self._tiles)
        keys *= self._tiles
        keys += np.arange(self._tiles)
        self._deposit(line, keys.ravel())

    def _deposit(self, line: RingBuffer, keys: npt.NDArray[Any]) -> None:
        """Send what comes on routes of those keys, in ascending order, down their synapses."""
        routes = self._grouping.found(keys)
        if not len(routes):
            return
        if self._long:
            self._deposit_stretches(line, routes)
            return
        if self._tabular is None:
            self._tabular = PaddedRows.suits(self._grouping.count)
            if self._tabular:
                base = 0 if self._delay is None else self._delay * self._ports
                self._table = PaddedRows(self._begin, self._grouping.count, self._offset - base, self._weight)
        table = self._table
        if table is not None and table.has(routes):
            place, weight = table.rows(routes)
            if self._delay is None:
                line.add(place, weight)
            else:
                line.add_at(self._delay, place, weight)
            return
        if len(keys) <= _FEW:
            for begin, end in zip(self._begin[routes].tolist(), self._end[routes].tolist(), strict=True):
                line.add(self._offset[begin:end], self._weight[begin:end])
            return
        index = self._grouping.ranks(keys)
        if len(index):
            line.add(self._offset[index], self._weight[index])

    def _deposit_stretches(self, line: RingBuffer, routes: npt.NDArray[np.int64]) -> None:
        """Deposit where every route is one stretch; those of the same places and weight are taken together."""
        alike = self._alike[routes]
        breaks = [0, *((alike[1:] != alike[:-1]).nonzero()[0] + 1).tolist(), len(alike)]
        for first, last in pairwise(breaks):
            route = routes[first]
            target = line.stretch(self._row_offset[route], self._grouping.count[route])
            weight = self._row_weight[route]
            if np.isnan(weight):  # it is UNEQUAL
                for begin in self._begin[routes[first:last]].tolist():
                    target += self._weight[begin : begin + len(target)]
            elif last - first > 4 and (target == target[0]).all():
                # All to all, and nothing else: one sum is that of all. Not a product, which would be rounded otherwise.
                x, w = float(target[0]), float(weight)
                for _ in range(last - first):
                    x += w
                target[:] = x
            else:
                for _ in range(last - first):
                    target += weight

    def _find_stretches(self) -> None:
        """Find the routes that lead to neighbours, at one delay, and those of them that have one weight.

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
            # Two synapses in one place may make up for a gap. Counted by the breaks before the first and the last.
            dense &= _unbroken(self._offset, 1, begin, end)
            same = dense & _unbroken(self._weight, 0, begin, end)
        self._row_offset = np.where(dense, first, -1)
        self._row_weight = np.where(same, self._weight[begin], UNEQUAL)
        self._long = bool(len(count) and dense.all() and count.mean() >= _LONG)
        if self._long and same.all():
            # Nobody will look at the synapses themselves.
            self._offset, self._weight = self._offset[:0].copy(), self._weight[:0].copy()
        # Equal numbers for neighbouring routes of the same places and weight.
        new = np.diff(self._row_offset) != 0
        new |= np.diff(count) != 0
        new |= ~((np.diff(self._row_weight) == 0) | (~same[1:] & ~same[:-1]))
        self._alike = np.append(0, np.cumsum(new))[: len(count)]

    def _common_delay(self) -> int | None:
        """The delay of all synapses, if it is one."""
        if not len(self._offset) or not self._ports:
            return None
        first, last = (int(offset) // self._ports for offset in (self._offset.min(), self._offset.max()))
        return first if first == last else None

    def synapses(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The synapses that those arrivals reach, as indices of the connections; more than once if they come so."""
        return self._grouping.positions(self.keys(neuron, tile))


def _unbroken(
    values: npt.NDArray[Any], step: int, begin: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Whether all values of each route rise by the same step, from its first to its last."""
    unbroken = np.empty(len(begin), bool)
    first = 0
    while first < len(begin):
        # Some routes at once, which takes little memory.
        last = max(first + 1, int(np.searchsorted(end, begin[first] + _AT_ONCE, side="right")))
        start = begin[first]
        some = values[start : end[last - 1]]
        breaks = np.zeros(len(some), np.int64)
        np.cumsum(np.diff(some) != step, out=breaks[1:])
        unbroken[first:last] = breaks[begin[first:last] - start] == breaks[end[first:last] - start - 1]
        first = last
    return unbroken
