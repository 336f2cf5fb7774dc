"""TrueNorth's neurons in a core: their variables, and the way back by a tick."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.arithmetic import TAPS_32
from synaptile.swsim.neurons.shift_registers import seeded
from synaptile.swsim.onchip import OnChipNetwork

from ..errors import MappingError

__all__ = ["truenorth_variables"]

Ints = npt.NDArray[np.int64]

_STEPS = 26
_NAMES = (
    *(f"weight_{kind}" for kind in range(4)),
    "stochastic_weights",
    "leak",
    "leak_reversal",
    "stochastic_leak",
    "threshold",
    "negative_threshold",
    "mask",
    "reset",
    "reset_mode",
    "saturate",
)


def truenorth_variables(network: OnChipNetwork, name: Callable[[int], str]) -> dict[str, Ints]:
    """Return the values of all variables of TrueNorth's neuron, shape (cells,) each, before tick 0.

    Nothing keeps these neurons from being updated in tick 0. So they begin with the potential and the register that it
    takes to those which the network begins with.

    Parameters
    ----------
    network
        The network, all of whose cells are `TrueNorthNeuron`.
    name
        What a message calls a cell.

    Raises
    ------
    MappingError
        If there is no such potential, because the neuron would fire, or because the leak never leads there.
    """
    populations = [population for population in network.populations if not population.where.is_source]
    p = {key: np.concatenate([one.parameters[key] for one in populations]) for key in (*_NAMES, "seed", "bits")}
    values = {key: p[key].astype(np.int64) for key in _NAMES}
    v = np.concatenate([one.initial["v"] for one in populations]).astype(np.int64)
    for kind in range(4):
        values[f"draw_{kind}"] = seeded(p["seed"], kind + 1, 16).astype(np.int64)
    random = seeded(p["seed"], 0, 32).astype(np.int64)
    draws = (values["stochastic_leak"] > 0) | (values["mask"] > 0)
    values["random"] = np.where(draws, _back(random), random)
    before, possible = _before(v, values, p["bits"].astype(np.int64))
    wrong = np.flatnonzero(~possible)
    if len(wrong):
        cell = int(wrong[0])
        raise MappingError(
            f"{name(cell)}: no tick before the first step leads to its initial v of {v[cell]}, beside its threshold, "
            f"negative_threshold and leak; begin with another v"
        )
    values["v"] = before
    return values


def _back(state: Ints) -> Ints:
    """Return registers of 32 bits, 26 steps earlier."""
    for _ in range(_STEPS):
        out = state >> 31  # the taps' highest bit comes in only if a 1 has fallen out
        state = ((state ^ out * TAPS_32) << 1 | out) & 0xFFFFFFFF
    return state


def _before(v: Ints, values: dict[str, Ints], bits: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The potentials that a tick without input takes to others, and where there is one."""
    half = 1 << (bits - 1)
    leak = values["leak"]
    hit = np.abs(leak) >= (values["random"] & 255)
    leak = np.where(values["stochastic_leak"] > 0, np.where(hit, np.sign(leak), 0), leak)
    eta = values["random"] >> 8 & values["mask"]
    low = -values["negative_threshold"] - np.where(values["saturate"] > 0, 0, eta)
    holds = (v < values["threshold"] + eta) & (v >= low)
    found, possible = v.copy(), np.zeros(len(v), bool)
    for sign in (0, -1, 1):  # of the potential before
        begun = v - np.where(values["leak_reversal"] > 0, sign, 1) * leak
        fits = (begun >= -half) & (begun < half) & ((values["leak_reversal"] == 0) | (np.sign(begun) == sign))
        found = np.where(fits & ~possible, begun, found)
        possible |= fits
    return found, possible & holds
