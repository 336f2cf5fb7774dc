"""Recording of state variables on the grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Recordable", "Sampler"]

_FIRST_CAPACITY = 64


class Recordable(Protocol):
    """Neurons or connections with state variables, arrays of shape (n,) by name."""

    @property
    def state(self) -> Mapping[str, npt.NDArray[np.float64]]:
        """The variables."""
        ...


class Sampler:
    """Samples one variable of some neurons every ``every`` steps, from grid point ``start`` on (inclusive).

    The value at a grid point is the one after everything that happens there, a reset included. Columns are the
    recorded neurons (or connections) in ascending order. A neuron that is added later has NaN before.
    """

    def __init__(self, model: Recordable, variable: str, every: int, start: int) -> None:
        self.model = model
        self.variable = variable
        self.every = every
        self.index = np.empty(0, np.int64)
        self.restart(start)

    def restart(self, start: int) -> None:
        """Forget all samples; the first is now that of grid point ``start``."""
        self.first = start
        self.due = start
        self._rows = 0
        self._buffer = np.empty((_FIRST_CAPACITY, len(self.index)))

    @property
    def samples(self) -> int:
        """Number of samples."""
        return self._rows

    def add(self, index: npt.NDArray[np.int64]) -> None:
        """Record more neurons from now on."""
        columns = np.union1d(self.index, index)
        buffer = np.full((len(self._buffer), len(columns)), np.nan)
        buffer[:, np.searchsorted(columns, self.index)] = self._buffer
        self.index, self._buffer = columns, buffer

    def catch_up(self, step: int) -> None:
        """Fill in NaN for samples before ``step`` that were due while nothing was recorded."""
        while self.due < step:
            self._append(np.nan)

    def sample(self, step: int) -> None:
        """Take the sample of grid point ``step`` if it is due."""
        if step == self.due:
            self._append(self.model.state[self.variable][self.index])

    def extend(self, values: npt.NDArray[np.float64]) -> None:
        """Add the samples of the next grid points that are due, row by row, shape (samples * neurons,)."""
        if not len(self.index):
            return
        rows = values.reshape(-1, len(self.index))
        size = self._rows + len(rows)
        if size > len(self._buffer):
            grown = np.empty((max(size, 2 * len(self._buffer)), len(self.index)))
            grown[: self._rows] = self._buffer[: self._rows]
            self._buffer = grown
        self._buffer[self._rows : size] = rows
        self._rows = size
        self.due += self.every * len(rows)

    def _append(self, row: npt.NDArray[np.float64] | float) -> None:
        if self._rows == len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)])
        self._buffer[self._rows] = row
        self._rows += 1
        self.due += self.every

    def data(self, index: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the samples so far of the given recorded neurons, shape (samples, neurons), a copy."""
        return self._buffer[: self._rows, np.searchsorted(self.index, index)]
