"""The exponential function of what decays, in arithmetic that gives the same bits wherever it is done."""

from __future__ import annotations

import numpy as np

from .neurons import Floats

__all__ = ["HALVINGS", "falling"]

HALVINGS = 6


def falling(x: Floats) -> Floats:
    """``exp(-x)`` for x of at least 0, as ``1 / P(x/64)^64`` with the Taylor polynomial P of exp of degree 4.

    The relative error is below 1e-13 for x up to 0.1, 1e-9 up to 1, and the absolute error below 1e-7 everywhere.
    NumPy's own exponential depends on the processor; this is multiplications, additions and one division in a given
    order, so that compiled code repeats it to the last bit, and vectorises it.
    """
    y = x * (0.5**HALVINGS)
    with np.errstate(over="ignore"):
        p = y * (1.0 / 24.0)
        for coefficient in (1.0 / 6.0, 0.5, 1.0):
            p += coefficient
            p *= y
        p += 1.0
        for _ in range(HALVINGS):
            p *= p
    return np.divide(1.0, p, out=p)
