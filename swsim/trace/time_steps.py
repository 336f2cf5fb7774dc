"""Times in ms as steps: the one rule for times that are not on the grid."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .errors import FIELDS

__all__ = ["TOLERANCE", "in_order", "steps_of_times"]

TOLERANCE = 0.01
"""By how much of a step a time may lie off the grid, unless more is allowed: what printing and rounding do to it."""

_MOST = 2**53
"""Steps that a float tells apart."""


def steps_of_times(
    what: str, times: npt.ArrayLike, dt: float, *, tolerance: float = TOLERANCE
) -> npt.NDArray[np.int64]:
    """Return the nearest step k of the grid k·dt of each time, shape of ``times``; both in ms.

    Raises
    ------
    TraceError
        Naming ``what`` the times are: for one that is no number, before 0 or so late that a float does not tell steps
        apart, or further than ``tolerance`` steps off the grid; for a step that is not longer than 0, and a tolerance
        outside 0..0.5.
    """
    dt = FIELDS.number("dt", dt, 1e-100, 1e100)
    FIELDS.number("tolerance", tolerance, 0.0, 0.5)
    values = FIELDS.number_array(what, times)
    if len(values) and values.min() < 0:
        raise FIELDS.refuse(what, "not be before 0 ms", f"at {values.min():g}", plain=True)
    exact = values / dt
    if len(exact) and exact.max() >= _MOST:
        raise FIELDS.refuse(what, f"be before {_MOST * dt:g} ms in steps of {dt:g} ms", float(values.max()))
    steps = np.rint(exact)
    away = np.abs(exact - steps)
    # Division of numbers that are themselves rounded leaves a few units in the last place.
    wrong = away > tolerance + np.abs(exact) * (4 * math.ulp(1.0))
    if wrong.any():
        rule = f"lie within {tolerance:g} of a step of {dt:g} ms"
        raise FIELDS.refuse(what, rule, f"at {float(values[wrong][0])!r} ms", plain=True)
    return steps.astype(np.int64)


def in_order(
    neuron: npt.NDArray[np.int64], step: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return spikes by step, then neuron; the order in which they were given has no meaning."""
    order = np.lexsort((neuron, step))
    return neuron[order], step[order]
