"""The spike trace: what a software simulation hands to the hardware (PyCARL's ``snn.sw.out``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.archive import Member, read_archive, write_archive
from .errors import FIELDS, TraceError
from .populations import MAX_ID, PopulationSlice, check_populations, populations_of
from .pynn_objects import fields_of_pynn
from .time_steps import TOLERANCE

__all__ = ["Trace"]

_FORMAT = "synaptile-trace"
_VERSION = 1


_MAX_STEPS = 2**32 - 1
"""So many steps of at most 2**31 - 1 clock cycles are cycles that an int64 counts."""

_DT = (1e-100, 1e100)  # ms; beyond, rates and durations are no longer finite

_ARRAYS = {
    "spike_neuron": np.int32,
    "spike_step": np.int64,
    "pre": np.int32,
    "post": np.int32,
    "weight": np.float64,
    "delay": np.int32,
}
_MEMBERS = {name: Member("iuf" if dtype is np.float64 else "iu") for name, dtype in _ARRAYS.items()}


@dataclass(frozen=True, repr=False)
class Trace:
    """Every spike and every connection of one simulation.

    Parameters
    ----------
    dt
        Length of a step in ms.
    steps
        Number of simulated steps.
    neurons
        Number of neurons (spike sources included); ids run from 0.
    spike_neuron, spike_step
        Shape (spikes,): who fired, and in which step; sorted by step, then neuron. A source that fired several times in
        a step is there as often.
    pre, post, weight, delay
        Shape (synapses,): the connections, with the weight in the model's own unit and the delay in steps.
    populations
        The populations in id order, together covering ``range(neurons)``; or none at all.
    meta
        Seed, versions and whatever else makes the run repeatable; JSON types only.
    partial
        True when the run was interrupted before its end.

    Raises
    ------
    TraceError
        If a value has the wrong type or is out of range, arrays disagree in length, the spikes are not sorted, or the
        populations leave a gap, overlap or go beyond the last neuron. Values are checked before they are cast.
    """

    dt: float
    steps: int
    neurons: int
    spike_neuron: npt.NDArray[np.int32]
    spike_step: npt.NDArray[np.int64]
    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]
    populations: Sequence[PopulationSlice] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_arrays()
        object.__setattr__(self, "populations", tuple(self.populations))
        check_populations(self.populations, self.neurons)

    def _check_numbers(self) -> None:
        for name, value in {
            "dt": FIELDS.number("dt", self.dt, *_DT),
            "steps": FIELDS.whole("steps", self.steps, 0, _MAX_STEPS),
            "neurons": FIELDS.whole("neurons", self.neurons, 0, MAX_ID),
            "meta": FIELDS.mapping("meta", self.meta),
            "partial": FIELDS.flag("partial", self.partial),
        }.items():
            object.__setattr__(self, name, value)

    def _check_arrays(self) -> None:
        highest = {"spike_neuron": self.neurons - 1, "spike_step": self.steps - 1, "delay": MAX_ID}
        for name, dtype in _ARRAYS.items():
            values = getattr(self, name)
            if name == "weight":
                array = FIELDS.number_array(name, values)
            else:
                array = FIELDS.whole_array(name, values, 0, highest.get(name, self.neurons - 1), dtype)
            if array is values:  # to be made read-only, which those of the caller must not be
                array = array.view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        for names in (("spike_neuron", "spike_step"), ("pre", "post", "weight", "delay")):
            lengths = {name: len(getattr(self, name)) for name in names}
            if len(set(lengths.values())) > 1:
                raise FIELDS.refuse(" and ".join(names), "be of equal length", lengths)
        if len(self.spike_step) > 1:
            step_diff = np.diff(self.spike_step)
            disorder = (step_diff < 0) | ((step_diff == 0) & (np.diff(self.spike_neuron) < 0))
            if disorder.any():
                at = int(np.argmax(disorder))
                pairs = [(int(self.spike_step[i]), int(self.spike_neuron[i])) for i in (at, at + 1)]
                raise FIELDS.refuse("spikes", "be sorted by step, then neuron", pairs)

    def __repr__(self) -> str:
        return (
            f"<Trace: {self.neurons:,} neurons, {self.synapses:,} synapses, {self.spikes:,} spikes in {self.steps:,} "
            f"steps of {self.dt:g} ms{' (partial)' if self.partial else ''}>"
        )

    @property
    def spikes(self) -> int:
        """Number of spikes."""
        return len(self.spike_neuron)

    @property
    def synapses(self) -> int:
        """Number of connections."""
        return len(self.pre)

    def spike_counts(self) -> npt.NDArray[np.int64]:
        """Spikes of each neuron, shape (neurons,)."""
        return np.bincount(self.spike_neuron, minlength=self.neurons).astype(np.int64)

    def population(self, label: str) -> PopulationSlice:
        """The population of that label; raises ``KeyError`` naming the labels there are."""
        for population in self.populations:
            if population.label == label:
                return population
        raise KeyError(f"no population {label!r}; there are {[p.label for p in self.populations]}")

    def save(self, path: str | Path) -> Path:
        """Write the trace as one file (a NumPy ``.npz`` archive under any name); the same trace gives the same bytes.

        The file appears whole or not at all. Raises ``OSError`` if it cannot be written.
        """
        header = {
            "dt": self.dt,
            "steps": self.steps,
            "neurons": self.neurons,
            "populations": [population.to_list() for population in self.populations],
            "meta": dict(self.meta),
            "partial": self.partial,
        }
        return write_archive(
            path, header, {name: getattr(self, name) for name in _ARRAYS}, kind=_FORMAT, version=_VERSION
        )

    @classmethod
    def from_pynn(
        cls,
        populations: Iterable[Any],
        projections: Iterable[Any] = (),
        *,
        dt: float | None = None,
        duration: float | None = None,
        tolerance: float = TOLERANCE,
        meta: Mapping[str, Any] | None = None,
    ) -> Trace:
        """Take what ran in any PyNN simulator: recorded spikes, and the connections with their weights and delays.

        Parameters
        ----------
        populations
            PyNN populations, in whose order neurons are numbered; ``population.record("spikes")`` must have been called
            before the run, of spike sources too.
        projections
            PyNN projections between these, or between views and assemblies of them.
        dt, duration
            Length of a step, and the time that was simulated since the last reset, in ms; by default the simulator's.
        tolerance
            By how much of a step a spike or delay may lie off the grid k·dt, of which the nearest step is taken; 0.5
            takes all. A spike at time t is in step t / dt, so that there are duration / dt + 1 steps.
        meta
            What makes the run repeatable; JSON types only. The simulator's name is added as ``simulator``.

        Raises
        ------
        TraceError
            If spikes were not recorded in all of a population, a time is before 0, beyond the duration or off the grid,
            or a projection is of neurons of no population given.
        """
        return cls(
            **fields_of_pynn(
                list(populations), list(projections), dt=dt, duration=duration, tolerance=tolerance, meta=meta or {}
            )
        )

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace written by `save`.

        Raises ``FileNotFoundError`` if there is none and `TraceError` if the file is truncated, not a trace, of a
        version that this release does not know, or has values that a trace must not have. What a file says of itself is
        checked before memory is taken for it.
        """
        archive = read_archive(path, kind=_FORMAT, version=_VERSION, members=_MEMBERS, error=TraceError)
        header = archive.header
        try:
            missing = [name for name in _HEADER if name not in header]
            if missing:
                raise FIELDS.refuse("header", f"have {_HEADER}", sorted(header))
            values: dict[str, Any] = {**header, **archive.arrays, "populations": populations_of(header["populations"])}
            return cls(**{name: values[name] for name in (*_HEADER, *_ARRAYS)})
        except TraceError as error:
            raise error.located(path) from None


_HEADER = ("dt", "steps", "neurons", "populations", "meta", "partial")
