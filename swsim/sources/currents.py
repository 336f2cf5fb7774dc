"""Currents that flow into neurons from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["CurrentSource", "Currents"]

_CHUNK = 256  # steps that are calculated together


class CurrentSource(Protocol):
    """A current in nA, the same into each of some neurons."""

    @property
    def neurons(self) -> npt.NDArray[np.int64]:
        """The neurons; one that is named twice gets twice the current."""
        ...

    def currents(self, first: int, count: int) -> npt.NDArray[np.float64]:
        """Return the current during the ``count`` steps from grid point ``first`` on, shape (count,).

        Steps may be asked for again and in any order.
        """
        ...


class Currents:
    """The sum of all sources, by step."""

    def __init__(self, sources: Sequence[CurrentSource], neurons: int) -> None:
        self._sources = tuple(sources)
        self._neurons = neurons
        self._first = -_CHUNK
        self._present: npt.NDArray[np.float64] | None = None
        self._begun = -1

    def constant_until(self, step: int) -> int:
        """Return a grid point after ``step`` up to which the current surely stays as it is there."""
        if not self._sources:
            return step + 1_000_000
        self.during(step)
        offset = step - self._first
        later = np.flatnonzero(self._since > offset)
        return self._first + (int(later[0]) if len(later) else _CHUNK)

    def during(self, step: int) -> npt.NDArray[np.float64] | None:
        """Return the current into each neuron from grid point ``step`` to the next, shape (neurons,), or None.

        The array is not written to again, and stays the same as long as the currents do.
        """
        if not self._sources:
            return None
        if not self._first <= step < self._first + _CHUNK:
            self._first = step
            self._values = np.array([source.currents(step, _CHUNK) for source in self._sources])
            changes = (np.diff(self._values, axis=1) != 0).any(axis=0)
            # The step at which each stretch of constant currents began.
            self._since = np.maximum.accumulate(np.where(np.append(True, changes), np.arange(_CHUNK), 0))
            self._begun = -1
        begun = int(self._since[step - self._first])
        if begun != self._begun:
            self._begun = begun
            self._present = self._sum(self._values[:, begun])
        return self._present

    def _sum(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
        if not values.any():
            return None
        current = np.zeros(self._neurons)
        for source, value in zip(self._sources, values, strict=True):
            np.add.at(current, source.neurons, value)
        return current
