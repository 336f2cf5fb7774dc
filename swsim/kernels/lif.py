"""The leaky neurons of `neurons.lif` in compiled form: one step of a population, see `registry.Kernel`.

Every operation is in the order in which the NumPy models do it, so that both give the same bits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..integration.exponential_euler import SHIFT, STRONG
from ..integration.pade_exponential import EVEN, LARGEST, ODD, QUARTER
from ..neurons.lif import CondExpCoefficients, CurrDeltaCoefficients, CurrExpCoefficients
from .jit import at, compile_loop, plus
from .network import Window

__all__ = ["CondExpState", "CurrDeltaState", "CurrExpState", "cond_exp", "curr_delta", "curr_exp", "strong", "weak"]


class CurrExpState(NamedTuple):
    """The state variables of `neurons.lif.CurrExp`."""

    v: Any
    isyn_exc: Any
    isyn_inh: Any


class CurrDeltaState(NamedTuple):
    """The state variable of `neurons.lif.CurrDelta`."""

    v: Any


class CondExpState(NamedTuple):
    """The state variables of `neurons.lif.CondExp`."""

    v: Any
    gsyn_exc: Any
    gsyn_inh: Any


@compile_loop
def curr_exp(c: CurrExpCoefficients, s: CurrExpState, n: Window, current: Any, substeps: int) -> None:
    """Advance neurons of `neurons.lif.CurrExp`."""
    v, exc, inh = s.v, s.isyn_exc, s.isyn_inh
    for i in range(len(v)):
        x = v[i] * at(c.decay, i)
        x = x + at(c.constant, i)
        x = x + at(c.per_exc, i) * exc[i]
        x = x + at(c.per_inh, i) * inh[i]
        x = plus(x, at(c.per_current, i), current, i)
        r = n.refractory[i]
        x = at(c.v_reset, i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        exc[i] = exc[i] * at(c.exc_decay, i) + n.excitation[i]
        inh[i] = inh[i] * at(c.inh_decay, i) + n.inhibition[i]
        n.excitation[i] = 0.0
        n.inhibition[i] = 0.0
        f = x >= at(c.v_thresh, i)
        v[i] = at(c.v_reset, i) if f else x
        n.refractory[i] = at(n.refractory_steps, i) if f else r
        n.fired[i] = np.uint8(f)


@compile_loop
def curr_delta(c: CurrDeltaCoefficients, s: CurrDeltaState, n: Window, current: Any, substeps: int) -> None:
    """Advance neurons of `neurons.lif.CurrDelta`."""
    v = s.v
    for i in range(len(v)):
        x = v[i] * at(c.decay, i)
        x = x + at(c.constant, i)
        x = plus(x, at(c.per_current, i), current, i)
        x = x + n.excitation[i]
        x = x + n.inhibition[i]
        n.excitation[i] = 0.0
        n.inhibition[i] = 0.0
        r = n.refractory[i]
        x = at(c.v_reset, i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        f = x >= at(c.v_thresh, i)
        v[i] = at(c.v_reset, i) if f else x
        n.refractory[i] = at(n.refractory_steps, i) if f else r
        n.fired[i] = np.uint8(f)


@compile_loop
def _total(c: CondExpCoefficients, exc: Any, g_inh: float, i: int) -> float:
    """Return the total conductance of `lif.CondExp`."""
    return (at(c.exc_share, i) * exc[i] + g_inh) + at(c.leak, i)


@compile_loop
def _any_strong(c: CondExpCoefficients, exc: Any, inh: Any) -> bool:
    """Return whether some conductance is one for `strong`."""
    count = 0
    for i in range(len(exc)):
        count += int(_total(c, exc, at(c.inh_share, i) * inh[i], i) > STRONG)
    return count > 0


@compile_loop
def weak(v: float, total: float, drive: float, origin: float, correction: float) -> float:
    """Relax the potential with a weak conductance as `exponential_euler.relax` does, operation by operation."""
    d = total + SHIFT
    d = d * d
    d = d + correction
    return v + (drive - total * (v - origin)) / d


@compile_loop
def strong(v: float, total: float, drive: float, origin: float) -> float:
    """Relax the potential with a strong conductance as `exponential_euler.relax` does, operation by operation."""
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
def cond_exp(c: CondExpCoefficients, s: CondExpState, n: Window, current: Any, substeps: int) -> None:
    """Advance neurons of `neurons.lif.CondExp`."""
    v, exc, inh = s.v, s.gsyn_exc, s.gsyn_inh
    any_strong = _any_strong(c, exc, inh)  # most often not, and the loop is made twice
    for i in range(len(v)):
        g_inh = at(c.inh_share, i) * inh[i]
        total = _total(c, exc, g_inh, i)
        drive = plus(at(c.drive, i) + g_inh * at(c.inh_distance, i), at(c.per_current, i), current, i)
        x = weak(v[i], total, drive, at(c.origin, i), at(c.correction, i))
        if any_strong:
            y = strong(v[i], total, drive, at(c.origin, i))
            x = y if total > STRONG else x
        r = n.refractory[i]
        x = at(c.v_reset, i) if r > 0 else x
        r = r - np.int32(1) if r > 0 else r
        exc[i] = exc[i] * at(c.exc_decay, i) + n.excitation[i]
        inh[i] = inh[i] * at(c.inh_decay, i) + n.inhibition[i]
        n.excitation[i] = 0.0
        n.inhibition[i] = 0.0
        f = x >= at(c.v_thresh, i)
        v[i] = at(c.v_reset, i) if f else x
        n.refractory[i] = at(n.refractory_steps, i) if f else r
        n.fired[i] = np.uint8(f)
