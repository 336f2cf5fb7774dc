"""The neuron models of the cores for all neurons of a chip at once, in NumPy's whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core import CoreParams
from synaptile.swsim.neurons.shift_registers import advance_16, advance_32

__all__ = ["MODELS", "Update"]

Ints = npt.NDArray[np.int64]

Update = Callable[[CoreParams, Mapping[str, Ints], Sequence[Ints]], npt.NDArray[np.bool_]]
"""Function of (core, variables of shape (neurons,) by name, what arrives, shape (neurons,) each) that changes the
variables in place and returns which neurons fire. What arrives are the sums of the positive and of the negative
weights, for TrueNorth's neurons the numbers of spikes of each type.
"""

_DECAY_BITS = 12


def _scaled(values: Ints, factor: Ints) -> Ints:
    """values x factor / 4096, truncated towards zero."""
    product = values * factor
    # A shift rounds down, which for what is negative is away from zero unless the rest is made good before.
    product += (product >> 63) & ((1 << _DECAY_BITS) - 1)
    product >>= _DECAY_BITS
    return product


def _saturated(values: Ints, bits: int) -> Ints:
    half = 1 << (bits - 1)
    return np.clip(values, -half, half - 1)


def _fire(core: CoreParams, state: Mapping[str, Ints], potential: Ints) -> npt.NDArray[np.bool_]:
    """Fire where a potential, saturated, has reached its threshold, and give every neuron its potential v.

    v is then ``reset``, or with ``subtract`` what the potential has over the threshold, and stays for ``refractory``
    ticks, in which ``left`` is counted down. As ``fire`` of `synaptile.rtl.core.neuron`.
    """
    v, left = state["v"], state["left"]
    idle = left > 0
    fired: npt.NDArray[np.bool_] = ~idle & (potential >= state["threshold"])
    left -= idle
    np.copyto(v, potential, where=~idle)
    if fired.any():
        over = _saturated(v[fired] - state["threshold"][fired], core.state_bits)
        v[fired] = np.where(state["subtract"][fired] > 0, over, state["reset"][fired])
        left[fired] = state["refractory"][fired]
    return fired


def delta_lif(core: CoreParams, state: Mapping[str, Ints], arriving: Sequence[Ints]) -> npt.NDArray[np.bool_]:
    """v = saturate(v - v leak / 4096 + 2^weight_shift x sum of weights + bias), as in the gates of ``DeltaLIF``."""
    v = state["v"]
    potential = v - _scaled(v, state["leak"]) + ((arriving[0] + arriving[1]) << core.weight_shift) + state["bias"]
    return _fire(core, state, _saturated(potential, core.state_bits))


def current_lif(core: CoreParams, state: Mapping[str, Ints], arriving: Sequence[Ints]) -> npt.NDArray[np.bool_]:
    """u = saturate(u keep_u / 4096 + 2^weight_shift x sum of weights), v = saturate(v keep_v / 4096 + u + bias).

    As in the gates of ``CurrentLIF``; u goes on while v stays after a spike.
    """
    u = state["u"]
    u[:] = _saturated(_scaled(u, state["keep_u"]) + ((arriving[0] + arriving[1]) << core.weight_shift), core.state_bits)
    potential = _scaled(state["v"], state["keep_v"]) + u + state["bias"]
    return _fire(core, state, _saturated(potential, core.state_bits))


def current_lif_2(core: CoreParams, state: Mapping[str, Ints], arriving: Sequence[Ints]) -> npt.NDArray[np.bool_]:
    """`current_lif` with a current u_exc of the positive and a current u_inh of the negative weights.

    v = saturate(v keep_v / 4096 + u_exc + u_inh + bias). As in the gates of ``CurrentLIF2``.
    """
    potential = _scaled(state["v"], state["keep_v"]) + state["bias"]
    for name, weights in zip(("u_exc", "u_inh"), arriving, strict=True):
        u = state[name]
        u[:] = _saturated(_scaled(u, state[f"keep_{name}"]) + (weights << core.weight_shift), core.state_bits)
        potential += u
    return _fire(core, state, _saturated(potential, core.state_bits))


def truenorth(core: CoreParams, state: Mapping[str, Ints], arriving: Sequence[Ints]) -> npt.NDArray[np.bool_]:
    """TrueNorth's neuron, by the equations of Cassidy et al. 2013, as in the gates of ``TrueNorth``.

    Spikes of a type add its weight each, or where the type is stochastic the weight's sign as often as its register
    says; then comes the leak, and what v then is over the thresholds decides. How registers are drawn from is told in
    ``docs/core.md``.
    """
    v, bits = state["v"], core.state_bits
    total = np.zeros_like(v)
    for kind, count in enumerate(arriving):
        weight, chance = state[f"weight_{kind}"], (state["stochastic_weights"] >> kind & 1) > 0
        total += np.where(chance, 0, count * weight)
        left, registers = np.where(chance, count, 0), state[f"draw_{kind}"]
        while len(drawing := left.nonzero()[0]):
            total[drawing] += _hit(weight[drawing], registers[drawing])
            registers[drawing] = advance_16(registers[drawing].astype(np.uint32))
            left[drawing] -= 1
    summed = _saturated(v + total, bits)

    random, mask, chance = state["random"], state["mask"], state["stochastic_leak"] > 0
    leak = np.where(chance, _hit(state["leak"], random), state["leak"])
    eta = random >> 8 & mask
    drawing = (chance | (mask > 0)).nonzero()[0]
    random[drawing] = advance_32(random[drawing].astype(np.uint32))
    leaked = _saturated(summed + np.where(state["leak_reversal"] > 0, np.sign(summed) * leak, leak), bits)

    high, low, saturates = state["threshold"] + eta, state["negative_threshold"] + eta, state["saturate"] > 0
    fired: npt.NDArray[np.bool_] = leaked >= high
    sunk = ~fired & ~saturates & (leaked < -low)
    v[:] = np.where(~fired & saturates, np.maximum(leaked, -state["negative_threshold"]), leaked)
    resets, subtracts = state["reset_mode"] == 0, state["reset_mode"] == 1
    np.copyto(v, state["reset"], where=fired & resets)
    np.copyto(v, _saturated(-state["reset"], bits), where=sunk & resets)
    np.copyto(v, leaked - high, where=fired & subtracts)
    np.copyto(v, leaked + low, where=sunk & subtracts)
    return fired


def _hit(value: Ints, register: Ints) -> Ints:
    """The signs of values that are at least the lowest byte of a register, 0 for the others."""
    found: Ints = np.where(np.abs(value) >= (register & 255), np.sign(value), 0)
    return found


MODELS: Mapping[str, Update] = {
    "current-lif": current_lif,
    "current-lif-2": current_lif_2,
    "delta-lif": delta_lif,
    "truenorth": truenorth,
}
"""By the name of the neuron model."""
