"""The leaky neurons of `neurons` with any receptors in compiled form, in the same order of operations; see `frame`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..integration.exponential_euler import STRONG
from ..neurons.conductance_based import ChannelCoefficients, ConductanceCoefficients
from ..neurons.lif import CurrentCoefficients, PerReceptorCoefficients
from ..neurons.point_neuron import ReceptorCoefficients
from .frame import unpack
from .jit import compile_part
from .lif import strong, weak
from .receptors import arrive

__all__ = ["CHANNEL", "PER_RECEPTOR", "leaky_conductances", "leaky_currents", "open_channels", "relaxed"]

PER_RECEPTOR = len(ReceptorCoefficients._fields)
CHANNEL = len(ChannelCoefficients._fields)
"""The number of coefficients of a receptor, and of a conductance."""

_RISES = ReceptorCoefficients._fields.index("rises")

_DECAY, _CONSTANT, _PER_CURRENT, _RESET, _THRESHOLD = range(len(CurrentCoefficients._fields))
_PER_UNIT, _PER_RISE = range(len(PerReceptorCoefficients._fields))
_FIRST = len(CurrentCoefficients._fields)
_UNITS = len(PerReceptorCoefficients._fields)

(
    _G_LEAK, _G_DRIVE, _G_PER_CURRENT, _G_ORIGIN, _G_CORRECTION, _G_RESET, _G_THRESHOLD, _G_MEMORIES,
) = range(len(ConductanceCoefficients._fields))  # fmt: skip
_SHARE, _SHARE_RISE, _DISTANCE, _MEMORY_DECAY, _JUMP = range(len(ChannelCoefficients._fields))
_G_FIRST = len(ConductanceCoefficients._fields)


@compile_part
def _fire(x: float, reset: float, threshold: float, hold: Any, left: Any, fired: Any, i: int) -> float:
    """Return the potential after the test of the threshold, and note in the arrays whether the neuron fires."""
    if left[i] > 0:
        x = reset
        left[i] -= 1
    fires = x >= threshold
    if fires:
        x = reset
        left[i] = hold[i]
    fired[i] = np.uint8(fires)
    return x


def leaky_currents(frame: Any) -> None:
    """Advance leaky neurons with synaptic currents, as `lif.CurrAlpha`."""
    begin, end, _, _, receptors, c, s, hold, left, fired, arriving, current = unpack(frame)
    units = _FIRST + receptors * PER_RECEPTOR
    for i in range(begin, end):
        x = s[0, i] * c[_DECAY, i]
        x = x + c[_CONSTANT, i]
        rise = 1 + receptors
        for receptor in range(receptors):
            row = units + receptor * _UNITS
            x = x + s[1 + receptor, i] * c[row + _PER_UNIT, i]
            if c[_FIRST + receptor * PER_RECEPTOR + _RISES, i] > 0.0:
                x = x + c[row + _PER_RISE, i] * s[rise, i]
                rise += 1
        if len(current):
            x = x + c[_PER_CURRENT, i] * current[i]
        arrive(c, _FIRST, s, 1, receptors, arriving, i)
        s[0, i] = _fire(x, c[_RESET, i], c[_THRESHOLD, i], hold, left, fired, i)


@compile_part
def open_channels(
    c: Any, s: Any, first: int, variables: int, receptors: int, memories: int, drive: float, i: int
) -> tuple[float, float]:
    """Return a neuron's mean conductance in the coming step, and ``drive`` with what flows through it.

    The coefficients of its receptors are those from row ``first`` on, with those of all conductances behind; their
    variables are those from ``variables`` on, and those of ``memories`` the first behind v.
    """
    channels, rise = first + receptors * PER_RECEPTOR, variables + receptors
    total = 0.0
    for channel in range(receptors + memories):
        row = channels + channel * CHANNEL
        variable = variables + channel if channel < receptors else 1 + channel - receptors
        mean = s[variable, i] * c[row + _SHARE, i]
        if channel < receptors and c[first + channel * PER_RECEPTOR + _RISES, i] > 0.0:
            mean = mean + c[row + _SHARE_RISE, i] * s[rise, i]
            rise += 1
        if channel == 0:  # from whose reversal potential the others are counted
            total = mean
        else:
            total = total + mean
            drive = drive + mean * c[row + _DISTANCE, i]
    return total, drive


@compile_part
def relaxed(v: float, total: float, drive: float, origin: float, correction: float) -> float:
    """Return the potential after a step, see `exponential_euler.relax`."""
    return strong(v, total, drive, origin) if total > STRONG else weak(v, total, drive, origin, correction)


def leaky_conductances(frame: Any) -> None:
    """Advance leaky neurons with synaptic conductances, as `lif.CondAlpha`, and conductances that follow spikes."""
    begin, end, _, _, receptors, c, s, hold, left, fired, arriving, current = unpack(frame)
    channels = _G_FIRST + receptors * PER_RECEPTOR
    for i in range(begin, end):
        memories = int(c[_G_MEMORIES, i])
        variables = 1 + memories
        total, drive = open_channels(c, s, _G_FIRST, variables, receptors, memories, c[_G_DRIVE, i], i)
        total = total + c[_G_LEAK, i]
        if len(current):
            drive = drive + c[_G_PER_CURRENT, i] * current[i]
        x = relaxed(s[0, i], total, drive, c[_G_ORIGIN, i], c[_G_CORRECTION, i])
        arrive(c, _G_FIRST, s, variables, receptors, arriving, i)
        s[0, i] = _fire(x, c[_G_RESET, i], c[_G_THRESHOLD, i], hold, left, fired, i)
        for memory in range(memories):
            row = channels + (receptors + memory) * CHANNEL
            g = s[1 + memory, i] * c[row + _MEMORY_DECAY, i]
            s[1 + memory, i] = g + c[row + _JUMP, i] if fired[i] else g
