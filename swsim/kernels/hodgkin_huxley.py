"""The neurons of `neurons.hodgkin_huxley` in compiled form, in the same order of operations; see `frame`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..neurons.hodgkin_huxley import NEAR, RATIO, SPIKE, TOLERANCE, HodgkinHuxleyCoefficients
from .frame import unpack
from .jit import compile_part, exp_of, exprel_of
from .receptors import arrive, mean_input
from .runge_kutta import defines, dormand_prince, rk4

__all__ = ["hodgkin_huxley"]

(
    _DT, _CM, _I_OFFSET, _SODIUM, _POTASSIUM, _LEAK, _LEAK_CURRENT, _V_OFFSET, _E_SODIUM, _E_POTASSIUM,
) = range(len(HodgkinHuxleyCoefficients._fields))  # fmt: skip
_FIRST = len(HodgkinHuxleyCoefficients._fields)

# Behind the coefficients: what is constant in a step.
_DRIVE, _TOTAL = range(_FIRST, _FIRST + 2)
_CONSTANTS = _FIRST + 2

_TOLERANCE = np.array(TOLERANCE)


class _Model(NamedTuple):
    p: Any


@compile_part
def _ratio(x: float) -> float:
    if abs(x) < NEAR:
        square = x * x
        series = RATIO[4]
        for k in range(3, -1, -1):
            series = series * square + RATIO[k]
        return series - 0.5 * x
    return x / (exp_of(x) - 1.0)


@compile_part
def _rates(u: float) -> tuple[float, float, float, float, float, float]:
    """Return the rates of `hodgkin_huxley.rates`."""
    return (
        1.28 * _ratio((13.0 - u) / 4.0),
        1.4 * _ratio((u - 40.0) / 5.0),
        0.128 * exp_of((17.0 - u) / 18.0),
        4.0 / (1.0 + exp_of((40.0 - u) / 5.0)),
        0.16 * _ratio((15.0 - u) / 5.0),
        0.5 * exp_of((10.0 - u) / 40.0),
    )


@compile_part
def _slope(y: Any, p: Any, k: Any) -> None:
    v, m, h, n = y[0], y[1], y[2], y[3]
    sodium = p[_SODIUM] * (m * m * m) * h
    square = n * n
    potassium = p[_POTASSIUM] * (square * square)
    rise = p[_DRIVE] - p[_TOTAL] * v
    rise = rise + (sodium * (p[_E_SODIUM] - v) + potassium * (p[_E_POTASSIUM] - v))
    m_opens, m_closes, h_opens, h_closes, n_opens, n_closes = _rates(v - p[_V_OFFSET])
    k[0] = rise / p[_CM]
    k[1] = m_opens * (1.0 - m) - m_closes * m
    k[2] = h_opens * (1.0 - h) - h_closes * h
    k[3] = n_opens * (1.0 - n) - n_closes * n


@compile_part
def _nothing(y: Any, p: Any) -> None:
    """Change nothing."""


defines(_Model, _slope, _nothing)


@compile_part
def _relaxed(gate: float, opens: float, closes: float, half: float) -> float:
    both = opens + closes
    return gate + (opens - both * gate) * half * exprel_of(-(both * half))


@compile_part
def _relax_gates(y: Any, p: Any) -> None:
    half = 0.5 * p[_DT]
    m_opens, m_closes, h_opens, h_closes, n_opens, n_closes = _rates(y[0] - p[_V_OFFSET])
    y[1] = _relaxed(y[1], m_opens, m_closes, half)
    y[2] = _relaxed(y[2], h_opens, h_closes, half)
    y[3] = _relaxed(y[3], n_opens, n_closes, half)


@compile_part
def _relax(y: Any, p: Any) -> None:
    """Do what `HodgkinHuxley._relax` does."""
    _relax_gates(y, p)
    v, m, h, n = y[0], y[1], y[2], y[3]
    sodium = p[_SODIUM] * (m * m * m) * h
    square = n * n
    potassium = p[_POTASSIUM] * (square * square)
    all_open = p[_TOTAL] + sodium + potassium
    rise = p[_DRIVE] + sodium * p[_E_SODIUM] + potassium * p[_E_POTASSIUM] - all_open * v
    per_capacity = p[_DT] / p[_CM]
    y[0] = v + rise * per_capacity * exprel_of(-(all_open * per_capacity))
    _relax_gates(y, p)


def hodgkin_huxley(frame: Any) -> None:
    """Advance neurons of `neurons.hodgkin_huxley.HodgkinHuxley` with any receptors."""
    begin, end, substeps, method, receptors, c, s, _, left, fired, arriving, current = unpack(frame)
    p, y, work = np.empty(_CONSTANTS), np.empty(4), np.empty((8, 4))
    model = _Model(p)
    for i in range(begin, end):
        for row in range(_FIRST):
            p[row] = c[row, i]
        conductance, drive = mean_input(c, _FIRST, s, 4, receptors, i)
        drive = drive + p[_I_OFFSET] + p[_LEAK_CURRENT]
        if len(current):
            drive = drive + current[i]
        p[_DRIVE], p[_TOTAL] = drive, p[_LEAK] + conductance
        before = s[0, i]
        for row in range(4):
            y[row] = s[row, i]
        if method == 0:
            dormand_prince(model, y, work, p[_DT], _TOLERANCE)
        elif method == 1:
            for _ in range(substeps):
                rk4(model, y, work, p[_DT] / substeps)
        else:
            _relax(y, p)
        for row in range(4):
            s[row, i] = y[row]
        arrive(c, _FIRST, s, 4, receptors, arriving, i)
        high = y[0] > p[_V_OFFSET] + SPIKE
        fires = high and y[0] < before and left[i] == 0
        if fires:
            left[i] = 1
        if not high:
            left[i] = 0
        fired[i] = np.uint8(fires)
