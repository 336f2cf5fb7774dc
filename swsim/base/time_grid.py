"""The time grid: whole steps on one side, milliseconds on the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["NEVER", "TimeGrid"]

NEVER = 2**62
"""The grid point of what does not happen: no simulation gets there."""

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class TimeGrid:
    """Grid point k is the time ``k * dt``, in ms.

    Where a millisecond is a whole number of steps, the time is computed as ``k / steps_per_ms``, which is the floating
    point number nearest to it (0.3 and not 0.30000000000000004).

    Raises
    ------
    ValueError
        If ``dt`` is not a positive, finite number.
    """

    dt: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.dt) and self.dt > 0):
            raise ValueError(f"timestep must be positive and finite, not {self.dt!r}")

    @cached_property
    def _steps_per_ms(self) -> int:
        """Steps per ms if that is a whole number, else 0."""
        steps = round(1 / self.dt)
        return steps if abs(steps * self.dt - 1) < _TOLERANCE else 0

    def time(self, step: int) -> float:
        """Time in ms of a grid point."""
        per_ms = self._steps_per_ms
        return step / per_ms if per_ms else step * self.dt

    def times(self, steps: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Times in ms of grid points, any shape."""
        times = np.asarray(steps).astype(np.float64)
        self.to_times(times)
        return times

    def to_times(self, steps: npt.NDArray[np.float64]) -> None:
        """Turn grid points into times in ms, in place."""
        per_ms = self._steps_per_ms
        if per_ms == 0:
            steps *= self.dt
        elif per_ms != 1:
            steps /= per_ms

    def step(self, time: float) -> int:
        """The grid point nearest to a time in ms."""
        return round(time / self.dt)

    def steps(self, times: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The grid points nearest to times in ms, any shape; beyond the 64-bit range they stay at its end."""
        scaled = np.rint(np.asarray(times, dtype=np.float64) / self.dt)
        return np.clip(scaled, -float(NEVER), float(NEVER)).astype(np.int64)

    def steps_after(self, times: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The grid points at or after times in ms, any shape; beyond the 64-bit range they stay at its end."""
        scaled = np.ceil(np.asarray(times, dtype=np.float64) / self.dt - _TOLERANCE)
        return np.clip(scaled, -float(NEVER), float(NEVER)).astype(np.int64)

    def whole_steps(self, name: str, time: float) -> int:
        """The number of steps in a time that must be a positive multiple of dt; else ``ValueError`` naming it."""
        steps = self.step(time) if math.isfinite(time) else 0
        if steps < 1 or abs(steps * self.dt - time) > _TOLERANCE * max(1.0, time):
            raise ValueError(f"{name} must be a positive multiple of the time step of {self.dt:g} ms, not {time:g}")
        return steps
