"""Elementary functions that give the same bits for NumPy arrays and in compiled code.

NumPy's own exponential depends on the processor, and differs from that of the C library in the last digit. These are
additions, multiplications and divisions in a given order; the error is about one unit in the last place (of `tanh` near
0 in absolute terms, of `sinh` and `cosh` some units). Each function is there for arrays, and under its name with
``_of`` for a number in compiled code.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "cosh",
    "cosh_of",
    "exp",
    "exp_of",
    "expm1",
    "expm1_of",
    "exprel",
    "exprel_of",
    "log",
    "log10",
    "log10_of",
    "log_of",
    "sign",
    "sign_of",
    "sinh",
    "sinh_of",
    "tanh",
    "tanh_of",
]

_PER_LN2 = 1.4426950408889634
# ln 2 in two parts, the first with so few digits that its product with an exponent is exact.
_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_LOWEST, _HIGHEST = -746.0, 710.0
_HALF_ROOT = 0.7071067811865476
_FACTORIALS = tuple(1.0 / math.factorial(k) for k in range(14))
_DESCENDING = _FACTORIALS[12::-1]
_FEW = 8  # elements, for which Python is faster than NumPy
_ODD = tuple(1.0 / (2 * k + 1) for k in range(12))
_RELATIVE = tuple(1.0 / math.factorial(k + 1) for k in range(15))
_SINH = tuple(1.0 / math.factorial(2 * k + 1) for k in range(10))
_PER_LN10 = 0.4342944819032518
_POWER = 22
_POWERS_OF_TEN = tuple(float(f"1e{k}") for k in range(-_POWER, _POWER + 1))
_TABLE = np.array(_POWERS_OF_TEN)


def exp(x: Any) -> Any:
    """The exponential function, by its power series after a reduction to at most half of ln 2."""
    x = np.asarray(x, np.float64)
    if x.size <= _FEW:
        return np.array([_exp_of_number(number) for number in x.ravel().tolist()]).reshape(x.shape)[()]
    bounded = np.minimum(np.maximum(x, _LOWEST), _HIGHEST)  # NaN stays NaN in all of this
    n = np.rint(bounded * _PER_LN2)
    r = bounded - n * _LN2_HIGH
    r -= n * _LN2_LOW
    p = r * _FACTORIALS[13]
    for k in range(12, 0, -1):
        p += _FACTORIALS[k]
        p *= r
    p += _FACTORIALS[0]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # NaN becomes some whole number
        return np.ldexp(p, n.astype(np.int64))


def _exp_of_number(x: float) -> float:
    """Return what `exp` does, for one number of Python's: in a tenth of the time of an array of one element."""
    if x != x:
        return x
    bounded = min(max(x, _LOWEST), _HIGHEST)
    n = round(bounded * _PER_LN2)  # like `rint` to the even one of two
    r = (bounded - n * _LN2_HIGH) - n * _LN2_LOW
    p = _FACTORIALS[13]
    for factor in _DESCENDING:
        p = p * r + factor
    try:
        return math.ldexp(p, n)
    except OverflowError:
        return math.inf


def exp_of(x: float) -> float:
    """Return what `exp` does, for one number in compiled code."""
    if x != x:
        return x
    bounded = min(max(x, _LOWEST), _HIGHEST)
    n = np.rint(bounded * _PER_LN2)
    r = (bounded - n * _LN2_HIGH) - n * _LN2_LOW
    p = _FACTORIALS[13]
    for k in range(12, -1, -1):
        p = p * r + _FACTORIALS[k]
    return math.ldexp(p, int(n))


def log(x: Any) -> Any:
    """The natural logarithm, by the series of the inverse hyperbolic tangent; -inf at 0 and NaN below it."""
    x = np.asarray(x, np.float64)
    valid = (x > 0) & (x < np.inf)
    m, e = np.frexp(np.where(valid, x, 1.0))
    small = m < _HALF_ROOT
    m = np.where(small, m * 2.0, m)
    e = np.where(small, e - 1, e).astype(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = np.full(x.shape, _ODD[11])
    for k in range(10, -1, -1):
        p = p * z + _ODD[k]
    result = e * _LN2_HIGH + (e * _LN2_LOW + (2.0 * s) * p)
    return np.where(valid, result, np.where(x == 0, -np.inf, np.where(x > 0, x, np.nan)))


def log_of(x: float) -> float:
    """Return what `log` does, for one number in compiled code."""
    if not (x > 0.0 and x < np.inf):
        if x == 0.0:
            return -np.inf
        return x if x > 0.0 else np.nan
    m, exponent = math.frexp(x)
    e = float(exponent)
    if m < _HALF_ROOT:
        m = m * 2.0
        e = e - 1.0
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = _ODD[11]
    for k in range(10, -1, -1):
        p = p * z + _ODD[k]
    return e * _LN2_HIGH + (e * _LN2_LOW + (2.0 * s) * p)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    x = np.asarray(x, np.float64)
    t = exp(-2.0 * np.minimum(np.abs(x), _HIGHEST))
    return np.copysign((1.0 - t) / (1.0 + t), x)


def tanh_of(x: float) -> float:
    """Return what `tanh` does, for one number in compiled code."""
    if x != x:
        return x
    t = exp_of(-2.0 * min(abs(x), _HIGHEST))
    return math.copysign((1.0 - t) / (1.0 + t), x)


def log10(x: Any) -> Any:
    """The decimal logarithm; a whole number at powers of ten up to 1e22."""
    x = np.asarray(x, np.float64)
    result = log(x) * _PER_LN10
    whole = np.rint(np.where(np.isfinite(result), result, 0.0))
    place = (np.minimum(np.maximum(whole, -_POWER), _POWER) + _POWER).astype(np.int64)
    return np.where(_TABLE[place] == x, whole, result)


def log10_of(x: float) -> float:
    """Return what `log10` does, for one number in compiled code."""
    result = log_of(x) * _PER_LN10
    if not abs(result) < np.inf:
        return result
    whole = np.rint(result)
    place = int(min(max(whole, -_POWER), _POWER) + _POWER)
    return whole if _POWERS_OF_TEN[place] == x else result


def _relative(x: Any) -> Any:
    p = np.full(x.shape, _RELATIVE[14])
    for k in range(13, -1, -1):
        p = p * x + _RELATIVE[k]
    return p


def exprel(x: Any) -> Any:
    """``(exp(x) - 1) / x``, 1 at 0: by its series near 0."""
    x = np.asarray(x, np.float64)
    near = np.abs(x) < 0.5
    divisor = np.where(near, 1.0, np.minimum(x, _HIGHEST))
    return np.where(near, _relative(np.where(near, x, 0.0)), (exp(x) - 1.0) / divisor)


def exprel_of(x: float) -> float:
    """Return what `exprel` does, for one number in compiled code."""
    if not abs(x) < 0.5:
        return (exp_of(x) - 1.0) / (x if x != x else min(x, _HIGHEST))
    p = _RELATIVE[14]
    for k in range(13, -1, -1):
        p = p * x + _RELATIVE[k]
    return p


def expm1(x: Any) -> Any:
    """``exp(x) - 1``: by its series near 0."""
    x = np.asarray(x, np.float64)
    near = np.abs(x) < 0.5
    small = np.where(near, x, 0.0)
    return np.where(near, small * _relative(small), exp(x) - 1.0)


def expm1_of(x: float) -> float:
    """Return what `expm1` does, for one number in compiled code."""
    return x * exprel_of(x) if abs(x) < 0.5 else exp_of(x) - 1.0


def sinh(x: Any) -> Any:
    """The hyperbolic sine: by its series below 1."""
    x = np.asarray(x, np.float64)
    near = np.abs(x) < 1.0
    small = np.where(near, x, 0.0)
    z = small * small
    p = np.full(x.shape, _SINH[9])
    for k in range(8, -1, -1):
        p = p * z + _SINH[k]
    root = exp(0.5 * np.abs(x))
    with np.errstate(over="ignore"):
        return np.where(near, small * p, np.copysign((0.5 * root) * root - (0.5 / root) / root, x))


def sinh_of(x: float) -> float:
    """Return what `sinh` does, for one number in compiled code."""
    if abs(x) < 1.0:
        z = x * x
        p = _SINH[9]
        for k in range(8, -1, -1):
            p = p * z + _SINH[k]
        return x * p
    root = exp_of(0.5 * abs(x))
    return math.copysign((0.5 * root) * root - (0.5 / root) / root, x)


def cosh(x: Any) -> Any:
    """The hyperbolic cosine."""
    root = exp(0.5 * np.abs(np.asarray(x, np.float64)))
    with np.errstate(over="ignore"):
        return (0.5 * root) * root + (0.5 / root) / root


def cosh_of(x: float) -> float:
    """Return what `cosh` does, for one number in compiled code."""
    root = exp_of(0.5 * abs(x))
    return (0.5 * root) * root + (0.5 / root) / root


def sign(x: Any) -> Any:
    """1, 0 or -1."""
    x = np.asarray(x, np.float64)
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, np.where(x == 0, 0.0, x)))


def sign_of(x: float) -> float:
    """Return what `sign` does, for one number in compiled code."""
    if x > 0.0:
        return 1.0
    if x < 0.0:
        return -1.0
    return 0.0 if x == 0.0 else x
