"""Currents that flow into neurons from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats

__all__ = ["CurrentSource", "Currents"]

_CHUNK = 256  # steps that are calculated together
_MAX_VALUES = 1 << 20  # of all sources in all steps that are asked for at once


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
    """The sum of all sources, by step.

    Sources are asked in turn, always for the same steps together: noise that several of them draw from one generator
    depends neither on how a run is split nor on who asks.

    Attributes
    ----------
    sources
        The sources.
    targets
        Source k flows into neurons ``targets[1][targets[0][k] : targets[0][k + 1]]``.
    side_by_side
        Whether the neurons of each source are neighbours, in ascending order, shape (sources,).
    """

    def __init__(self, sources: Sequence[CurrentSource], neurons: int) -> None:
        self.sources = tuple(sources)
        groups = [np.asarray(source.neurons, np.int64) for source in self.sources]
        start = np.cumsum([0, *map(len, groups)], dtype=np.int64)
        self.targets = start, np.concatenate([np.empty(0, np.int64), *groups])
        self.side_by_side = np.array(
            [len(group) > 0 and bool((np.diff(group) == 1).all()) for group in groups], np.bool_
        )
        self._neurons = neurons
        self._first = -_CHUNK
        self._present: npt.NDArray[np.float64] | None = None
        self._begun = -1

    @property
    def max_steps(self) -> int:
        """The largest number of steps for `between`."""
        return max(_CHUNK, _MAX_VALUES // max(1, len(self.sources)))

    def between(self, step: int, count: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the current of each source in so many steps from grid point ``step`` on, shape (sources, count).

        The other array, of shape (count,), says which steps have another current than the one before; the first has.
        """
        values = np.empty((len(self.sources), count))
        changed = np.ones(count, np.bool_)
        if not self.sources:
            return values, changed
        done = 0
        while done < count:
            self._calculate(step + done)
            begin = step + done - self._first
            end = min(_CHUNK, begin + count - done)
            values[:, done : done + end - begin] = self._values[:, begin:end]
            done += end - begin
        changed[1:] = (values[:, 1:] != values[:, :-1]).any(axis=0)
        return values, changed

    def during(self, step: int) -> npt.NDArray[np.float64] | None:
        """Return the current into each neuron from grid point ``step`` to the next, shape (neurons,).

        None if there are no sources. The array is not written to again, and stays the same as long as the currents do.
        """
        if not self.sources:
            return None
        self._calculate(step)
        begun = int(self._since[step - self._first])
        if begun != self._begun:
            self._begun = begun
            self._present = self._sum(self._values[:, begun])
        return self._present

    def _calculate(self, step: int) -> None:
        """Calculate those of all steps that belong together with one, unless they are the present ones."""
        if self._first <= step < self._first + _CHUNK:
            return
        self._first = step // _CHUNK * _CHUNK
        self._values = np.array([source.currents(self._first, _CHUNK) for source in self.sources])
        changes = (self._values[:, 1:] != self._values[:, :-1]).any(axis=0)
        # The step at which each stretch of constant currents began.
        self._since = np.maximum.accumulate(np.where(np.append(True, changes), np.arange(_CHUNK), 0))
        self._begun = -1

    def _sum(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        current = np.zeros(self._neurons)
        start, neuron = self.targets
        for value, begin, end in zip(values, start[:-1], start[1:], strict=True):
            np.add.at(current, neuron[begin:end], value)
        return current
