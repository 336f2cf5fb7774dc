"""The neurons of `neurons.adex` in compiled form, in the same order of operations; see `frame`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..neurons.adex import TOLERANCE, AdExCoefficients
from .frame import unpack
from .jit import compile_part, exp_of
from .receptors import arrive, mean_input
from .runge_kutta import defines, dormand_prince, rk4

__all__ = ["adex"]

(
    _DT, _CM, _I_OFFSET, _LEAK, _LEAK_CURRENT, _V_REST, _V_RESET, _V_THRESH, _PEAK, _SHARPNESS, _EXPONENTIAL, _COUPLING,
    _TAU_W, _B,
) = range(len(AdExCoefficients._fields))  # fmt: skip
_FIRST = len(AdExCoefficients._fields)

# Behind the coefficients: what is constant in a step, and what a spike within it changes.
_DRIVE, _TOTAL, _HELD, _FIRES = range(_FIRST, _FIRST + 4)
_CONSTANTS = _FIRST + 4

_TOLERANCE = np.array(TOLERANCE)


class _Model(NamedTuple):
    p: Any


@compile_part
def _slope(y: Any, p: Any, k: Any) -> None:
    v = p[_PEAK] if y[0] > p[_PEAK] else y[0]
    onset = p[_EXPONENTIAL] * exp_of((v - p[_V_THRESH]) / p[_SHARPNESS])
    rise = (p[_DRIVE] - p[_TOTAL] * v + onset - y[1]) / p[_CM]
    k[0] = 0.0 if p[_HELD] > 0.0 else rise
    k[1] = (p[_COUPLING] * (v - p[_V_REST]) - y[1]) / p[_TAU_W]


@compile_part
def _spike(y: Any, p: Any) -> None:
    if y[0] >= p[_PEAK] and not p[_HELD] > 0.0:
        p[_HELD] = p[_FIRES] = 1.0
        y[0] = p[_V_RESET]
        y[1] = y[1] + p[_B]


defines(_Model, _slope, _spike)


def adex(frame: Any) -> None:
    """Advance neurons of `neurons.adex.AdEx` with any receptors."""
    begin, end, _, method, receptors, c, s, hold, left, fired, arriving, current = unpack(frame)
    p, y, work = np.empty(_CONSTANTS), np.empty(2), np.empty((8, 2))
    model = _Model(p)
    for i in range(begin, end):
        for row in range(_FIRST):
            p[row] = c[row, i]
        conductance, drive = mean_input(c, _FIRST, s, 2, receptors, i)
        drive = drive + p[_I_OFFSET] + p[_LEAK_CURRENT]
        if len(current):
            drive = drive + current[i]
        p[_DRIVE], p[_TOTAL] = drive, p[_LEAK] + conductance
        p[_HELD] = p[_FIRES] = 0.0
        y[0], y[1] = s[0, i], s[1, i]
        if left[i] > 0:
            p[_HELD] = 1.0
            y[0] = p[_V_RESET]
            left[i] -= 1
        if method == 0:
            dormand_prince(model, y, work, p[_DT], _TOLERANCE)
        else:
            rk4(model, y, work, p[_DT])
        s[0, i], s[1, i] = y[0], y[1]
        fires = p[_FIRES] > 0.0
        if fires:
            left[i] = hold[i]
        fired[i] = np.uint8(fires)
        arrive(c, _FIRST, s, 2, receptors, arriving, i)
