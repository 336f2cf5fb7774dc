"""Adaptive integration of many small systems of differential equations at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.arrays import Floats
from ..base.elementary import exp, log

__all__ = ["ERROR", "MIN_SUBSTEP", "STAGES", "Rows", "integrate"]

Rows = Any
"""A slice or an index array: the systems that are being integrated."""

# Dormand and Prince (1980), J. Comput. Appl. Math. 6:19, table 2: seven stages, the last at the
# point at which the next substep begins.
STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
MIN_SUBSTEP = 1 / 4096  # of the step: a substep that short is taken whatever its error


def integrate(
    slope: Callable[[Floats, Rows], Floats],
    state: Floats,
    dt: float,
    tolerance: Floats,
    accepted: Callable[[Floats, Rows], None] | None = None,
) -> None:
    """Take autonomous systems over ``dt``, each in substeps of its own, by the method of Dormand and Prince of order 5.

    Parameters
    ----------
    slope
        The derivatives of shape (variables, rows), from states of that shape and which systems they are of.
    state
        Shape (variables, n); changed in place.
    dt
        The step, in the unit of time of ``slope``.
    tolerance
        The permitted error of each variable per substep, shape (variables, 1).
    accepted
        Called after each substep with the new states, which it may change, and which systems they are of.

    Each system begins with a substep of ``dt`` in every step, so that nothing need be remembered between steps. A
    substep of ``dt/4096`` is accepted in any case: where a system runs away to infinity, ``accepted`` must stop it.
    """
    n = state.shape[1]
    rows: Rows = slice(None)
    left = np.full(n, dt)
    substep = np.full(n, dt)
    while True:
        y, h = state[:, rows], substep[rows]
        # A substep that is too long may lead anywhere, and is then taken back.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            stages = [slope(y, rows)]
            for weights in STAGES:
                z = y + h * sum(weight * k for weight, k in zip(weights, stages, strict=False) if weight)
                stages.append(slope(z, rows))
            wrong = h * sum(weight * k for weight, k in zip(ERROR, stages, strict=True) if weight)
            # Anything that is not a number is as wrong as can be.
            worst = np.nan_to_num(np.abs(wrong / tolerance).max(axis=0), nan=np.inf)
        good = (worst <= 1.0) | (h <= dt * MIN_SUBSTEP)
        index = np.arange(n)[rows]
        done = index[good]
        finished = z[:, good]
        if accepted is not None:
            accepted(finished, done)
        state[:, done] = finished
        left[done] -= h[good]
        left[done[left[done] < dt * 1e-12]] = 0.0
        rows = index[left[index] > 0.0]
        if not len(rows):
            return
        # The fifth root in arithmetic that compiled code repeats to the last bit.
        growth = np.clip(0.9 * exp(-0.2 * log(worst)), 0.2, 4.0)
        substep[index] = np.maximum(h * growth, dt * MIN_SUBSTEP)
        np.minimum(substep, left, out=substep, where=left > 0.0)
