"""The neuron models of the cores for all neurons of a chip at once, in NumPy's whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core import CoreParams

__all__ = ["MODELS", "Update"]

Ints = npt.NDArray[np.int64]

Update = Callable[[CoreParams, Mapping[str, Ints], Ints, Ints], npt.NDArray[np.bool_]]
"""Function of (core, variables of shape (neurons,) by name, sums of the positive and of the negative weights that
arrive, shape (neurons,)) that changes the variables in place and returns which neurons fire.
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
    """See `synaptile.rtl.core.neuron.fire`."""
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


def delta_lif(core: CoreParams, state: Mapping[str, Ints], positive: Ints, negative: Ints) -> npt.NDArray[np.bool_]:
    """See `synaptile.rtl.core.delta_lif.DeltaLIF`."""
    v = state["v"]
    potential = v - _scaled(v, state["leak"]) + ((positive + negative) << core.weight_shift) + state["bias"]
    return _fire(core, state, _saturated(potential, core.state_bits))


def current_lif(core: CoreParams, state: Mapping[str, Ints], positive: Ints, negative: Ints) -> npt.NDArray[np.bool_]:
    """See `synaptile.rtl.core.current_lif.CurrentLIF`."""
    u = state["u"]
    arriving = (positive + negative) << core.weight_shift
    u[:] = _saturated(_scaled(u, state["keep_u"]) + arriving, core.state_bits)
    potential = _scaled(state["v"], state["keep_v"]) + u + state["bias"]
    return _fire(core, state, _saturated(potential, core.state_bits))


def current_lif_2(core: CoreParams, state: Mapping[str, Ints], positive: Ints, negative: Ints) -> npt.NDArray[np.bool_]:
    """See `synaptile.rtl.core.current_lif_2.CurrentLIF2`."""
    potential = _scaled(state["v"], state["keep_v"]) + state["bias"]
    for name, arriving in (("u_exc", positive), ("u_inh", negative)):
        u = state[name]
        shifted = arriving << core.weight_shift
        u[:] = _saturated(_scaled(u, state[f"keep_{name}"]) + shifted, core.state_bits)
        potential += u
    return _fire(core, state, _saturated(potential, core.state_bits))


MODELS: Mapping[str, Update] = {
    "current-lif": current_lif,
    "current-lif-2": current_lif_2,
    "delta-lif": delta_lif,
}
"""By the name of the neuron model."""
