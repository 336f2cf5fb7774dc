"""Weights in whole numbers, and what cannot be one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core import CoreParams
from synaptile.swsim.onchip import OnChipNetwork

from ..errors import MappingError
from .cells import Form
from .quantisation import Weights, weight_range

__all__ = ["check_signs", "whole_weights"]

Ints = npt.NDArray[np.int64]


def check_signs(network: OnChipNetwork, core: CoreParams, receptor: Ints) -> None:
    """Raise `MappingError` for the first weight whose sign the cores cannot have; ``receptor`` is of each synapse."""
    if core.neuron == "current-lif-2":
        wrong = np.flatnonzero(network.weight * np.where(receptor == 0, 1, -1) < 0)
        if len(wrong):
            first = wrong[0]
            label = network.projections[network.projection[first]].label
            sign = "positive" if receptor[first] == 0 else "negative"
            raise MappingError(
                f"projection {label!r}: weights must be {sign} for that receptor, as {core.neuron} tells its currents "
                f"by the sign, not {network.weight[first]:g}"
            )
    if core.weight_bits == 1:
        negative = np.flatnonzero(network.weight < 0)
        if len(negative):
            label = network.projections[network.projection[negative[0]]].label
            raise MappingError(
                f"projection {label!r}: weights of a single bit are 0 or 1, not {network.weight[negative[0]]:g}; use "
                f"weight_bits of 2 or more"
            )


def whole_weights(
    network: OnChipNetwork,
    core: CoreParams,
    form: Form,
    weights: Weights,
    per_unit: npt.NDArray[np.float64],
    entry: Ints,
    name: Callable[[int], str],
) -> Ints:
    """Return the weights of the crossbars, shape (entries,).

    ``per_unit`` are the scales of the cells, ``entry`` the entry of each synapse, and ``name`` what a message calls a
    cell. Raises `MappingError` if the weight of a whole-number cell is not exactly one of these, or if all weights are
    too small to be anything but 0.
    """
    lowest, highest = weight_range(core.weight_bits)
    real = weights.value * per_unit[weights.cell] / (1 << core.weight_shift)
    whole: Ints = np.rint(real).astype(np.int64)
    wrong = np.flatnonzero(form.exact[weights.cell] & ((real != whole) | (whole < lowest) | (whole > highest)))
    if len(wrong):
        synapse = int(np.flatnonzero(entry == wrong[0])[0])
        several = np.count_nonzero(entry == wrong[0]) > 1
        value = weights.value[wrong[0]] / form.gain[0, weights.cell[wrong[0]]]
        unit = (1 << core.weight_shift) / form.gain[0, weights.cell[wrong[0]]]
        rule = f"a multiple of {unit:g}" if unit != 1 else "a whole number"
        raise MappingError(
            f"projection {network.projections[network.projection[synapse]].label!r}: the weight of "
            f"{network.name(int(network.pre[synapse]))} onto {network.name(int(network.post[synapse]))} must be {rule} "
            f"in {lowest * unit:g}..{highest * unit:g} ({core.weight_bits} bits), not {value:g}"
            + (" (all of this delay together)" if several else "")
        )
    dead = np.bincount(weights.cell[weights.value != 0], minlength=len(form.offset)) > 0
    dead &= np.bincount(weights.cell, whole != 0, len(form.offset)) == 0
    if dead.any() and not whole.any():  # a unit that training has pruned is no mistake; the report counts it
        cell = int(np.flatnonzero(dead)[0])
        raise MappingError(
            f"{name(cell)}: all of its weights become 0 beside its "
            f"threshold, with {core.state_bits} state_bits and a weight_shift of {core.weight_shift}; use more of the "
            f"first or less of the second"
        )
    return whole
