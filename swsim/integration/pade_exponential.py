"""The exponential function of negative numbers, in arithmetic that gives the same bits everywhere."""

from __future__ import annotations

import numpy as np

from ..base.arrays import Floats

__all__ = ["EVEN", "LARGEST", "ODD", "QUARTER", "falling"]

QUARTER = 0.25
ODD = 5.0 / 12.0
EVEN = 5.0 / 72.0
LARGEST = 0.387


def falling(u: Floats) -> Floats:
    """Return ``exp(-12 u)`` for u of at least 0.

    With ``w = u / 4`` and ``y = 12 w`` it is the fourth power of the [3/3] Padé approximant of exp(-y),
    ``(E - O) / (E + O)`` with ``E = 120 + 12 y^2`` and ``O = 60 y + y^3`` (Baker and Graves-Morris 1996, Padé
    Approximants, section 1.2), both divided by 1728 so that most coefficients are 1. The approximant is 0 near w =
    0.387, and w goes no further.

    For ``x = 12 u`` the relative error is below 1e-14 for x up to 0.1, 3e-9 up to 1, and the absolute error below 3e-6
    everywhere. NumPy's own exponential depends on the processor; this is multiplications, additions and one division
    in a given order, so that compiled code repeats it to the last bit, and vectorises it.
    """
    w = np.minimum(u * QUARTER, LARGEST)
    even = w * w
    odd = (even + ODD) * w
    even += EVEN
    result = (even - odd) / (even + odd)
    result *= result
    result *= result
    return result
