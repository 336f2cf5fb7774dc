"""Real weights as whole numbers: a scale for each neuron."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.params import CoreParams

from .cells import Form

__all__ = ["Weights", "choose_shift", "choose_state_bits", "largest_scale", "scales", "weight_range"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SHIFTS = range(13)
_ALMOST = 1 + 1e-12
_DOWN = 0.4999999  # what is still rounded down
_USUAL_BITS, _MOST_BITS = 18, 32
_LOST_SHARE = 0.01


@dataclass(frozen=True)
class Weights:
    """The entries of the crossbars, shape (entries,) each.

    Attributes
    ----------
    cell
        The neuron, as an index into the `Form`.
    value
        What the potential is raised by, in its unit.
    """

    cell: Ints
    value: Floats

    def extremes(self, cells: int) -> tuple[Floats, Floats]:
        """The largest value, and the largest with a minus sign, of each neuron, shape (cells,); 0 if there is none."""
        highest, lowest = np.zeros(cells), np.zeros(cells)
        np.maximum.at(highest, self.cell, self.value)
        np.maximum.at(lowest, self.cell, -self.value)
        return highest + 0.0, lowest + 0.0  # a zero without a sign


def weight_range(bits: int) -> tuple[int, int]:
    """Return the lowest and the highest weight of so many bits; a single bit is 0 or 1."""
    return (0, 1) if bits == 1 else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def largest_scale(form: Form, weights: Weights, state_bits: int, headroom: float) -> Floats:
    """Return how many units of the chip a unit of each neuron's potential may be, shape (cells,), for its state to fit.

    The threshold may be the largest potential there is, divided by ``headroom``, so that there is room for potentials
    far below and for currents; the reset, the bias, the initial state and a single weight just fit.
    """
    cells = len(form.offset)
    spans = [headroom * np.abs(form.threshold), form.reset, form.bias, form.v, *form.u, *weights.extremes(cells)]
    span = np.max(np.abs(spans), axis=0)
    return ((1 << (state_bits - 1)) - 1) / np.maximum(span, np.finfo(float).tiny)


def _bound(weights: Weights, top: Floats, core_bits: int, shift: int) -> Floats:
    """Lower scales ``top`` to where all weights, rounded, fit their bits."""
    lowest, highest = weight_range(core_bits)
    positive, negative = weights.extremes(len(top))
    # 0 / 0: no negative weights where there can be none.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        fits = np.fmin((highest + _DOWN) / positive, (_DOWN - lowest) / negative) * (1 << shift)
    return np.minimum(top, fits)


def _lost(form: Form) -> Floats:
    """Units of the chip by which truncation lowers the potential of each neuron that is always active, shape (cells,).

    A product is truncated in every tick, by half a unit in the mean, of the current and of the potential; what either
    lacks by then decays as it does itself, so that it grows to half a unit / (1 - keep).
    """
    leak, decay = (np.maximum(1.0 - keep, 1.0 / 4096) for keep in (form.keep, form.keep_current.max(axis=0)))
    return 0.5 / leak * (1.0 + np.where(form.keep_current.any(axis=0), 1.0 / decay, 0.0))


def choose_state_bits(form: Form, weights: Weights, headroom: float) -> int:
    """Return the least ``state_bits``, from 18 on, with which truncation lowers potentials by 1 % of the threshold.

    That is in the mean over the neurons; small time steps need more, for what arrives in one is small then.
    """
    if form.exact.all():
        return _USUAL_BITS
    threshold = np.maximum(np.abs(form.threshold), np.finfo(float).tiny)
    for bits in range(_USUAL_BITS, _MOST_BITS):
        share = _lost(form) / (largest_scale(form, weights, bits, headroom) * threshold)
        if np.mean(share[~form.exact]) <= _LOST_SHARE:
            return bits
    return _MOST_BITS


def choose_shift(form: Form, weights: Weights, core: CoreParams, headroom: float) -> int:
    """Return the ``weight_shift`` with the smallest expected error of the potentials, of the cores' other parameters.

    For each neuron, as a share of its threshold: the rounding errors of all its weights (uniform and independent, so
    that their squares add), and what is lost by truncation (`_lost`). What is returned makes their mean over the
    neurons least.
    """
    cells = len(form.offset)
    if not cells or not len(weights.cell):
        return 0
    top = largest_scale(form, weights, core.state_bits, headroom)
    synapses = np.bincount(weights.cell, minlength=cells)
    threshold = np.maximum(np.abs(form.threshold), np.finfo(float).tiny)
    loss = _lost(form)
    errors = []
    for shift in _SHIFTS:
        scale = _bound(weights, top, core.weight_bits, shift)
        rounding = np.sqrt(synapses / 12.0) * float(1 << shift)
        errors.append(float(np.mean((rounding + loss) / (scale * threshold))))
    return _SHIFTS[int(np.argmin(errors))]


def scales(form: Form, weights: Weights, group: Ints, core: CoreParams, headroom: float) -> Floats:
    """Return the units of the chip per unit of each neuron's potential, shape (cells,).

    Of the scales with which everything fits, the one with the least squared error of the weights (Hwang and Sung 2014,
    IEEE SiPS, choose a quantiser's step so), searched among those that make the largest weight a whole number. A scale
    below half of the largest is never better, for with twice as much every weight is rounded at least as well. Weights
    are not clipped. Cells of equal ``group``, shape (cells,), get equal scales. Whole-number cells have 1.
    """
    groups = int(group.max(initial=-1)) + 1
    top = np.full(groups, np.inf)
    fits = _bound(weights, largest_scale(form, weights, core.state_bits, headroom), core.weight_bits, core.weight_shift)
    np.minimum.at(top, group[~form.exact], fits[~form.exact])
    size = np.zeros(groups)
    member = group[weights.cell]
    np.maximum.at(size, member, np.abs(weights.value))
    step = float(1 << core.weight_shift)
    most = np.where(
        (size > 0) & np.isfinite(top), np.floor(np.where(np.isfinite(top), top, 0) * size / step * _ALMOST), 0
    )
    best, least = top.copy(), np.full(groups, np.inf)
    for below in range(int(most.max(initial=0)) // 2 + 1):
        whole = most - below
        tried = (whole >= 1) & (whole * 2 > most)
        if not tried.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(tried, whole * step / size, 1.0)
        units = scale[member] / step
        error = np.bincount(member, (np.rint(weights.value * units) / units - weights.value) ** 2, groups)
        better = tried & (error < least * (1 - 1e-9))
        best, least = np.where(better, scale, best), np.where(better, error, least)
    return np.where(form.exact, 1.0, best[group])
