"""Synapses in rows of equal length (the ELLPACK format), which NumPy takes faster than single ones by their index."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["PaddedRows"]

_MAX_CELLS = 1 << 21
_MAX_CELLS_PER_SYNAPSE = 3
_ROWS_PER_OVERLONG_ROW = 100  # one row in so many may be longer than the padded ones


class PaddedRows:
    """Offsets and weights of each row's synapses; short rows are filled up with weights of 0.

    Parameters
    ----------
    begin, count
        The index of the first synapse of each row, and the number of its synapses, shape (rows,).
    offset
        The offset in the ring buffer of each synapse, shape (synapses,).
    weight
        Its weight, likewise.
    """

    def __init__(
        self,
        begin: npt.NDArray[np.int64],
        count: npt.NDArray[np.int64],
        offset: npt.NDArray[Any],
        weight: npt.NDArray[np.float64],
    ) -> None:
        column = np.arange(_length(count))
        filled = column < count[:, None]
        index = np.minimum(begin[:, None] + column, len(offset) - 1)
        # A weight of 0 changes nothing, wherever it goes: to the offset of the first synapse, which is near.
        self._offset = np.where(filled, offset[index], offset[begin][:, None]).astype(np.int64)
        self._weight = np.where(filled, weight[index], 0.0)
        self._overlong = count > len(column)
        self._first_overlong = int(self._overlong.argmax()) if self._overlong.any() else len(count)

    @staticmethod
    def suits(count: npt.NDArray[np.int64]) -> bool:
        """Return True if padded rows of so many synapses each, shape (rows,), are small, and full enough."""
        return len(count) > 0 and len(count) * _length(count) <= min(
            _MAX_CELLS, _MAX_CELLS_PER_SYNAPSE * int(count.sum())
        )

    def has(self, rows: npt.NDArray[np.int64]) -> bool:
        """Return True if all synapses of those rows, in ascending order, are in the padded ones."""
        return rows[-1] < self._first_overlong or not len(self._overlong.take(rows).nonzero()[0])

    def take(self, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return offsets and weights of all synapses of those rows, row by row."""
        return self._offset.take(rows, axis=0).ravel(), self._weight.take(rows, axis=0).ravel()


def _length(count: npt.NDArray[np.int64]) -> int:
    """Return the length of the padded rows: one that few rows exceed."""
    last = len(count) - 1 - len(count) // _ROWS_PER_OVERLONG_ROW
    return int(np.partition(count, last)[last])
