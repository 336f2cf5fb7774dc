"""The leaky neurons of `leaky` in compiled form: one step of a population.

Every operation is in the order in which the NumPy models do it, so that both give the same bits. Coefficients ``c`` are
arrays, or numbers where all neurons have the same; ``current`` may be None. What has arrived is cleared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..integration.exponential_euler import SHIFT, STRONG
from ..integration.pade_exponential import EVEN, LARGEST, ODD, QUARTER
from .jit import at, compile_loop, plus

__all__ = ["cond_exp", "curr_delta", "curr_exp"]


@compile_loop
def curr_exp(
    c: Any, hold: Any, v: Any, exc: Any, inh: Any, left: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """`lif.CurrExp`."""
    for i in range(len(v)):
        x = v[i] * at(c[0], i)
        x = x + at(c[1], i)
        x = x + at(c[2], i) * exc[i]
        x = x + at(c[3], i) * inh[i]
        x = plus(x, at(c[4], i), current, i)
        r = left[i]
        x = at(c[7], i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        exc[i] = exc[i] * at(c[5], i) + to_exc[i]
        inh[i] = inh[i] * at(c[6], i) + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        f = x >= at(c[8], i)
        v[i] = at(c[7], i) if f else x
        left[i] = at(hold, i) if f else r
        flag[i] = np.uint8(f)


@compile_loop
def curr_delta(c: Any, hold: Any, v: Any, left: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any) -> None:
    """`lif.CurrDelta`."""
    for i in range(len(v)):
        x = v[i] * at(c[0], i)
        x = x + at(c[1], i)
        x = plus(x, at(c[2], i), current, i)
        x = x + to_exc[i]
        x = x + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        r = left[i]
        x = at(c[3], i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        f = x >= at(c[4], i)
        v[i] = at(c[3], i) if f else x
        left[i] = at(hold, i) if f else r
        flag[i] = np.uint8(f)


@compile_loop
def _total(c: Any, exc: Any, g_inh: float, i: int) -> float:
    """The total conductance of `lif.CondExp`."""
    return (at(c[5], i) * exc[i] + g_inh) + at(c[0], i)


@compile_loop
def _any_strong(c: Any, exc: Any, inh: Any) -> bool:
    """Whether some conductance is one for `_strong`."""
    strong = 0
    for i in range(len(exc)):
        strong += int(_total(c, exc, at(c[6], i) * inh[i], i) > STRONG)
    return strong > 0


@compile_loop
def _weak(v: float, total: float, drive: float, origin: float, correction: float) -> float:
    """`exponential_euler.relax` for a weak conductance, operation by operation."""
    d = total + SHIFT
    d = d * d
    d = d + correction
    return v + (drive - total * (v - origin)) / d


@compile_loop
def _strong(v: float, total: float, drive: float, origin: float) -> float:
    """`exponential_euler.relax` for a strong conductance, operation by operation."""
    # `pade_exponential.falling`.
    w = total * QUARTER
    w = LARGEST if w > LARGEST else w
    even = w * w
    odd = (even + ODD) * w
    even = even + EVEN
    p = (even - odd) / (even + odd)
    p = p * p
    p = p * p
    target = drive / total + origin
    return (v - target) * p + target


@compile_loop
def cond_exp(
    c: Any, hold: Any, v: Any, exc: Any, inh: Any, left: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """`lif.CondExp`."""
    any_strong = _any_strong(c, exc, inh)  # most often not, and the loop is made twice
    for i in range(len(v)):
        g_inh = at(c[6], i) * inh[i]
        total = _total(c, exc, g_inh, i)
        drive = plus(at(c[1], i) + g_inh * at(c[4], i), at(c[2], i), current, i)
        x = _weak(v[i], total, drive, at(c[3], i), at(c[11], i))
        if any_strong:
            y = _strong(v[i], total, drive, at(c[3], i))
            x = y if total > STRONG else x
        r = left[i]
        x = at(c[9], i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        exc[i] = exc[i] * at(c[7], i) + to_exc[i]
        inh[i] = inh[i] * at(c[8], i) + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        f = x >= at(c[10], i)
        v[i] = at(c[9], i) if f else x
        left[i] = at(hold, i) if f else r
        flag[i] = np.uint8(f)
