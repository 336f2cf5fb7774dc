"""`izhikevich.Izhikevich` in compiled form, in the same order of operations; see `kernel_leaky`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiling import at, compile_loop, plus

__all__ = ["izhikevich"]


@compile_loop
def izhikevich(
    c: Any, substep: float, substeps: int, v: Any, u: Any, to_exc: Any, to_inh: Any, current: Any, flag: Any
) -> None:
    """One step of a population."""
    # The substeps of all neurons one after the other: a loop within the loop would not be vectorised.
    for _ in range(substeps):
        for i in range(len(v)):
            x = v[i]
            drive = at(c[0], i) - u[i]
            drive = plus(drive, 1000.0, current, i)
            x = x + substep * ((0.04 * x + 5.0) * x + drive)
            v[i] = 30.0 if x > 30.0 else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w + at(c[1], i) * (at(c[2], i) * x - w)
        y = x + to_exc[i]
        y = y + to_inh[i]
        to_exc[i] = 0.0
        to_inh[i] = 0.0
        f = (x >= 30.0) | (y >= 30.0)
        v[i] = at(c[3], i) if f else y
        u[i] = w + at(c[4], i) if f else w
        flag[i] = np.uint8(f)
