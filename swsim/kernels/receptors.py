"""The receptors of `neurons.point_neuron` in compiled form, any number of any shape; see `frame`."""

from __future__ import annotations

from typing import Any

from ..neurons.point_neuron import ReceptorCoefficients
from .jit import compile_part

__all__ = ["arrive", "hidden_variables", "mean_input"]

_DECAY, _MEAN, _FEED, _RISE_DECAY, _RISE_STEP, _MEAN_RISE, _REVERSAL, _RISES, _OPENS = range(
    len(ReceptorCoefficients._fields)
)
_ROWS = len(ReceptorCoefficients._fields)


@compile_part
def hidden_variables(c: Any, first: int, receptors: int, i: int) -> int:
    """Return how many hidden variables the receptors of a neuron have."""
    count = 0
    for receptor in range(receptors):
        if c[first + receptor * _ROWS + _RISES, i] > 0.0:
            count += 1
    return count


@compile_part
def mean_input(c: Any, first: int, s: Any, variables: int, receptors: int, i: int) -> tuple[float, float]:
    """Return the mean conductance and current of a neuron over the coming step, as `PointNeuron._input` does.

    The coefficients of its receptors are those from row ``first`` on, and their variables those from ``variables`` on,
    behind which the hidden ones lie.
    """
    conductance = current = 0.0
    rise = variables + receptors
    for receptor in range(receptors):
        row = first + receptor * _ROWS
        mean = c[row + _MEAN, i] * s[variables + receptor, i]
        if c[row + _RISES, i] > 0.0:
            mean = mean + c[row + _MEAN_RISE, i] * s[rise, i]
            rise += 1
        if c[row + _OPENS, i] > 0.0:
            conductance = conductance + mean
            current = current + mean * c[row + _REVERSAL, i]
        else:
            current = current + mean
    return conductance, current


@compile_part
def arrive(c: Any, first: int, s: Any, variables: int, receptors: int, arriving: Any, i: int) -> None:
    """Take the receptors of a neuron to the new grid point, with the weights that act there; these are cleared."""
    rise = variables + receptors
    for receptor in range(receptors):
        row = first + receptor * _ROWS
        weight = arriving[receptor, i]
        arriving[receptor, i] = 0.0
        g = s[variables + receptor, i] * c[row + _DECAY, i]
        if c[row + _RISES, i] > 0.0:
            x = s[rise, i]
            g = g + c[row + _FEED, i] * x
            x = x * c[row + _RISE_DECAY, i]
            s[rise, i] = x + c[row + _RISE_STEP, i] * weight
            rise += 1
        else:
            g = g + weight
        s[variables + receptor, i] = g
