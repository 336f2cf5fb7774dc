"""The neurons of `neurons.gif.GIF` in compiled form, in the same order of operations; see `frame`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..neurons.gif import DecayCoefficients, GIFCoefficients
from .frame import unpack
from .jit import compile_part, exp_of, expm1_of
from .leaky import CHANNEL, PER_RECEPTOR, open_channels, relaxed
from .receptors import arrive, hidden_variables
from .synapses.short_term import uniform_of

__all__ = ["gif"]

(
    _LEAK, _DRIVE, _PER_CURRENT, _ORIGIN, _CORRECTION, _V_RESET, _DELTA_V, _V_T_STAR, _EXPECTED, _CURRENTS, _THRESHOLDS,
) = range(len(GIFCoefficients._fields))  # fmt: skip
_FIRST = len(GIFCoefficients._fields)
_DECAY, _MEAN, _JUMP = range(len(DecayCoefficients._fields))
_ELEMENT = len(DecayCoefficients._fields)

_V, _V_T, _I_ETA = range(3)
_VARIABLES = 3  # before those of the receptors


@compile_part
def _decayed(c: Any, s: Any, row: int, variable: int, elements: int, i: int) -> float:
    """Take the elements of a current or threshold over a step; return their sum."""
    total = 0.0
    for element in range(elements):
        value = s[variable + element, i] * c[row + element * _ELEMENT + _DECAY, i]
        s[variable + element, i] = value
        total = total + value
    return total


@compile_part
def _jump(c: Any, s: Any, row: int, variable: int, elements: int, i: int) -> tuple[float, float]:
    """Add what a spike does to the elements; return their sum, and that of what was added."""
    total = added = 0.0
    for element in range(elements):
        jump = c[row + element * _ELEMENT + _JUMP, i]
        value = s[variable + element, i] + jump
        s[variable + element, i] = value
        total, added = total + value, added + jump
    return total, added


def gif(frame: Any) -> None:
    """Advance neurons of `neurons.gif.GIF` with any receptors."""
    begin, end, _, _, receptors, c, s, hold, left, fired, arriving, current = unpack(frame)
    keys = s.view(np.uint64)
    currents_row = _FIRST + receptors * (PER_RECEPTOR + CHANNEL)
    for i in range(begin, end):
        currents, thresholds = int(c[_CURRENTS, i]), int(c[_THRESHOLDS, i])
        thresholds_row = currents_row + currents * _ELEMENT
        eta = _VARIABLES + receptors + hidden_variables(c, _FIRST, receptors, i)
        gamma = eta + currents
        clock = gamma + thresholds

        adapting = 0.0
        for element in range(currents):
            adapting = adapting + c[currents_row + element * _ELEMENT + _MEAN, i] * s[eta + element, i]
        flow = current[i] - adapting if len(current) else -adapting
        total, drive = open_channels(c, s, _FIRST, _VARIABLES, receptors, 0, c[_DRIVE, i], i)
        total = total + c[_LEAK, i]
        drive = drive + c[_PER_CURRENT, i] * flow
        v = relaxed(s[_V, i], total, drive, c[_ORIGIN, i], c[_CORRECTION, i])
        held = left[i] > 0
        if held:
            v = c[_V_RESET, i]
            left[i] -= 1
        arrive(c, _FIRST, s, _VARIABLES, receptors, arriving, i)

        i_eta = _decayed(c, s, currents_row, eta, currents, i)
        threshold = c[_V_T_STAR, i] + _decayed(c, s, thresholds_row, gamma, thresholds, i)
        expected = c[_EXPECTED, i] * exp_of((v - threshold) / c[_DELTA_V, i])
        fires = not held and uniform_of(keys[clock + 1, i], s[clock, i]) < -expm1_of(-expected)
        s[clock, i] += 1.0
        if fires:
            v = c[_V_RESET, i]
            left[i] = hold[i]
            i_eta, _ = _jump(c, s, currents_row, eta, currents, i)
            _, added = _jump(c, s, thresholds_row, gamma, thresholds, i)
            threshold = threshold + added
        s[_V, i], s[_V_T, i], s[_I_ETA, i] = v, threshold, i_eta
        fired[i] = np.uint8(fires)
