"""A sample in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Distribution"]


@dataclass(frozen=True)
class Distribution:
    """Count, mean, minimum, maximum and percentiles of a sample; all but the count are None for an empty one.

    Percentiles are the smallest values that are not below that part of the sample (no interpolation), so that the
    percentiles of whole cycles are whole cycles.
    """

    count: int
    mean: float | None = None
    min: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None

    @classmethod
    def of(cls, values: npt.NDArray[np.integer] | npt.NDArray[np.floating]) -> Distribution:
        """Summarise a one-dimensional array."""
        if not len(values):
            return cls(0)
        p50, p95, p99 = np.percentile(values, [50, 95, 99], method="inverted_cdf").tolist()
        return cls(len(values), float(values.mean()), values.min().item(), p50, p95, p99, values.max().item())

    def to_dict(self, prefix: str) -> dict[str, float | None]:
        """``{prefix}_mean`` and so on, without the count."""
        return {f"{prefix}_{name}": getattr(self, name) for name in ("mean", "min", "p50", "p95", "p99", "max")}
