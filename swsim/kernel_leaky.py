"""The leaky neurons of `leaky` in compiled form: one step of a population.

Every operation is in the order in which the NumPy models do it, so that both give the same bits. Coefficients ``c`` are
arrays, or numbers where all neurons have the same; ``current`` may be None. What has arrived is cleared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiling import at, compile_loop, plus
from .falling import EVEN, LARGEST, ODD, QUARTER
from .relaxing import SHIFT, STRONG

__all__ = ["cond_exp", "curr_delta", "curr_exp"]


@compile_loop
def curr_exp(
    c: Any, hold: Any, v: Any, exc: Any, inh: Any, left: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """`leaky.CurrExp`."""
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
    """`leaky.CurrDelta`."""
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
def _relaxed(v: float, total: float, drive: float, origin: float, added: float) -> float:
    """`relaxing.relax`, operation by operation."""
    d = total + SHIFT
    d = d * d
    d = d + added
    weak = v + (drive - total * (v - origin)) / d
    # `falling.falling`, operation by operation. Both are calculated, as a loop without branches is vectorised.
    w = total * QUARTER
    w = LARGEST if w > LARGEST else w
    even = w * w
    odd = (even + ODD) * w
    even = even + EVEN
    p = (even - odd) / (even + odd)
    p = p * p
    p = p * p
    target = drive / total + origin
    strong = (v - target) * p + target
    return strong if total > STRONG else weak


@compile_loop
def cond_exp(
    c: Any, hold: Any, v: Any, exc: Any, inh: Any, left: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """`leaky.CondExp`."""
    for i in range(len(v)):
        g_inh = at(c[6], i) * inh[i]
        total = (at(c[5], i) * exc[i] + g_inh) + at(c[0], i)
        drive = plus(at(c[1], i) + g_inh * at(c[4], i), at(c[2], i), current, i)
        x = _relaxed(v[i], total, drive, at(c[3], i), at(c[11], i))
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
