"""The memories of the neurons: what they compute, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.params import CoreParams

from ..errors import MappingError
from .cells import Form

__all__ = ["ONE", "neuron_variables", "unused_variables"]

Ints = npt.NDArray[np.int64]

ONE = 4096
"""A factor of 1, as decays and leaks are written."""


def _before(wanted: Ints, keep: Ints) -> Ints:
    """Return currents that one tick takes to those that are wanted; -1 << 62 where there are none."""
    size = -(-np.abs(wanted) * ONE // np.maximum(keep, 1))
    found: Ints = np.where((keep == 0) & (wanted != 0), -1 << 62, np.where(wanted < 0, -size, size))
    return found


def neuron_variables(
    form: Form,
    scale: npt.NDArray[np.float64],
    current: Ints,
    core: CoreParams,
    name: Callable[[int], str],
) -> dict[str, Ints]:
    """Return the values of all variables of the core's neuron model, shape (cells,) each, before tick 0.

    In tick 0, the step before the first of the software, neurons only hold their state: each begins it refractory, and
    with a current that the tick lets decay to what is wanted.

    Parameters
    ----------
    form, scale
        What the cells compute, and the units of the chip per unit of their potential.
    current
        The receptor whose current a neuron with a single one has, shape (cells,).
    core
        The cores.
    name
        What a message calls a cell.

    Raises
    ------
    MappingError
        If a number does not fit its bits, or a threshold is not above the reset.
    """
    top = (1 << (core.state_bits - 1)) - 1

    def whole(values: npt.NDArray[np.float64]) -> Ints:
        return np.rint(values * scale).astype(np.int64)

    threshold, reset = whole(form.threshold), whole(form.reset)
    low = np.flatnonzero(threshold <= reset)
    if len(low):
        cell = int(low[0])
        raise MappingError(
            f"{name(cell)}: threshold and reset are both {reset[cell]} in whole numbers of {core.state_bits} bits; "
            f"use more core.state_bits"
        )
    longest = (1 << core.refractory_bits) - 1
    long = np.flatnonzero(form.refractory > longest)
    if len(long):
        cell = int(long[0])
        raise MappingError(
            f"{name(cell)}: the refractory period must be at most {longest} steps with core.refractory_bits of "
            f"{core.refractory_bits}, not {form.refractory[cell]}"
        )
    firing = {
        "left": np.ones_like(threshold),
        "threshold": threshold,
        "reset": reset,
        "refractory": form.refractory,
        "subtract": form.subtract,
    }
    if core.neuron == "delta-lif":
        leak = np.rint((1.0 - form.keep) * ONE).astype(np.int64)
        return {"v": whole(form.v), "leak": leak, "bias": whole(form.bias), **firing}
    cells = np.arange(len(current))
    currents = {"u": current} if core.neuron == "current-lif" else {"u_exc": 0, "u_inh": 1}
    begin, keep = {}, {}
    for variable, receptor in currents.items():
        factor = np.rint(form.keep_current[receptor, cells] * ONE).astype(np.int64)
        begin[variable] = _before(whole(form.u[receptor, cells]), factor)
        keep[f"keep_{variable}"] = factor
        wide = np.flatnonzero(np.abs(begin[variable]) > top)
        if len(wide):
            raise MappingError(
                f"{name(int(wide[0]))}: its initial current does not fit the {core.state_bits} core.state_bits with "
                f"the decay of a tick before the first step; begin with 0"
            )
    keep["keep_v"] = np.rint(form.keep * ONE).astype(np.int64)
    return {**begin, "v": whole(form.v), **keep, "bias": whole(form.bias), **firing}


def unused_variables(core: CoreParams, names: tuple[str, ...]) -> dict[str, int]:
    """Return the variables of a neuron that does nothing: one that begins at 0 and has the highest threshold."""
    return dict.fromkeys(names, 0) | {"threshold": (1 << (core.state_bits - 1)) - 1}
