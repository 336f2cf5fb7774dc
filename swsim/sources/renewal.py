"""Renewal processes as spike sources: intervals in continuous time, spikes on the grid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.parameter_rules import require
from ..base.time_grid import NEVER, TimeGrid
from .spike_source import MAX_PER_STEP, SpikeSource

__all__ = ["GammaProcesses", "InhomogeneousGammaProcesses", "RefractoryPoissonProcesses", "RenewalProcesses"]


class RenewalProcesses(SpikeSource):
    """n processes, each of which begins anew with every spike; the first interval begins at ``start`` (ms).

    Times are kept as they are drawn, and a spike is emitted at the grid point nearest to its time, where there may be
    several of one source: no spike is lost, and intervals do not add up rounding errors. Spikes later than
    ``start + duration`` are not emitted. Where parameters are set between runs, the interval under way is drawn anew.
    There are at most `spike_source.MAX_PER_STEP` spikes per step in the mean.

    Parameters
    ----------
    grid
        The time grid.
    parameters
        Arrays of shape (n,) by name, ``start`` and ``duration`` (ms) among them.
    """

    def __init__(self, grid: TimeGrid, **parameters: npt.NDArray[Any]) -> None:
        self.size = len(parameters["start"])
        self._grid = grid
        self._check(parameters)
        self._take(parameters)
        self.restart(np.random.SeedSequence(0))

    def set_parameters(self, index: Index, **parameters: npt.NDArray[Any]) -> None:
        """Replace all parameters, of which those of the sources ``index`` are new; all or none."""
        self._check(parameters)
        self._take(parameters)
        self._begin(index)

    def _check(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        """Raise ``ValueError`` naming parameter, rule and value, here of those that all kinds have."""
        require("start", parameters["start"], parameters["start"] >= 0, "at least 0")
        require("duration", parameters["duration"], parameters["duration"] >= 0, "at least 0")

    def _take(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        self._start = parameters["start"].astype(np.float64)
        self._stop = self._start + parameters["duration"]
        self._shortest = self._shortest_mean(parameters)

    @staticmethod
    @abstractmethod
    def _shortest_mean(parameters: dict[str, npt.NDArray[Any]]) -> Floats:
        """The mean interval (ms, or inf for none) of each source; the shortest where it changes."""

    def _require_sparse(self, parameters: dict[str, npt.NDArray[Any]], name: str) -> None:
        """Raise ``ValueError`` naming a parameter, with the mean interval, if there are too many spikes per step."""
        mean, dt = self._shortest_mean(parameters), self._grid.dt
        shortest = dt / MAX_PER_STEP
        rule = f"such that mean intervals are at least {shortest:g} ms ({MAX_PER_STEP} spikes per step of {dt:g} ms)"
        require(name, mean, mean >= shortest, rule)

    @abstractmethod
    def _intervals(self, index: Index, since: Floats) -> Floats:
        """New intervals (ms, or inf for none) of some sources, from the times ``since`` on; shape of both."""

    def restart(self, seed: np.random.SeedSequence) -> None:
        """Begin anew at step 0, with random numbers from that seed."""
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._now = -1
        self._time = np.zeros(self.size)
        self._step = np.zeros(self.size, np.int64)
        self._begin(np.arange(self.size))

    def _begin(self, index: Index) -> None:
        """Begin an interval now, or at ``start`` if that is still to come."""
        self._time[index] = np.maximum(self._start[index], self._grid.time(max(self._now, 0)))
        # The spikes of this grid point have been emitted.
        self._schedule(index, self._now + 1)

    def _schedule(self, index: Index, earliest: int) -> None:
        """Draw the next spikes of those sources, at grid point ``earliest`` at the earliest."""
        time = self._time[index] + self._intervals(index, self._time[index])
        step = np.maximum(self._grid.steps(time), earliest)
        self._time[index] = time
        self._step[index] = np.where(time <= self._stop[index], step, NEVER)

    @property
    def mean_per_step(self) -> float:
        """The mean number of spikes of all sources in a step while all of them are active."""
        return float((self._grid.dt / self._shortest).sum())

    def emit(self, step: int) -> Index:
        """Return the sources that fire at that grid point, each as often as it does, and draw their next intervals."""
        self._now = step
        fired = due = np.flatnonzero(self._step <= step)
        while len(due):
            self._schedule(due, step)
            due = due[self._step[due] <= step]
            if len(due):
                fired = np.concatenate([fired, due])
        fired.sort()
        return fired


class RefractoryPoissonProcesses(RenewalProcesses):
    """`SpikeSourcePoissonRefractory`: intervals of ``tau_refrac`` (ms) and an exponential rest; ``rate`` (Hz) in all.

    At a rate of 0 there are no spikes.
    """

    def _check(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._check(parameters)
        rate, dead = parameters["rate"], parameters["tau_refrac"]
        require("tau_refrac", dead, np.isfinite(dead) & (dead >= 0), "finite and at least 0")
        highest = np.where(dead > 0, 1000.0 / np.where(dead > 0, dead, 1.0), np.inf)
        valid = np.isfinite(rate) & (rate >= 0) & (rate < highest)
        require("rate", rate, valid, "at least 0 Hz and below 1000/tau_refrac")
        self._require_sparse(parameters, "rate")

    @staticmethod
    def _shortest_mean(parameters: dict[str, npt.NDArray[Any]]) -> Floats:
        with np.errstate(divide="ignore"):
            mean: Floats = 1000.0 / parameters["rate"]
        return mean

    def _take(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._take(parameters)
        self._dead = parameters["tau_refrac"].astype(np.float64)
        self._rest = self._shortest - self._dead

    def _intervals(self, index: Index, since: Floats) -> Floats:
        return self._dead[index] + self._rest[index] * self._random.standard_exponential(len(index))


class GammaProcesses(RenewalProcesses):
    """`SpikeSourceGamma`: intervals of a gamma distribution of shape ``alpha`` and rate ``beta`` (Hz)."""

    def _check(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._check(parameters)
        for name in ("alpha", "beta"):
            values = parameters[name]
            require(name, values, np.isfinite(values) & (values > 0), "positive and finite")
        _require_even("alpha", parameters["alpha"])
        self._require_sparse(parameters, "alpha / beta")

    @staticmethod
    def _shortest_mean(parameters: dict[str, npt.NDArray[Any]]) -> Floats:
        mean: Floats = 1000.0 * parameters["alpha"] / parameters["beta"]
        return mean

    def _take(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._take(parameters)
        self._shape = parameters["alpha"].astype(np.float64)
        self._scale = 1000.0 / parameters["beta"]

    def _intervals(self, index: Index, since: Floats) -> Floats:
        return self._scale[index] * self._random.standard_gamma(self._shape[index])


class InhomogeneousGammaProcesses(RenewalProcesses):
    """`SpikeSourceInhGamma`: gamma processes whose shape ``a`` and scale ``b`` (s) are histograms of time.

    ``a[k]`` and ``b[k]`` hold from ``tbins[k]`` (ms) to the next, the last for ever, and the first also before its
    bin. The hazard of a spike at an age is that of a gamma process with the parameters of the moment (Muller et al.
    2007, Neural Computation 19:2958, section 3). Sampled exactly and without thinning: within a bin the interval is a
    gamma variate given that it is longer than the age reached, from the inverse of the distribution; one that ends
    after the bin is drawn anew from there.
    """

    def _check(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._check(parameters)
        for a, b, bins in zip(*_histograms(parameters), strict=True):
            if not len(a) == len(b) == len(bins) > 0:
                raise ValueError(
                    f"a, b and tbins must have equally many values, and at least one, not {len(a)}, {len(b)} and "
                    f"{len(bins)}"
                )
            require("a", a, np.isfinite(a) & (a > 0), "positive and finite")
            require("b", b, np.isfinite(b) & (b > 0), "positive and finite")
            require("tbins", bins[1:], np.diff(bins) > 0, "in ascending order")
            _require_even("a", a)
        self._require_sparse(parameters, "a * b")

    @staticmethod
    def _shortest_mean(parameters: dict[str, npt.NDArray[Any]]) -> Floats:
        means = [1000.0 * np.min(a * b) for a, b, _ in zip(*_histograms(parameters), strict=True)]
        return np.array(means, np.float64)

    def _take(self, parameters: dict[str, npt.NDArray[Any]]) -> None:
        super()._take(parameters)
        self._shapes, scales, self._bins = _histograms(parameters)
        self._scales = [1000.0 * scale for scale in scales]

    def _intervals(self, index: Index, since: Floats) -> Floats:
        return np.array([self._interval(int(i), float(time)) for i, time in zip(index, since, strict=True)])

    def _interval(self, source: int, since: float) -> float:
        # Slow to import, and of no use to any other source.
        from scipy.special import gammaincc, gammainccinv

        bins = self._bins[source]
        now = since
        while True:
            k = max(0, int(np.searchsorted(bins, now, side="right")) - 1)
            end = float(bins[k + 1]) if k + 1 < len(bins) else np.inf
            shape, scale = self._shapes[source][k], self._scales[source][k]
            survival = self._random.random() * gammaincc(shape, (now - since) / scale)
            interval = float(scale * gammainccinv(shape, survival))
            if since + interval <= end:
                return interval
            now = end


def _histograms(parameters: dict[str, npt.NDArray[Any]]) -> Sequence[Sequence[Floats]]:
    return [[np.asarray(values, np.float64) for values in parameters[name]] for name in ("a", "b", "tbins")]


def _require_even(name: str, shape: npt.NDArray[Any]) -> None:
    """Raise ``ValueError`` for a shape of a gamma process whose spikes come in clusters of more than `MAX_PER_STEP`."""
    lowest = 1.0 / MAX_PER_STEP
    require(name, shape, shape >= lowest, f"at least {lowest:g} (clusters of {MAX_PER_STEP} spikes)")
