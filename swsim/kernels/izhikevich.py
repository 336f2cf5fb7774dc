"""The neurons of `izhikevich` in compiled form, in the same order of operations; see `kernel_leaky`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import at, compile_loop, plus

__all__ = ["izhikevich", "izhikevich_9"]


@compile_loop
def izhikevich(
    c: Any, substep: float, substeps: int, v: Any, u: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """`izhikevich.Izhikevich`."""
    square, linear, per_current = 0.04 * substep, 5.0 * substep + 1.0, 1000.0 * substep
    # The substeps of all neurons one after the other: a loop within the loop would not be vectorised.
    for _ in range(substeps):
        for i in range(len(v)):
            x = v[i]
            drive = at(c[0], i) - substep * u[i]
            drive = plus(drive, per_current, current, i)
            x = (square * x + linear) * x + drive
            v[i] = 30.0 if x > 30.0 else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w * at(c[1], i) + at(c[2], i) * x
        y = x + to_exc[i]
        y = y + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        f = (x >= 30.0) | (y >= 30.0)
        v[i] = at(c[3], i) if f else y
        u[i] = w + at(c[4], i) if f else w
        flag[i] = np.uint8(f)


@compile_loop
def izhikevich_9(c: Any, substeps: int, v: Any, u: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any) -> None:
    """`izhikevich.Izhikevich9`."""
    for _ in range(substeps):
        for i in range(len(v)):
            x = v[i]
            drive = at(c[0], i) - u[i]
            drive = plus(drive, 1000.0, current, i)
            rise = (x - at(c[5], i)) * (x - at(c[7], i))
            x = x + (rise * at(c[8], i) + drive) * at(c[9], i)
            v[i] = at(c[10], i) if x > at(c[10], i) else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w + ((x - at(c[5], i)) * at(c[2], i) - w) * at(c[1], i)
        y = x + to_exc[i]
        y = y + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        f = (x >= at(c[10], i)) | (y >= at(c[10], i))
        v[i] = at(c[3], i) if f else y
        u[i] = w + at(c[4], i) if f else w
        flag[i] = np.uint8(f)
