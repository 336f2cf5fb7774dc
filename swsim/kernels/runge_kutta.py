"""The methods of `integration.dormand_prince` and `integration.methods` for one system, in the same operations.

A model is a named tuple of one array, its constants ``p``, whose functions `defines` has noted: ``slope(y, p, k)``
writes the derivatives of the variables ``y`` to ``k``, and ``accepted(y, p)`` may change both. (Functions that are
handed over would keep Numba from caching.) The arrays are made once for all neurons of a kernel: ``y`` has as many
elements as there are variables, and ``work`` is of shape (8, variables).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import overload

from ..integration.dormand_prince import ERROR, MIN_SUBSTEP, STAGES
from .jit import compile_part, exp_of, log_of

__all__ = ["defines", "dormand_prince", "rk4"]

_A = STAGES
_E = ERROR

_FUNCTIONS: dict[type[Any], tuple[Callable[..., None], Callable[..., None]]] = {}


def defines(model: type[Any], slope: Callable[..., None], accepted: Callable[..., None]) -> None:
    """Note the compiled functions of a model."""
    _FUNCTIONS[model] = slope, accepted


def _slope(model: Any, y: Any, k: Any) -> None:
    """Call the model's ``slope``, in compiled code."""
    raise NotImplementedError("only in compiled code")


@overload(_slope, strict=False, jit_options={"forceinline": True})
def _slope_of(model: Any, y: Any, k: Any) -> Callable[..., None]:
    slope, _ = _FUNCTIONS[model.instance_class]
    return lambda model, y, k: slope(y, model.p, k)


def _accepted(model: Any, y: Any) -> None:
    """Call the model's ``accepted``, in compiled code."""
    raise NotImplementedError("only in compiled code")


@overload(_accepted, strict=False, jit_options={"forceinline": True})
def _accepted_of(model: Any, y: Any) -> Callable[..., None]:
    _, accepted = _FUNCTIONS[model.instance_class]
    return lambda model, y: accepted(y, model.p)


@compile_part
def _try_substep(model: Any, y: Any, z: Any, k: Any, h: float) -> None:
    """Write to z where a substep of length h leads from y, and to k its seven slopes."""
    n = len(y)
    _slope(model, y, k[0])
    for j in range(n):
        z[j] = y[j] + h * (0.0 + _A[0][0] * k[0, j])
    _slope(model, z, k[1])
    for j in range(n):
        z[j] = y[j] + h * (0.0 + _A[1][0] * k[0, j] + _A[1][1] * k[1, j])
    _slope(model, z, k[2])
    for j in range(n):
        z[j] = y[j] + h * (0.0 + _A[2][0] * k[0, j] + _A[2][1] * k[1, j] + _A[2][2] * k[2, j])
    _slope(model, z, k[3])
    for j in range(n):
        total = 0.0 + _A[3][0] * k[0, j] + _A[3][1] * k[1, j] + _A[3][2] * k[2, j]
        z[j] = y[j] + h * (total + _A[3][3] * k[3, j])
    _slope(model, z, k[4])
    for j in range(n):
        total = 0.0 + _A[4][0] * k[0, j] + _A[4][1] * k[1, j] + _A[4][2] * k[2, j]
        z[j] = y[j] + h * (total + _A[4][3] * k[3, j] + _A[4][4] * k[4, j])
    _slope(model, z, k[5])
    for j in range(n):  # the second weight is 0
        total = 0.0 + _A[5][0] * k[0, j] + _A[5][2] * k[2, j] + _A[5][3] * k[3, j]
        z[j] = y[j] + h * (total + _A[5][4] * k[4, j] + _A[5][5] * k[5, j])
    _slope(model, z, k[6])


@compile_part
def _worst(k: Any, h: float, tolerance: Any) -> float:
    """Return the largest error of a variable in units of its tolerance; infinity for one that is not a number."""
    worst = 0.0
    for j in range(len(tolerance)):  # the second weight is 0
        total = 0.0 + _E[0] * k[0, j] + _E[2] * k[2, j] + _E[3] * k[3, j]
        total = total + _E[4] * k[4, j] + _E[5] * k[5, j] + _E[6] * k[6, j]
        wrong = abs((h * total) / tolerance[j])
        if not wrong < np.inf:
            return np.inf
        worst = max(worst, wrong)
    return worst


@compile_part
def dormand_prince(model: Any, y: Any, work: Any, dt: float, tolerance: Any) -> None:
    """Do what `dormand_prince.integrate` does; ``tolerance`` is of shape (variables,)."""
    z, k = work[0], work[1:8]
    left = substep = dt
    shortest = dt * MIN_SUBSTEP
    while left > 0.0:
        h = substep
        _try_substep(model, y, z, k, h)
        worst = _worst(k, h, tolerance)
        if worst <= 1.0 or h <= shortest:
            _accepted(model, z)
            for j in range(len(y)):
                y[j] = z[j]
            left = left - h
            if left < dt * 1e-12:
                return
        growth = min(max(0.9 * exp_of(-0.2 * log_of(worst)), 0.2), 4.0)
        substep = min(max(h * growth, shortest), left)


@compile_part
def rk4(model: Any, y: Any, work: Any, dt: float) -> None:
    """Do what `methods.rk4` does; where it would raise, all variables become NaN."""
    z, k = work[0], work[1:5]
    n = len(y)
    half = 0.5 * dt
    _slope(model, y, k[0])
    for j in range(n):
        z[j] = y[j] + half * k[0, j]
    _slope(model, z, k[1])
    for j in range(n):
        z[j] = y[j] + half * k[1, j]
    _slope(model, z, k[2])
    for j in range(n):
        z[j] = y[j] + dt * k[2, j]
    _slope(model, z, k[3])
    finite = True
    for j in range(n):
        y[j] = y[j] + (dt / 6.0) * (((k[1, j] + k[2, j]) * 2.0 + k[0, j]) + k[3, j])
        finite &= abs(y[j]) < np.inf
    if finite:
        _accepted(model, y)
    else:
        for j in range(n):
            y[j] = np.nan
