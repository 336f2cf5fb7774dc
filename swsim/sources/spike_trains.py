"""Spike sources with given trains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..base.parameter_rules import require
from ..base.time_grid import TimeGrid
from .spike_source import SpikeSource

__all__ = ["SpikeTrains"]


class SpikeTrains(SpikeSource):
    """`SpikeSourceArray`: spikes at given times.

    A time is moved to the nearest grid point. Those of one source that are equal, or come to the same grid point, stay
    as many spikes as they are. Times at grid points that have passed are never emitted.

    With ``off_grid`` a time is moved to the grid point at or after it, and `emitted` has the times as they were given.
    """

    def __init__(self, grid: TimeGrid, trains: Sequence[npt.NDArray[np.float64]], *, off_grid: bool = False) -> None:
        self.size = len(trains)
        self.off_grid = off_grid
        self._grid = grid
        self._emitted: list[npt.NDArray[np.float64]] = []
        self._times_of = [np.array(train, dtype=np.float64) for train in trains]
        self._steps_of = self._to_steps(self._times_of)
        self._sort()

    def _to_steps(self, trains: Sequence[npt.NDArray[np.float64]]) -> list[npt.NDArray[np.int64]]:
        """The grid points of each train; all checked and converted at once, as there may be very many of them."""
        for train in trains:
            if train.ndim != 1:
                raise ValueError(f"spike_times must have one dimension, not {train.ndim}")
        times = np.concatenate([np.empty(0), *trains])
        require("spike_times", times, np.isfinite(times) & (times >= 0), "finite and at least 0")
        stops = np.cumsum([len(train) for train in trains], dtype=np.int64)
        later = np.append(True, np.diff(times) >= 0)
        # The first time of a train may be before the last of the one before.
        later[stops[stops < len(times)]] = True
        require("spike_times", times, later[: len(times)], "in ascending order")
        steps = self._grid.steps_after(times) if self.off_grid else self._grid.steps(times)
        starts = [0, *stops.tolist()]
        return [steps[start:stop] for start, stop in pairwise(starts)]

    def _sort(self) -> None:
        neurons = np.repeat(np.arange(self.size), [len(steps) for steps in self._steps_of])
        steps = np.concatenate([np.empty(0, np.int64), *self._steps_of])
        order = np.lexsort((neurons, steps))
        self._step, self._neuron = steps[order], neurons[order]
        self._time = np.concatenate([np.empty(0), *self._times_of])[order]

    def set_trains(self, index: npt.NDArray[np.int64], trains: Sequence[npt.NDArray[np.float64]]) -> None:
        """Replace the trains (times in ms) of some sources; all or none."""
        copies = [np.array(train, dtype=np.float64) for train in trains]
        for i, steps, times in zip(index, self._to_steps(copies), copies, strict=True):
            self._steps_of[i] = steps
            self._times_of[i] = times
        self._sort()

    def emit(self, step: int) -> npt.NDArray[np.int64]:
        """Return the sources with spikes at that grid point, each as often as it has."""
        first, last = np.searchsorted(self._step, (step, step + 1))
        if self.off_grid:
            self._emitted.append(self._time[first:last])
        return self._neuron[first:last]

    def emit_between(self, first: int, last: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the spikes between two grid points, which lie side by side."""
        begin, end = np.searchsorted(self._step, (first, last + 1))
        if self.off_grid:
            self._emitted.append(self._time[begin:end])
        return self._step[begin:end], self._neuron[begin:end]

    @property
    def emitted(self) -> npt.NDArray[np.float64]:
        """The given times (ms) of all spikes since the beginning, in the order in which they were emitted."""
        return np.concatenate([np.empty(0), *self._emitted])

    def restart(self, seed: np.random.SeedSequence) -> None:
        """Begin anew at step 0; trains are looked up by step."""
        self._emitted = []
