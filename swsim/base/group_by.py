"""Positions sorted by a key."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Grouping", "ordered"]


class Grouping:
    """Positions by key: those of equal key lie side by side, in their old order.

    Parameters
    ----------
    key
        The key of each position, shape (n,).
    within
        The order of those of one key, shape (n,), at least 0; by default the old one.
    """

    def __init__(self, key: npt.NDArray[np.int64], within: npt.NDArray[np.int64] | None = None) -> None:
        self.order = ordered(key, within)
        in_order = key[self.order]
        self._start = np.flatnonzero(np.diff(in_order, prepend=in_order[0] - 1 if len(key) else 0))
        self._key = in_order[self._start]
        self._count = np.diff(np.append(self._start, len(key)))
        self._row_of: npt.NDArray[np.int64] | None = None
        self._dense: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None
        self._complete = False

    @classmethod
    def counted(cls, count: npt.NDArray[np.int64]) -> Grouping:
        """Group positions that lie in their order already: so many of each key, shape (keys,). It has no `order`."""
        grouping = cls(np.empty(0, np.int64))
        grouping._key = np.flatnonzero(count)
        grouping._count = count[grouping._key]
        grouping._start = np.cumsum(grouping._count) - grouping._count
        # To look them up is faster than to search, and all keys that may be asked for are known here.
        grouping._row_of = np.full(len(count), -1)
        grouping._row_of[grouping._key] = np.arange(len(grouping._key))
        grouping._dense = np.cumsum(count) - count, count
        grouping._complete = len(grouping._key) == len(count)
        return grouping

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """The keys that there are, in ascending order."""
        return self._key

    @property
    def count(self) -> npt.NDArray[np.int64]:
        """The number of positions of each of them."""
        return self._count

    def found(self, wanted: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the indices in `key` of those wanted keys that it has."""
        if self._complete:
            return wanted  # `key` has all of them, and so they are their own indices
        if not len(wanted) or not len(self._key):
            return np.empty(0, np.int64)
        if self._row_of is not None:
            row = self._row_of[wanted]
            return row[row >= 0]
        row = np.searchsorted(self._key, wanted)
        row[row == len(self._key)] = 0
        return row[self._key[row] == wanted]

    def ranks(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the indices in `order` of all positions of those keys, key by key; an unknown key has none."""
        if self._dense is not None:
            first, count = self._dense[0].take(wanted), self._dense[1].take(wanted)
        else:
            row = self.found(wanted)
            first, count = self._start[row], self._count[row]
        first[1:] -= count[:-1].cumsum()
        index = first.repeat(count)
        index += np.arange(len(index))
        return index

    def positions(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """All positions of those keys, key by key."""
        return self.order[self.ranks(wanted)]


def ordered(key: npt.NDArray[np.int64], within: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
    """The stable order by key, then by what is within."""
    if within is None or not len(key):
        return np.argsort(key, kind="stable")
    span = int(within.max()) + 1
    if int(key.max()) < 2**62 // span:
        both = key * span
        both += within
        return np.argsort(both, kind="stable")
    return np.lexsort((within, key))
