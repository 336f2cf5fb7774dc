"""Sine, cosine and tangent that give the same bits for NumPy arrays and in compiled code; see `base.elementary`.

The argument is reduced to at most a quarter of pi by multiples of pi / 2, which is known to 118 bits; the error is
about one unit in the last place of the argument or of the result, whichever is larger.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["cos", "cos_of", "sin", "sin_of", "tan", "tan_of"]

_PER_QUARTER = 2.0 / math.pi
# pi / 2 in three parts, the first two with so few digits that their products with a number of turns are exact.
_HIGH = 1.5707963267341256
_MIDDLE = 6.077100506303966e-11
_LOW = 2.0222662487959506e-21
_MAX_REDUCED = 2.0**20  # an argument up to which the parts of pi / 2 are exact enough
_TURN = 2.0 * math.pi
_SINE = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(9))
_COSINE = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(10))


def _parts(x: Any) -> tuple[Any, Any, Any]:
    """Return sine and cosine of what is left of x, and the number (0 to 3) of quarter turns taken off."""
    y = np.where(np.isfinite(x), x, 0.0)
    y = np.where(np.abs(y) > _MAX_REDUCED, np.fmod(y, _TURN), y)
    n = np.rint(y * _PER_QUARTER)
    r = ((y - n * _HIGH) - n * _MIDDLE) - n * _LOW
    z = r * r
    s, c = np.full(z.shape, _SINE[8]), np.full(z.shape, _COSINE[9])
    for k in range(7, -1, -1):
        s = s * z + _SINE[k]
    for k in range(8, -1, -1):
        c = c * z + _COSINE[k]
    return s * r, c, n - 4.0 * np.floor(n * 0.25)


def _parts_of(x: float) -> tuple[float, float, float]:
    """Reduce one number as `_parts` does arrays, in compiled code."""
    y = np.fmod(x, _TURN) if abs(x) > _MAX_REDUCED else x
    n = np.rint(y * _PER_QUARTER)
    r = ((y - n * _HIGH) - n * _MIDDLE) - n * _LOW
    z = r * r
    s, c = _SINE[8], _COSINE[9]
    for k in range(7, -1, -1):
        s = s * z + _SINE[k]
    for k in range(8, -1, -1):
        c = c * z + _COSINE[k]
    return s * r, c, n - 4.0 * math.floor(n * 0.25)


def _turned(s: Any, c: Any, quarter: Any) -> Any:
    """The sine, by the quarter of the circle."""
    return np.where(quarter == 0, s, np.where(quarter == 1, c, np.where(quarter == 2, -s, -c)))


def sin(x: Any) -> Any:
    """The sine; NaN where x is not finite."""
    x = np.asarray(x, np.float64)
    return np.where(np.isfinite(x), _turned(*_parts(x)), np.nan)


def cos(x: Any) -> Any:
    """The cosine; NaN where x is not finite."""
    x = np.asarray(x, np.float64)
    s, c, quarter = _parts(x)
    return np.where(np.isfinite(x), _turned(c, -s, quarter), np.nan)


def tan(x: Any) -> Any:
    """The tangent; NaN where x is not finite."""
    x = np.asarray(x, np.float64)
    s, c, quarter = _parts(x)
    with np.errstate(divide="ignore", over="ignore"):
        t = np.where(quarter % 2 == 0, s / c, -c / s)
    return np.where(np.isfinite(x), t, np.nan)


def sin_of(x: float) -> float:
    """Return what `sin` does, for one number in compiled code."""
    if not abs(x) < np.inf:
        return np.nan
    s, c, quarter = _parts_of(x)
    if quarter == 0.0:
        return s
    if quarter == 1.0:
        return c
    return -s if quarter == 2.0 else -c


def cos_of(x: float) -> float:
    """Return what `cos` does, for one number in compiled code."""
    if not abs(x) < np.inf:
        return np.nan
    s, c, quarter = _parts_of(x)
    if quarter == 0.0:
        return c
    if quarter == 1.0:
        return -s
    return -c if quarter == 2.0 else s


def tan_of(x: float) -> float:
    """Return what `tan` does, for one number in compiled code."""
    if not abs(x) < np.inf:
        return np.nan
    s, c, quarter = _parts_of(x)
    return s / c if quarter == 0.0 or quarter == 2.0 else -c / s
