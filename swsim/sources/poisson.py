"""Poisson processes as spike sources, by the gaps between their spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.parameter_rules import require
from ..base.random_streams import streams, uniform
from ..base.time_grid import NEVER, TimeGrid
from .spike_source import SpikeSource

__all__ = ["PoissonProcesses"]

_MAX_GAP = 2.0**40  # steps, so that some thousand gaps can be added up
_STEPS_AHEAD = 512  # drawn together when steps are asked for one by one
_MAX_GAPS = 1 << 20  # drawn together


class PoissonProcesses(SpikeSource):
    """`SpikeSourcePoisson` on the grid: a spike per step with probability ``p = rate * dt``, independent of all others.

    The mean rate is exact; at most one spike falls in a step, so rates reach up to ``1/dt``. Grid points in
    ``(start, start + duration]`` are active.

    A step is not asked whether it has a spike: the number of steps to the next one is geometrically distributed, and
    drawn by the inverse of its distribution, ``1 + floor(log(1 - u) / log(1 - p))``. Every source has random numbers of
    its own, so that changing one leaves the others as they are. A source that is changed draws the gap under way anew.
    """

    def __init__(self, grid: TimeGrid, rate: Floats, start: Floats, duration: Floats) -> None:
        self.size = len(rate)
        self._grid = grid
        self._parameters = np.full((3, self.size), np.nan)
        self._stream = np.zeros(self.size, np.uint64)
        self._forget()
        self.set_parameters(rate, start, duration)
        self.restart(np.random.SeedSequence(0))

    def _forget(self) -> None:
        self._now = -1
        self._until = -1  # spikes up to here are in the lists below
        self._step = np.empty(0, np.int64)
        self._index = np.empty(0, np.int64)
        self._drawn = np.full(self.size, -1, np.int64)  # number of the random number that the next spike comes from
        self._next = np.full(self.size, NEVER, np.int64)
        self._stops: list[int] = []  # where in the lists the spikes of each step begin, if steps are asked for singly
        self._stops_from = 0

    def set_parameters(self, rate: Floats, start: Floats, duration: Floats) -> None:
        """Replace the parameters of all sources (Hz, ms, ms), shape (n,) each; all or none."""
        highest = 1000.0 / self._grid.dt
        require("rate", rate, (rate >= 0) & (rate <= highest), f"in 0..{highest:g} Hz (one spike per step)")
        require("start", start, start >= 0, "at least 0")
        require("duration", duration, duration >= 0, "at least 0")
        parameters = np.array([rate, start, duration], np.float64)
        changed = (parameters != self._parameters).any(axis=0)
        self._parameters = parameters
        with np.errstate(divide="ignore"):
            self._per_gap = np.log1p(-rate * self._grid.dt / 1000.0)
        self._first = self._grid.steps(start) + 1
        self._last = self._grid.steps(start + duration)
        self._begin(np.flatnonzero(changed), changed)

    def _begin(self, index: Index, among: npt.NDArray[np.bool_]) -> None:
        """Begin a gap of those sources now, or at their start; ``among`` says of each whether it is one of them."""
        discarded = (self._step > self._now) & among[self._index]
        np.subtract.at(self._drawn, self._index[discarded], 1)
        self._step, self._index = self._step[~discarded], self._index[~discarded]
        self._drawn[index] += 1
        self._next[index] = np.maximum(self._now, self._first[index] - 1) + self._gaps(index, 1)[:, 0]
        self._next[index[self._next[index] > self._last[index]]] = NEVER
        # What is changed may fire before the end of the list.
        self._extend(self._until)

    def _gaps(self, index: Index, count: int) -> Index:
        """The gaps before the next ``count`` spikes of those sources in steps, shape (sources, count)."""
        number = self._drawn[index][:, None] + np.arange(count)
        drawn = np.log1p(-uniform(self._stream[index][:, None], number))
        per_gap = self._per_gap[index][:, None]
        gaps = np.full(drawn.shape, _MAX_GAP)
        np.divide(drawn, per_gap, out=gaps, where=per_gap < 0)
        return 1 + np.minimum(gaps, _MAX_GAP).astype(np.int64)

    def _extend(self, last: int) -> None:
        """Put all spikes up to grid point ``last`` into the lists."""
        steps, indices = [self._step], [self._index]
        due = np.flatnonzero(self._next <= last)
        while len(due):
            expected = -np.expm1(self._per_gap[due].min()) * (last - self._next[due].min())
            count = int(min(_MAX_GAPS / len(due) + 1, 2.0 + 1.1 * expected))
            self._drawn[due] += 1
            gaps = self._gaps(due, count)
            times = np.concatenate([self._next[due][:, None], gaps], axis=1)
            np.cumsum(times, axis=1, out=times)
            times[times > self._last[due][:, None]] = NEVER
            # The last column is only ever the next spike: what follows it has not been drawn.
            taken = times[:, :-1] <= last
            number = taken.sum(axis=1)
            steps.append(times[:, :-1][taken])
            indices.append(np.repeat(due, number))
            self._next[due] = times[np.arange(len(due)), number]
            self._drawn[due] += number - 1
            due = due[self._next[due] <= last]
        self._stops = []
        if len(steps) > 1:
            # One number each, as sorting numbers is much faster than sorting pairs.
            bits = int(self.size).bit_length()
            key = (np.concatenate(steps) << bits) | np.concatenate(indices)
            key.sort()
            self._step, self._index = key >> bits, key & ((1 << bits) - 1)
        self._until = max(self._until, last)

    def emit(self, step: int) -> Index:
        """Return the sources that fire at that grid point, from the list of spikes drawn ahead."""
        if step > self._until:
            self._drop()
            self._extend(step + _STEPS_AHEAD)
        if not self._stops:
            self._stops_from = step
            self._stops = self._step.searchsorted(np.arange(step, self._until + 2)).tolist()
        self._now = step
        begin = step - self._stops_from
        return self._index[self._stops[begin] : self._stops[begin + 1]]

    def emit_between(self, first: int, last: int) -> tuple[Index, Index]:
        """Return the spikes between two grid points, drawn together."""
        if last > self._until:
            self._drop()
            self._extend(last)
        return self._between(first, last)

    def _between(self, first: int, last: int) -> tuple[Index, Index]:
        begin, end = self._step.searchsorted((first, last + 1)).tolist()
        self._now = last
        return self._step[begin:end], self._index[begin:end]

    def _drop(self) -> None:
        """Forget the spikes that have been emitted."""
        self._stops = []
        kept = int(np.searchsorted(self._step, self._now + 1))
        self._step, self._index = self._step[kept:], self._index[kept:]

    def restart(self, seed: np.random.SeedSequence) -> None:
        """Begin anew at step 0, with random numbers from that seed."""
        self._forget()
        self._stream = streams(seed, self.size)
        self._begin(np.arange(self.size), np.ones(self.size, bool))
