"""The spike trace: what a software simulation hands to the hardware (PyCARL's ``snn.sw.out``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .base.archive import NotAnArchive, read_archive, write_archive

__all__ = ["PopulationSlice", "Trace", "TraceError"]

_FORMAT = "synaptile-trace"
_VERSION = 1


class TraceError(ValueError):
    """A trace is inconsistent, or a file is not a (whole) trace."""


@dataclass(frozen=True)
class PopulationSlice:
    """A population's neurons, ``start`` (inclusive) to ``stop`` (exclusive).

    ``is_source`` says that they are spike sources and not neurons that compute. If it is not given, as in files written
    before it was known, the cell types that are called SpikeSource… are sources.
    """

    label: str
    start: int
    stop: int
    celltype: str
    is_source: bool | None = None

    def __post_init__(self) -> None:
        if self.is_source is None:
            object.__setattr__(self, "is_source", self._called_a_source)

    @property
    def _called_a_source(self) -> bool:
        return self.celltype.startswith("SpikeSource")

    def to_list(self) -> list[str | int | None]:
        """The positional arguments that make an equal one; ``is_source`` only where the cell type's name misleads."""
        named = self.is_source == self._called_a_source
        return [self.label, self.start, self.stop, self.celltype, *([] if named else [self.is_source])]

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.stop - self.start


@dataclass(frozen=True)
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
        Shape (spikes,): who fired, and in which step; sorted by step, then neuron.
    pre, post, weight, delay
        Shape (synapses,): the connections, with the weight in the model's own unit and the delay in steps.
    populations
        The populations in id order, together covering ``range(neurons)``.
    meta
        Seed, versions and whatever else makes the run repeatable; JSON types only.
    partial
        True when the run was interrupted before its end.

    Raises
    ------
    TraceError
        If arrays disagree in length, an id is out of range, or the spikes are not sorted.
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
        for name, dtype in _ARRAYS.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            if array.ndim != 1:
                raise TraceError(f"{name} must have one dimension, not {array.ndim}")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "populations", tuple(self.populations))
        if not self.dt > 0:
            raise TraceError(f"dt must be positive, not {self.dt!r}")
        if self.steps < 0 or self.neurons < 0:
            raise TraceError(f"steps and neurons must not be negative, not {self.steps} and {self.neurons}")
        if len(self.spike_neuron) != len(self.spike_step):
            raise TraceError(
                f"spike_neuron and spike_step must be of equal length, not "
                f"{len(self.spike_neuron)} and {len(self.spike_step)}"
            )
        lengths = {name: len(getattr(self, name)) for name in ("pre", "post", "weight", "delay")}
        if len(set(lengths.values())) > 1:
            raise TraceError(f"pre, post, weight and delay must be of equal length, not {lengths}")
        for name in ("spike_neuron", "pre", "post"):
            _check_range(name, getattr(self, name), self.neurons)
        _check_range("spike_step", self.spike_step, self.steps)
        if len(self.delay) and self.delay.min() < 0:
            raise TraceError(f"delay must not be negative, not {self.delay.min()}")
        if len(self.spike_step) > 1:
            step_diff = np.diff(self.spike_step)
            if np.any((step_diff < 0) | ((step_diff == 0) & (np.diff(self.spike_neuron) <= 0))):
                raise TraceError("spikes must be sorted by step, then neuron, without repetition")

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
    def load(cls, path: str | Path) -> Trace:
        """Read a trace written by `save`.

        Raises ``FileNotFoundError`` if there is none and `TraceError` if the file is truncated, not a trace, or of a
        version that this release does not know.
        """
        try:
            header, arrays = read_archive(path, kind=_FORMAT, version=_VERSION)
            return cls(
                dt=header["dt"],
                steps=header["steps"],
                neurons=header["neurons"],
                populations=[PopulationSlice(*fields) for fields in header["populations"]],
                meta=header["meta"],
                partial=header["partial"],
                **{name: arrays[name] for name in _ARRAYS},
            )
        except (NotAnArchive, KeyError, TypeError, AttributeError) as error:
            raise TraceError(f"{path} is not a synaptile trace, or is truncated ({error})") from None


_ARRAYS = {
    "spike_neuron": np.int32,
    "spike_step": np.int64,
    "pre": np.int32,
    "post": np.int32,
    "weight": np.float64,
    "delay": np.int32,
}


def _check_range(name: str, values: npt.NDArray[Any], stop: int) -> None:
    if len(values) and (values.min() < 0 or values.max() >= stop):
        bad = values[(values < 0) | (values >= stop)][0]
        raise TraceError(f"{name} must lie in 0..{stop - 1}, not {bad}")
