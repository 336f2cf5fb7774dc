"""Synapses as the rows of a table, which NumPy takes faster than it works out where single ones are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["PaddedRows"]

_MOST = 1 << 21  # places
_SPARSEST = 3  # places for each synapse
_LONGER = 100  # one route in so many may be longer than the rows


class PaddedRows:
    """Places and weights of the synapses of each route as a row; short rows are filled up with weights of 0.

    Parameters
    ----------
    begin, count
        Where the synapses of each route begin, and how many they are, shape (routes,).
    place
        The place in the delay line of each synapse, shape (synapses,).
    weight
        Its weight, likewise.
    """

    def __init__(
        self,
        begin: npt.NDArray[np.int64],
        count: npt.NDArray[np.int64],
        place: npt.NDArray[Any],
        weight: npt.NDArray[np.float64],
    ) -> None:
        column = np.arange(_length(count))
        there = column < count[:, None]
        index = np.minimum(begin[:, None] + column, len(place) - 1)
        # A weight of 0 changes nothing, wherever it goes: to the place of the first synapse, which is near.
        self._place = np.where(there, place[index], place[begin][:, None]).astype(np.int64)
        self._weight = np.where(there, weight[index], 0.0)
        self._longer = count > len(column)
        self._first_longer = int(self._longer.argmax()) if self._longer.any() else len(count)

    @staticmethod
    def suits(count: npt.NDArray[np.int64]) -> bool:
        """Whether a table for routes of so many synapses, shape (routes,), is small, and full enough."""
        return len(count) > 0 and len(count) * _length(count) <= min(_MOST, _SPARSEST * int(count.sum()))

    def has(self, routes: npt.NDArray[np.int64]) -> bool:
        """Whether all synapses of those routes, in ascending order, are in their rows."""
        return routes[-1] < self._first_longer or not len(self._longer.take(routes).nonzero()[0])

    def rows(self, routes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Places and weights of all synapses of those routes, route by route."""
        return self._place.take(routes, axis=0).ravel(), self._weight.take(routes, axis=0).ravel()


def _length(count: npt.NDArray[np.int64]) -> int:
    """The length of the rows: what is exceeded by few routes."""
    last = len(count) - 1 - len(count) // _LONGER
    return int(np.partition(count, last)[last])
