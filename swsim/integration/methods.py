"""Methods of integration by name, for any system of differential equations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np

from ..base.arrays import Floats
from .dormand_prince import Rows, integrate

__all__ = ["ADAPTIVE", "EXPONENTIAL_EULER", "RK4", "Slope", "Step", "require_finite", "rk4", "stepper"]

ADAPTIVE = "adaptive"
EXPONENTIAL_EULER = "exponential euler"
RK4 = "rk4"

Slope = Callable[[Floats, Rows], Floats]
Accepted = Callable[[Floats, Rows], None]


class Step(Protocol):
    """Takes autonomous systems over a step; arguments as for `dormand_prince.integrate`."""

    def __call__(self, slope: Slope, state: Floats, dt: float, *, accepted: Accepted | None = None) -> None:
        """Change ``state`` in place."""


def stepper(method: str | None, tolerance: Floats) -> Step:
    """The step of `RK4`, or of `ADAPTIVE` with a ``tolerance`` as for `dormand_prince.integrate`."""
    if method == RK4:
        return rk4
    assert method == ADAPTIVE
    return partial(integrate, tolerance=tolerance)


def require_finite(state: Floats, dt: float) -> None:
    """Raise ``FloatingPointError`` if a step of `rk4` has left the finite numbers."""
    if not np.isfinite(state).all():
        raise FloatingPointError(f"rk4 diverges in steps of {dt:g} ms; take a shorter timestep, or another method")


def rk4(slope: Slope, state: Floats, dt: float, *, accepted: Accepted | None = None) -> None:
    """Take autonomous systems over ``dt`` at once, by the classical method of Runge and Kutta, of order 4.

    Source: Kutta (1901), Zeitschrift für Mathematik und Physik 46:435. Arguments are those of
    `dormand_prince.integrate`.

    Raises ``FloatingPointError`` if a system leaves the finite numbers, as it does in some steps where ``dt`` is more
    than about 2.8 times a time constant.
    """
    rows = slice(None)
    half = 0.5 * dt
    with np.errstate(over="ignore", invalid="ignore"):
        first = slope(state, rows)
        second = slope(state + half * first, rows)
        third = slope(state + half * second, rows)
        fourth = slope(state + dt * third, rows)
        second += third
        second *= 2.0
        second += first
        second += fourth
        second *= dt / 6.0
        state += second
    require_finite(state, dt)
    if accepted is not None:
        accepted(state, np.arange(state.shape[1]))
