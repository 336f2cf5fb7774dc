"""Synapses by route, and the input that is under way to the neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["DelayLine", "Grouping", "Routes", "Synapses"]


_LONG = 64  # synapses of a route, from which on stretches are faster than indices
_ROWS = 16  # at least: the window is moved the less often, the longer the buffer


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
    def none(cls) -> Synapses:
        """No connections."""
        return cls(
            np.empty(0, np.int32),
            np.empty(0, np.int32),
            np.empty(0, np.int8),
            np.empty(0, np.float64),
            np.empty(0, np.int32),
        )

    def __len__(self) -> int:
        return len(self.pre)

    @property
    def max_delay(self) -> int:
        """The longest delay in steps; 1 if there are no connections."""
        return int(self.delay.max()) if len(self) else 1


class DelayLine:
    """Synaptic input that has not arrived yet: one row per coming step, one column per (receptor, neuron).

    The rows are a window sliding over a buffer twice as long: no index ever needs a modulo, and no row is cleared on
    its own.
    """

    def __init__(self, neurons: int, max_delay: int, receptors: int = 2) -> None:
        self.neurons = neurons
        self.max_delay = max_delay
        self.receptors = receptors
        self.ports = receptors * neurons
        self._rows = max(2 * (max_delay + 1), _ROWS)
        self._flat = np.zeros(self._rows * self.ports)
        self._now = 0

    @property
    def buffer(self) -> npt.NDArray[np.float64]:
        """All rows, shape (rows, receptors, neurons): a window, to be written to."""
        return self._flat.reshape(self._rows, self.receptors, self.neurons)

    @property
    def position(self) -> int:
        """The row of `buffer` that is now."""
        return self._now

    @position.setter
    def position(self, row: int) -> None:
        self._now = row

    def add(self, offset: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]) -> None:
        """Add weights at ``delay * ports + receptor * neurons + neuron``, the delay counted from now."""
        np.add.at(self._flat, offset + self._now * self.ports, weight)

    def add_stretch(self, offset: int, weight: npt.NDArray[np.float64]) -> None:
        """Add weights side by side from ``delay * ports + receptor * neurons + neuron`` on."""
        start = offset + self._now * self.ports
        self._flat[start : start + len(weight)] += weight

    def advance(self) -> npt.NDArray[np.float64]:
        """Go on by one step; return what arrives in it, shape (receptors, neurons), valid until the next call."""
        self._now += 1
        if self._now + self.max_delay >= self._rows:
            kept = (self.max_delay + 1) * self.ports
            start = self._now * self.ports
            length = min(kept, len(self._flat) - start)
            self._flat[:length] = self._flat[start : start + length]
            self._flat[length:] = 0.0
            self._now = 0
        start = self._now * self.ports
        return self._flat[start : start + self.ports].reshape(self.receptors, self.neurons)

    def resized(self, neurons: int, max_delay: int, receptors: int = 2) -> DelayLine:
        """A line for at least as many neurons, receptors and as long delays, with the same input under way."""
        line = DelayLine(neurons, max(max_delay, self.max_delay), max(receptors, self.receptors))
        old = self._flat.reshape(self._rows, self.receptors, self.neurons)[self._now :][: self.max_delay + 1]
        new = line._flat.reshape(line._rows, line.receptors, neurons)
        new[: len(old), : self.receptors, : self.neurons] = old
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


def _order(key: npt.NDArray[np.int64], within: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
    """The stable order by key, then by what is within."""
    if within is None or not len(key):
        return np.argsort(key, kind="stable")
    span = int(within.max()) + 1
    if int(key.max()) < 2**62 // span:
        return np.argsort(key * span + within, kind="stable")
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
    """

    def __init__(self, synapses: Synapses, tile: npt.NDArray[np.int32], receptors: int = 2) -> None:
        neurons = len(tile)
        self._tiles = int(tile.max()) + 1 if neurons else 1
        ports = receptors * neurons
        offset = synapses.delay.astype(np.int64)
        offset *= ports
        offset += synapses.receptor.astype(np.int64) * neurons
        offset += synapses.post
        key = synapses.pre.astype(np.int64) * self._tiles + tile[synapses.post]
        # By offset within a route: sums do not depend on it, as those of one offset stay in their order, but memory
        # is gone through in order, and what leads to neighbours lies side by side.
        self._grouping = Grouping(key, offset)
        order = self._grouping.order
        self._weight = synapses.weight[order]
        # Half the memory where it will do.
        small = 2 * (synapses.max_delay + _ROWS) * ports < np.iinfo(np.int32).max
        self._offset = offset[order].astype(np.int32 if small else np.int64, copy=False)
        self._stretches = self._find_stretches()

    def rows(self, neurons: int) -> tuple[npt.NDArray[Any], ...]:
        """The synapses by presynaptic neuron, of one tile, as `kernels.run` takes them."""
        start = np.zeros(neurons + 1, np.int64)
        start[self._grouping.key + 1] = self._grouping.count
        np.cumsum(start, out=start)
        begin, end = start[:-1], start[1:]
        # Rows whose offsets, and whose weights, are one stretch: counted by the breaks before them.
        breaks = np.append(0, np.cumsum(np.diff(self._offset) != 1)) if len(self._offset) else np.empty(0, np.int64)
        changes = np.append(0, np.cumsum(np.diff(self._weight) != 0)) if len(self._weight) else breaks
        some = np.flatnonzero(end > begin)
        first, last = begin[some], end[some] - 1
        offset, weight = np.full(neurons, -1, np.int64), np.full(neurons, np.nan)
        dense = breaks[first] == breaks[last]
        offset[some[dense]] = self._offset[first[dense]]
        same = dense & (changes[first] == changes[last])
        weight[some[same]] = self._weight[first[same]]
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
        if self._stretches is not None:
            for begin, end, offset in self._stretches[self._grouping.found(keys)].tolist():
                line.add_stretch(offset, self._weight[begin:end])
            return
        index = self._grouping.ranks(keys)
        if len(index):
            line.add(self._offset[index].astype(np.int64, copy=False), self._weight[index])

    def _find_stretches(self) -> npt.NDArray[np.int64] | None:
        """Begin, end and first offset of each route, if all of them are long and lead to neighbours; else None.

        Adding a stretch takes half a microsecond however long it is, and an index a nanosecond per synapse.
        """
        end = np.cumsum(self._grouping.count)
        begin = end - self._grouping.count
        if not len(end) or self._grouping.count.mean() < _LONG:
            return None
        gaps = np.diff(self._offset) != 1
        gaps[end[:-1] - 1] = False
        return None if gaps.any() else np.stack([begin, end, self._offset[begin].astype(np.int64)], axis=1)

    def synapses(self, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The synapses that those arrivals reach, as indices of the connections; more than once if they come so."""
        return self._grouping.positions(self.keys(neuron, tile))
