"""Synapses by route, and the input that is under way to the neurons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DelayLine", "Grouping", "Routes", "Synapses"]


_FEW = 4  # spikes, up to which their routes are better taken one by one
_LONG = 64  # synapses of a route, from which on stretches are faster than indices


@dataclass(frozen=True)
class Synapses:
    """All connections of a network, shape (synapses,) each.

    ``pre`` and ``post`` are neuron ids, ``receptor`` the place among the
    receptors of the postsynaptic model, ``weight`` is in the unit of the
    postsynaptic model (nA, uS or mV) and ``delay`` in steps, at least 1.
    """

    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    receptor: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]

    @classmethod
    def empty(cls, count: int) -> Synapses:
        """So many connections, to be filled in."""
        return cls(
            np.empty(count, np.int32),
            np.empty(count, np.int32),
            np.empty(count, np.int8),
            np.empty(count, np.float64),
            np.empty(count, np.int32),
        )

    @classmethod
    def none(cls) -> Synapses:
        """No connections."""
        return cls.empty(0)

    def __len__(self) -> int:
        return len(self.pre)

    @property
    def max_delay(self) -> int:
        """The longest delay in steps; 1 if there are no connections."""
        return int(self.delay.max()) if len(self) else 1


class DelayLine:
    """Synaptic input that has not arrived yet: one row per coming step, one column per (receptor, neuron).

    The rows are a ring. That of now has been looked at and is cleared when the line advances; the one at a delay of d
    lies d rows further on.
    """

    def __init__(self, neurons: int, max_delay: int, receptors: int = 2) -> None:
        self.neurons = neurons
        self.max_delay = max_delay
        self.receptors = receptors
        self.ports = receptors * neurons
        self._rows = max_delay + 1
        self._flat = np.zeros(self._rows * self.ports)
        self.position = 0
        """The row of `buffer` that is now."""

    @property
    def buffer(self) -> npt.NDArray[np.float64]:
        """All rows, shape (rows, receptors, neurons): a window, to be written to."""
        return self._flat.reshape(self._rows, self.receptors, self.neurons)

    @property
    def coming(self) -> npt.NDArray[np.float64]:
        """What will arrive in the coming steps, shape (max_delay, receptors, neurons); a copy."""
        return self.buffer[(self.position + 1 + np.arange(self.max_delay)) % self._rows]

    def add(self, offset: npt.NDArray[Any], weight: npt.NDArray[np.float64]) -> None:
        """Add weights at ``delay * ports + receptor * neurons + neuron``, the delay counted from now."""
        place = np.add(offset, self.position * self.ports, dtype=np.int64)
        place -= len(self._flat) * (place >= len(self._flat))
        np.add.at(self._flat, place, weight)

    def stretch(self, offset: int, length: int) -> npt.NDArray[np.float64]:
        """The places side by side from ``delay * ports + receptor * neurons + neuron`` on, within one delay."""
        start = (offset + self.position * self.ports) % len(self._flat)
        return self._flat[start : start + length]

    def advance(self) -> npt.NDArray[np.float64]:
        """Go on by one step; return what arrives in it, shape (receptors, neurons), valid until the next call."""
        start = self.position * self.ports
        self._flat[start : start + self.ports] = 0.0
        self.position = self.position + 1 if self.position + 1 < self._rows else 0
        start = self.position * self.ports
        return self._flat[start : start + self.ports].reshape(self.receptors, self.neurons)

    def resized(self, neurons: int, max_delay: int, receptors: int = 2) -> DelayLine:
        """A line for at least as many neurons, receptors and as long delays, with the same input under way."""
        line = DelayLine(neurons, max(max_delay, self.max_delay), max(receptors, self.receptors))
        line.buffer[1 : self._rows, : self.receptors, : self.neurons] = self.coming
        return line


class Grouping:
    """Positions by key: those of equal key lie side by side, in their old order.

    Parameters
    ----------
    key
        The key of each position, shape (n,).
    within
        What to order those of one key by, shape (n,), at least 0; by default nothing.
    """

    def __init__(self, key: npt.NDArray[np.int64], within: npt.NDArray[np.int64] | None = None) -> None:
        self.order = _order(key, within)
        ordered = key[self.order]
        self._start = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1 if len(key) else 0))
        self._key = ordered[self._start]
        self._count = np.diff(np.append(self._start, len(key)))

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """The keys that there are, in ascending order."""
        return self._key

    @property
    def count(self) -> npt.NDArray[np.int64]:
        """The number of positions of each of them."""
        return self._count

    def found(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places in `key` of those keys that are there."""
        if not len(wanted) or not len(self._key):
            return np.empty(0, np.int64)
        row = np.searchsorted(self._key, wanted)
        row[row == len(self._key)] = 0
        return row[self._key[row] == wanted]

    def ranks(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places in `order` of all positions of those keys, key by key; a key that is not there has none."""
        row = self.found(wanted)
        if not len(row):
            return row
        count = self._count[row]
        first = self._start[row]
        first[1:] -= np.cumsum(count[:-1])
        index = np.repeat(first, count)
        index += np.arange(len(index))
        return index

    def positions(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """All positions of those keys, key by key."""
        return self.order[self.ranks(wanted)]

    def forget_order(self) -> None:
        """Do without `order` and `positions`, and their memory."""
        self.order = np.empty(0, np.int64)


def _order(key: npt.NDArray[np.int64], within: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
    """The stable order by key, then by what is within."""
    if within is None or not len(key):
        return np.argsort(key, kind="stable")
    span = int(within.max()) + 1
    if int(key.max()) < 2**62 // span:
        both = key * span
        both += within
        return np.argsort(both, kind="stable")
    return np.lexsort((within, key))


class Routes:
    """Synapses sorted by route: all those of one presynaptic neuron on one tile lie side by side.

    Parameters
    ----------
    synapses
        The connections.
    tile
        The tile of each neuron, shape (neurons,).
    receptors
        The number of receptors of the delay line.
    tiles
        The number of tiles; by default up to the last that a neuron is on.
    indexed
        Whether `synapses` will be asked for; else the places of the connections are forgotten.
    """

    def __init__(
        self,
        synapses: Synapses,
        tile: npt.NDArray[np.int32],
        receptors: int = 2,
        *,
        tiles: int | None = None,
        indexed: bool = True,
    ) -> None:
        neurons = len(tile)
        self._tiles = int(tile.max(initial=0)) + 1 if tiles is None else tiles
        ports = receptors * neurons
        offset = synapses.delay.astype(np.int64)
        offset *= ports
        offset += synapses.receptor.astype(np.int64) * neurons
        offset += synapses.post
        key = synapses.pre.astype(np.int64) * self._tiles + tile[synapses.post]
        # By offset within a route: sums do not depend on it, as those of one offset stay in their order, but memory
        # is gone through in order, and what leads to neighbours lies side by side.
        self._grouping = Grouping(key, offset)
        del key
        order = self._grouping.order
        self._weight = synapses.weight[order]
        # Half the memory where it will do.
        small = (synapses.max_delay + 1) * ports < np.iinfo(np.int32).max
        self._offset = offset[order].astype(np.int32 if small else np.int64, copy=False)
        del offset, order
        if not indexed:
            self._grouping.forget_order()
        self._ports = ports
        self._find_stretches()

    def rows(self, neurons: int) -> tuple[npt.NDArray[Any], ...]:
        """The synapses by presynaptic neuron, and tile within it, as `kernels.run` takes them."""
        key = self._grouping.key
        neurons *= self._tiles
        start = np.zeros(neurons + 1, np.int64)
        start[key + 1] = self._grouping.count
        np.cumsum(start, out=start)
        offset, weight = np.full(neurons, -1, np.int64), np.full(neurons, np.nan)
        offset[key], weight[key] = self._row_offset, self._row_weight
        return start, offset, weight, self._offset, self._weight

    def keys(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The routes of arrivals (neuron, tile), shape (arrivals,) each, in the order of neuron and tile."""
        wanted = neuron.astype(np.int64) * self._tiles + tile
        wanted.sort()
        return wanted

    def deposit(self, line: DelayLine, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
        """Send the arrivals (neuron, tile), shape (arrivals,) each, down their synapses.

        They are taken in the order of neuron and tile, so that sums do not depend on the order of arrival.
        """
        keys = self.keys(neuron, tile)
        if self._long:
            self._deposit_stretches(line, self._grouping.found(keys))
            return
        if len(keys) <= _FEW:
            for route in self._grouping.found(keys).tolist():
                begin = self._begin[route]
                end = begin + self._grouping.count[route]
                line.add(self._offset[begin:end], self._weight[begin:end])
            return
        index = self._grouping.ranks(keys)
        if len(index):
            line.add(self._offset[index], self._weight[index])

    def _deposit_stretches(self, line: DelayLine, routes: npt.NDArray[np.int64]) -> None:
        """Deposit where every route is one stretch; those of the same places and weight are taken together."""
        if not len(routes):
            return
        breaks = np.flatnonzero(np.diff(self._alike[routes], prepend=-1, append=-1)).tolist()
        for first, last in pairwise(breaks):
            route = routes[first]
            target = line.stretch(self._row_offset[route], self._grouping.count[route])
            weight = self._row_weight[route]
            if weight != weight:
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
        end = np.cumsum(count)
        self._begin = begin = end - count
        first, last = self._offset[begin].astype(np.int64), self._offset[end - 1]
        dense = (last - first == count - 1) & (first // self._ports == last // self._ports)
        same = dense.copy()
        if (count[dense] > 1).any():
            # Two synapses in one place may make up for a gap. Counted by the breaks before the first and the last.
            breaks = np.append(0, np.cumsum(np.diff(self._offset) != 1))
            dense &= breaks[begin] == breaks[end - 1]
            changes = np.append(0, np.cumsum(np.diff(self._weight) != 0))
            same = dense & (changes[begin] == changes[end - 1])
        self._row_offset = np.where(dense, first, -1)
        self._row_weight = np.where(same, self._weight[begin], np.nan)
        self._long = bool(len(count) and dense.all() and count.mean() >= _LONG)
        # Equal numbers for neighbouring routes of the same places and weight.
        new = np.diff(self._row_offset) != 0
        new |= np.diff(count) != 0
        new |= ~((np.diff(self._row_weight) == 0) | (~same[1:] & ~same[:-1]))
        self._alike = np.append(0, np.cumsum(new))[: len(count)]

    def synapses(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The synapses that those arrivals reach, as indices of the connections; more than once if they come so."""
        return self._grouping.positions(self.keys(neuron, tile))
