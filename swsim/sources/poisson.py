"""Poisson processes as spike sources, by the gaps between their spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.parameter_rules import require
from ..base.random_streams import streams, uniform
from ..base.time_grid import TimeGrid
from .spike_source import MAX_PER_STEP, SpikeSource

__all__ = ["PoissonProcesses"]

_STEPS_AHEAD = 512  # drawn together when steps are asked for one by one
_SPIKES_AHEAD = 1 << 18  # of all sources, or fewer steps are drawn together
_MAX_GAPS = 1 << 20  # drawn together


class PoissonProcesses(SpikeSource):
    """`SpikeSourcePoisson` on the grid: a Poisson process in continuous time, whose spikes are moved to grid points.

    The number of spikes of a step has a Poisson distribution of mean ``rate * dt``, independent of all other steps: a
    step may have several, and its variance is its mean. Grid point k has those of the time from k - 1 to k; grid points
    in ``(start, start + duration]`` are active. The mean may be up to `spike_source.MAX_PER_STEP`.

    A step is not asked how many spikes it has: the gaps from one spike to the next are exponentially distributed, and
    drawn by the inverse of their distribution, ``-log(1 - u) / (rate * dt)`` steps. They are added up from the first to
    the last, in this order, so that the way in which spikes are asked for changes no bit. Every source has random
    numbers of its own, so that changing one leaves the others as they are. A source that is changed draws the gap under
    way anew, which is exact, as a Poisson process has no memory.
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
        self._next = np.full(self.size, np.inf)  # the time of that spike, in steps
        self._stops: list[int] = []  # where in the lists the spikes of each step begin, if steps are asked for singly
        self._stops_from = 0

    def set_parameters(self, rate: Floats, start: Floats, duration: Floats) -> None:
        """Replace the parameters of all sources (Hz, ms, ms), shape (n,) each; all or none."""
        highest = MAX_PER_STEP * 1000.0 / self._grid.dt
        rule = f"in 0..{highest:g} Hz ({MAX_PER_STEP} spikes per step of {self._grid.dt:g} ms)"
        require("rate", rate, (rate >= 0) & (rate <= highest), rule)
        require("start", start, start >= 0, "at least 0")
        require("duration", duration, duration >= 0, "at least 0")
        parameters = np.array([rate, start, duration], np.float64)
        changed = (parameters != self._parameters).any(axis=0)
        self._parameters = parameters
        self._mean = rate * self._grid.dt / 1000.0
        self._mean_per_step = float(self._mean.sum())
        # Times in steps: that of grid point k is before k.
        self._first = self._grid.steps(start).astype(np.float64)
        self._last = self._grid.steps(start + duration).astype(np.float64)
        self._begin(np.flatnonzero(changed), changed)

    def _begin(self, index: Index, among: npt.NDArray[np.bool_]) -> None:
        """Begin a gap of those sources now, or at their start; ``among`` says of each whether it is one of them."""
        discarded = (self._step > self._now) & among[self._index]
        np.subtract.at(self._drawn, self._index[discarded], 1)
        self._step, self._index = self._step[~discarded], self._index[~discarded]
        self._drawn[index] += 1
        self._next[index] = np.maximum(self._now, self._first[index]) + self._gaps(index, 1)[:, 0]
        self._next[index[self._next[index] >= self._last[index]]] = np.inf
        # What is changed may fire before the end of the list.
        self._extend(self._until)

    def _gaps(self, index: Index, count: int) -> Floats:
        """The gaps before the next ``count`` spikes of those sources in steps, shape (sources, count)."""
        number = self._drawn[index][:, None] + np.arange(count)
        # The difference is exact.
        drawn = np.log(1.0 - uniform(self._stream[index][:, None], number))
        mean = self._mean[index][:, None]
        gaps = np.full(drawn.shape, np.inf)
        np.divide(drawn, -mean, out=gaps, where=mean > 0)
        return gaps

    def _extend(self, last: int) -> None:
        """Put all spikes up to grid point ``last`` into the lists."""
        steps, indices = [self._step], [self._index]
        due = np.flatnonzero(self._next < last)
        while len(due):
            expected = self._mean[due].max() * (last - self._next[due].min())
            count = int(min(_MAX_GAPS / len(due) + 1, 2.0 + 1.1 * expected))
            self._drawn[due] += 1
            times = np.concatenate([self._next[due][:, None], self._gaps(due, count)], axis=1)
            np.cumsum(times, axis=1, out=times)
            times[times >= self._last[due][:, None]] = np.inf
            # The last column is only ever the next spike: what follows it has not been drawn.
            taken = times[:, :-1] < last
            number = taken.sum(axis=1)
            steps.append(times[:, :-1][taken].astype(np.int64) + 1)
            indices.append(np.repeat(due, number))
            self._next[due] = times[np.arange(len(due)), number]
            self._drawn[due] += number - 1
            due = due[self._next[due] < last]
        self._stops = []
        if len(steps) > 1:
            # One number each, as sorting numbers is much faster than sorting pairs.
            bits = int(self.size).bit_length()
            key = (np.concatenate(steps) << bits) | np.concatenate(indices)
            key.sort()
            self._step, self._index = key >> bits, key & ((1 << bits) - 1)
        self._until = max(self._until, last)

    @property
    def mean_per_step(self) -> float:
        """The mean number of spikes of all sources in a step while all of them are active."""
        return self._mean_per_step

    @property
    def _ahead(self) -> int:
        """Steps that are drawn together where fewer are asked for."""
        return int(min(_STEPS_AHEAD, _SPIKES_AHEAD / max(1.0, self.mean_per_step)))

    def emit(self, step: int) -> Index:
        """Return the sources that fire at that grid point, from the list of spikes drawn ahead."""
        if step > self._until:
            self._drop()
            self._extend(step + self._ahead)
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
            # Many short runs draw as seldom as a long one does.
            self._extend(max(last, first + self._ahead))
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
