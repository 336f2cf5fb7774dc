"""What is different between two runs of one network, population by population."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import PopulationSlice, Trace

from .alignment import Alignment, align
from .trains import isi_variation, train_correlation, van_rossum

__all__ = ["COLUMNS", "Comparison", "PopulationComparison", "compare_traces"]


@dataclass(frozen=True)
class PopulationComparison:
    """What is different in a population.

    Attributes
    ----------
    label, neurons
        Its label and its number of neurons.
    reference_spikes, run_spikes
        Spikes of the reference, and of the run.
    lost, new, moved
        Spikes that only the reference has, that only the run has, and that are less than the window apart in both.
    shift_ms, most_shift_ms
        Mean of how much later the moved ones came in the run (negative: earlier), and the largest |shift|; NaN if
        none moved.
    reference_rate_hz, run_rate_hz
        Mean firing rates.
    reference_cv, run_cv
        Mean coefficient of variation of the inter-spike intervals, over neurons with three spikes or more; else NaN.
    correlation
        Mean correlation of a neuron's spike counts in bins as long as the window, over neurons that fire in both; else
        NaN.
    victor_purpura, van_rossum
        Mean distances of a neuron's two trains.
    """

    label: str
    neurons: int
    reference_spikes: int
    run_spikes: int
    lost: int
    new: int
    moved: int
    shift_ms: float
    most_shift_ms: float
    reference_rate_hz: float
    run_rate_hz: float
    reference_cv: float
    run_cv: float
    correlation: float
    victor_purpura: float
    van_rossum: float


COLUMNS = tuple(field.name for field in fields(PopulationComparison))
"""Names of what is told of a population, in their order."""


@dataclass(frozen=True)
class Comparison:
    """Two runs of one network compared.

    Attributes
    ----------
    populations
        By population; neurons of none are one called ``all neurons``.
    first_step, first_neuron, first_population, first_kind
        The first spike that is not the same: its step, its neuron's number in the population of that label, and
        whether it is ``lost``, ``new`` or ``moved``; None if all are the same.
    window_ms
        By so much or more a spike is not said to have moved.
    dt
        Length of a step in ms.
    steps
        Number of steps of both runs.
    alignment
        The spikes themselves.
    neurons, slices
        Number of neurons, and which of them each population has.
    """

    populations: tuple[PopulationComparison, ...]
    first_step: int | None
    first_neuron: int | None
    first_population: str | None
    first_kind: str | None
    window_ms: float
    dt: float
    steps: int
    alignment: Alignment
    neurons: int
    slices: tuple[PopulationSlice, ...]

    @property
    def is_same(self) -> bool:
        """Whether every spike is in both runs, in the same step."""
        return self.first_step is None

    @property
    def changed(self) -> int:
        """Spikes that were lost, are new, or have moved."""
        return sum(one.lost + one.new + one.moved for one in self.populations)

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what has no value is None."""
        first = None
        if not self.is_same:
            first = {
                "step": self.first_step,
                "ms": None if self.first_step is None else self.first_step * self.dt,
                "population": self.first_population,
                "neuron": self.first_neuron,
                "kind": self.first_kind,
            }
        populations = [
            {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
            for row in map(asdict, self.populations)
        ]
        return {
            "window_ms": self.window_ms,
            "same": self.is_same,
            "first_difference": first,
            "populations": populations,
        }

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Rows of (what, value, unit), as `bridge.text_table` takes them."""
        yield from self.population_rows()
        if self.first_step is None:
            yield "first difference", "none", ""
        else:
            where = f"ms: neuron {self.first_neuron} of {self.first_population}, {self.first_kind}"
            yield "first difference", f"{self.first_step * self.dt:g}", where

    def population_rows(self) -> Iterator[tuple[str, str, str]]:
        """Those of the populations alone; a single one for each in which all spikes are the same."""
        for one in self.populations:
            name = one.label
            if not one.lost + one.new + one.moved:
                yield f"{name}: spikes", f"{one.run_spikes:,}", "all the same"
                continue
            yield f"{name}: spikes", f"{one.run_spikes:,}", f"{one.reference_spikes:,} in the reference"
            yield f"{name}: lost", f"{one.lost:,}", "spikes"
            yield f"{name}: new", f"{one.new:,}", "spikes"
            moved = "" if math.isnan(one.shift_ms) else f", by {one.shift_ms:+.3g} ms, at most {one.most_shift_ms:.3g}"
            yield f"{name}: moved", f"{one.moved:,}", f"spikes{moved}"
            yield f"{name}: rate", f"{one.run_rate_hz:.4g}", f"Hz, {one.reference_rate_hz:.4g} in the reference"
            yield f"{name}: CV of ISI", _number(one.run_cv), f"{_number(one.reference_cv)} in the reference"
            yield f"{name}: correlation", _number(one.correlation), f"of counts in {self.window_ms:g} ms"
            yield f"{name}: Victor–Purpura", f"{one.victor_purpura:.4g}", "mean of the neurons"
            yield f"{name}: van Rossum", f"{one.van_rossum:.4g}", "mean of the neurons"


def compare_traces(reference: Trace, run: Trace, *, window_ms: float | None = None) -> Comparison:
    """Compare a run of a network with another run of it, such as one on a chip with one in software.

    Spikes of one neuron and one step are the same. The others are paired as `align` says, with the window as the shift
    that costs as much as a spike lost and a new one; it is van Rossum's time constant, too.

    Parameters
    ----------
    window_ms
        In ms; by default 10 steps.

    Raises
    ------
    ValueError
        If the traces are not of one network, step and duration, or the window is not above 0.
    """
    problem = _difference(reference, run)
    if problem:
        raise ValueError(f"two runs must be of one network, but {problem}")
    window = 10.0 if window_ms is None else window_ms / reference.dt
    if not (window > 0 and math.isfinite(window)):
        raise ValueError(f"window_ms must be greater than 0, not {window_ms:g}")
    alignment = align(reference, run, window=window)
    populations = reference.populations or (PopulationSlice("all neurons", 0, reference.neurons, ""),)
    figures = _Figures(reference, run, alignment)
    first = alignment.first_difference()
    place = None if first is None else next(p for p in populations if p.start <= first[1] < p.stop)
    return Comparison(
        populations=tuple(map(figures.of, populations)),
        first_step=None if first is None else first[0],
        first_neuron=None if first is None or place is None else first[1] - place.start,
        first_population=None if place is None else place.label,
        first_kind=None if first is None else first[2],
        window_ms=window * reference.dt,
        dt=reference.dt,
        steps=reference.steps,
        alignment=alignment,
        neurons=reference.neurons,
        slices=tuple(populations),
    )


def _difference(reference: Trace, run: Trace) -> str:
    """What keeps two traces from being compared; nothing if they are of one network."""
    for name in ("neurons", "dt", "steps"):
        ours, theirs = getattr(reference, name), getattr(run, name)
        if ours != theirs:
            return f"{name} is {ours:,} in the one and {theirs:,} in the other"
    for ours, theirs in zip(reference.populations, run.populations, strict=False):
        if (ours.label, ours.start, ours.stop) != (theirs.label, theirs.start, theirs.stop):
            return f"population {ours.label!r} of the one is {theirs.label!r} in the other"
    if reference.populations and run.populations and len(reference.populations) != len(run.populations):
        return f"the one has {len(reference.populations)} populations and the other {len(run.populations)}"
    return ""


class _Figures:
    """Figures by neuron, from which those of populations follow."""

    def __init__(self, reference: Trace, run: Trace, alignment: Alignment) -> None:
        neurons = reference.neurons
        self._seconds = reference.steps * reference.dt / 1000
        self._dt = reference.dt
        self._alignment = alignment
        self._counts = [trace.spike_counts() for trace in (reference, run)]
        self._cv = [isi_variation(trace) for trace in (reference, run)]
        bins = max(1, round(alignment.window))
        self._correlation = train_correlation(reference, run, bin_steps=bins)
        self._victor_purpura = alignment.distances(neurons)
        self._van_rossum = van_rossum(alignment, neurons, tau_steps=alignment.window)

    def of(self, population: PopulationSlice) -> PopulationComparison:
        """Those of a population."""
        here = slice(population.start, population.stop)
        spikes = [int(counts[here].sum()) for counts in self._counts]
        size, found = population.size, self._alignment

        def among(neuron: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
            return (neuron >= population.start) & (neuron < population.stop)

        shift = found.shift[among(found.moved_neuron)] * self._dt
        rates = [spikes[i] / size / self._seconds if size and self._seconds else 0.0 for i in (0, 1)]
        return PopulationComparison(
            label=population.label,
            neurons=size,
            reference_spikes=spikes[0],
            run_spikes=spikes[1],
            lost=int(among(found.lost_neuron).sum()),
            new=int(among(found.new_neuron).sum()),
            moved=len(shift),
            shift_ms=_mean(shift),
            most_shift_ms=float(np.abs(shift).max()) if len(shift) else math.nan,
            reference_rate_hz=rates[0],
            run_rate_hz=rates[1],
            reference_cv=_mean(self._cv[0][here]),
            run_cv=_mean(self._cv[1][here]),
            correlation=_mean(self._correlation[here]),
            victor_purpura=float(self._victor_purpura[here].mean()) if size else 0.0,
            van_rossum=float(self._van_rossum[here].mean()) if size else 0.0,
        )


def _mean(values: npt.NDArray[np.floating[Any]]) -> float:
    """Mean of those that are numbers; NaN if none is."""
    numbers = values[~np.isnan(values)]
    return float(numbers.mean()) if len(numbers) else math.nan


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
