"""The neurons of `neurons.izhikevich` in compiled form, in the same order of operations; see `lif`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..neurons.izhikevich import Izhikevich9Coefficients, IzhikevichCoefficients
from .jit import at, compile_loop, plus
from .network import Window

__all__ = ["IzhikevichState", "izhikevich", "izhikevich_9"]


class IzhikevichState(NamedTuple):
    """The state variables of both models."""

    v: Any
    u: Any


@compile_loop
def izhikevich(c: IzhikevichCoefficients, s: IzhikevichState, n: Window, current: Any, substeps: int) -> None:
    """Advance neurons of `neurons.izhikevich.Izhikevich`."""
    v, u = s.v, s.u
    substep = at(c.substep, 0)  # it is the same for all
    square, linear, per_current = 0.04 * substep, 5.0 * substep + 1.0, 1000.0 * substep
    # The substeps of all neurons one after the other: a loop within the loop would not be vectorised.
    for _ in range(substeps):
        for i in range(len(v)):
            x = v[i]
            drive = at(c.offset, i) - substep * u[i]
            drive = plus(drive, per_current, current, i)
            x = (square * x + linear) * x + drive
            v[i] = 30.0 if x > 30.0 else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w * at(c.kept, i) + at(c.gain, i) * x
        y = x + n.excitation[i]
        y = y + n.inhibition[i]
        n.excitation[i] = 0.0
        n.inhibition[i] = 0.0
        f = (x >= 30.0) | (y >= 30.0)
        v[i] = at(c.v_reset, i) if f else y
        u[i] = w + at(c.u_jump, i) if f else w
        n.fired[i] = np.uint8(f)


@compile_loop
def izhikevich_9(c: Izhikevich9Coefficients, s: IzhikevichState, n: Window, current: Any, substeps: int) -> None:
    """Advance neurons of `neurons.izhikevich.Izhikevich9`."""
    v, u = s.v, s.u
    for _ in range(substeps):
        for i in range(len(v)):
            x = v[i]
            drive = at(c.offset, i) - u[i]
            drive = plus(drive, 1000.0, current, i)
            rise = (x - at(c.v_rest, i)) * (x - at(c.v_threshold, i))
            x = x + (rise * at(c.k, i) + drive) * at(c.per_current, i)
            v[i] = at(c.v_peak, i) if x > at(c.v_peak, i) else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w + ((x - at(c.v_rest, i)) * at(c.b, i) - w) * at(c.recovery, i)
        y = x + n.excitation[i]
        y = y + n.inhibition[i]
        n.excitation[i] = 0.0
        n.inhibition[i] = 0.0
        f = (x >= at(c.v_peak, i)) | (y >= at(c.v_peak, i))
        v[i] = at(c.v_reset, i) if f else y
        u[i] = w + at(c.u_jump, i) if f else w
        n.fired[i] = np.uint8(f)
