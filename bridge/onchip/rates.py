"""Firing rates of a network in software beside those of the same network in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import PopulationSlice, Trace

__all__ = ["RateComparison", "compare_rates", "rate_rows"]

_MS = 1000.0  # in a second


@dataclass(frozen=True)
class RateComparison:
    """The rates of a population's neurons.

    Attributes
    ----------
    label, neurons
        Of the population.
    software_hz, whole_hz
        Mean rates.
    rms_hz
        Root mean square of the differences, neuron by neuron.
    correlation
        Of the rates of the neurons; None where all of one are the same.
    """

    label: str
    neurons: int
    software_hz: float
    whole_hz: float
    rms_hz: float
    correlation: float | None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)


def compare_rates(software: Trace, whole: Trace) -> list[RateComparison]:
    """Compare the rates of all populations but spike sources.

    Parameters
    ----------
    software, whole
        Traces of the same network, in software and on-chip, of any lengths.

    Raises
    ------
    ValueError
        If they are of other populations, or one is of no time at all.
    """
    if list(software.populations) != list(whole.populations):
        raise ValueError(f"traces must be of the same populations, not {_labels(software)} and {_labels(whole)}")
    one, other = _rates(software), _rates(whole)
    return [_compared(where, one, other) for where in software.populations if not where.is_source and where.size]


def _labels(trace: Trace) -> str:
    return ", ".join(where.label for where in trace.populations) or "none"


def _rates(trace: Trace) -> npt.NDArray[np.float64]:
    """The rate of each neuron in Hz, shape (neurons,)."""
    if trace.steps < 2:
        raise ValueError(f"traces must be of at least one step after the first, not of {max(0, trace.steps - 1)}")
    return np.asarray(trace.spike_counts() * (_MS / (trace.dt * (trace.steps - 1))), np.float64)


def _compared(where: PopulationSlice, one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> RateComparison:
    software, whole = one[where.start : where.stop], other[where.start : where.stop]
    varied = np.ptp(software) > 0 and np.ptp(whole) > 0
    return RateComparison(
        label=where.label,
        neurons=where.size,
        software_hz=float(software.mean()),
        whole_hz=float(whole.mean()),
        rms_hz=float(np.sqrt(np.mean((whole - software) ** 2))),
        correlation=float(np.corrcoef(software, whole)[0, 1]) if varied else None,
    )


def rate_rows(comparisons: Iterable[RateComparison]) -> Iterator[tuple[str, str, str]]:
    """Rows of (what, value, unit), as `bridge.text_table` takes them."""
    for one in comparisons:
        alike = "" if one.correlation is None else f", correlation {one.correlation:.3f}"
        yield (
            f"rate of {one.label}",
            f"{one.whole_hz:.4g}",
            f"Hz, {one.software_hz:.4g} in software (rms of the differences {one.rms_hz:.3g}{alike})",
        )
