"""The leaky integrate-and-fire neurons of a neuromorphic core, in whole numbers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from .model import NeuronModel
from .rules import MAX_BITS, below, of_bits, whole

__all__ = ["FixedPointCurrentLIF", "FixedPointLIF", "FixedPointTwoCurrentLIF"]

_FULL_DECAY = 4096.0


class FixedPointLIF(NeuronModel):
    """A membrane potential V of ``bits`` bits in two's complement, and whole-number weights.

    In every step, outside the refractory period::

        V = saturate(V - truncate(V / 2^leak_shift) + bias + weights that arrive)
        if V >= v_thresh:  spike, and V = v_reset, or V - v_thresh if `subtract` is 1

    Truncation is towards zero, so that V decays alike from both sides; ``leak_shift`` of 0 is no leak at all, not a
    total one. The sum is taken in an accumulator that is wide enough, and saturated once; so is V - v_thresh. For
    ``refractory`` steps after a spike V stays, and what arrives is lost. A division by a power of two is a shift: in
    hardware nothing here needs more than an adder.

    V is held in floating point, which is exact here.
    """

    PARAMETERS: ClassVar = ("bits", "leak_shift", "bias", "v_thresh", "v_reset", "subtract", "refractory")
    STATE: ClassVar = ("v",)
    RULES: ClassVar = (
        whole("bits", 2, MAX_BITS),
        whole("leak_shift", 0, MAX_BITS - 1),
        whole("subtract", 0, 1),
        whole("refractory", 0, 2**31 - 1),
        of_bits("bias", "v_thresh", "v_reset"),
        below("v_reset", "v_thresh"),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        p = self.parameters
        self._leak = np.where(p["leak_shift"] > 0, 2.0 ** -p["leak_shift"], 0.0)
        self._highest = 2.0 ** (p["bits"] - 1) - 1.0
        self._lowest = -(2.0 ** (p["bits"] - 1))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        if current is not None and current.any():
            raise RuntimeError("a FixedPointLIF takes no current from electrodes; use its bias")
        p, v = self.parameters, self.state["v"]
        total = v - np.trunc(v * self._leak)
        total += p["bias"]
        total += arriving[0]
        total += arriving[1]
        return _fire(self, total)


class FixedPointCurrentLIF(NeuronModel):
    """A synaptic current U and a membrane potential V of ``bits`` bits, and whole-number weights.

    In every step, V outside the refractory period::

        U = saturate(truncate(U (4096 - u_decay) / 4096) + 2^weight_shift x weights that arrive)
        V = saturate(truncate(V (4096 - v_decay) / 4096) + U + bias)
        if V >= v_thresh:  spike, and V = v_reset, or V - v_thresh (saturated) if `subtract` is 1

    Truncation is towards zero. This is the arithmetic of Loihi's published models (Intel's Lava, fixed-point ``LIF``),
    with decays of 12 bits; that fires where V is *above* its threshold, so take one more here. For ``refractory`` steps
    after a spike V stays, and U goes on.

    U and V are held in floating point, which is exact here.
    """

    PARAMETERS: ClassVar = (
        "bits",
        "u_decay",
        "v_decay",
        "weight_shift",
        "bias",
        "v_thresh",
        "v_reset",
        "subtract",
        "refractory",
    )
    STATE: ClassVar = ("v", "u")
    RULES: ClassVar = (
        whole("bits", 2, MAX_BITS),
        whole("u_decay", 0, _FULL_DECAY),
        whole("v_decay", 0, _FULL_DECAY),
        whole("weight_shift", 0, 12),
        whole("subtract", 0, 1),
        whole("refractory", 0, 2**31 - 1),
        of_bits("bias", "v_thresh", "v_reset"),
        below("v_reset", "v_thresh"),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        p = self.parameters
        self._keep_u = (_FULL_DECAY - p["u_decay"]) / _FULL_DECAY
        self._keep_v = (_FULL_DECAY - p["v_decay"]) / _FULL_DECAY
        self._scale = 2.0 ** p["weight_shift"]
        self._highest = 2.0 ** (p["bits"] - 1) - 1.0
        self._lowest = -(2.0 ** (p["bits"] - 1))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        if current is not None and current.any():
            raise RuntimeError("a FixedPointCurrentLIF takes no current from electrodes; use its bias")
        u = self.state["u"]
        u[:] = np.trunc(u * self._keep_u) + (arriving[0] + arriving[1]) * self._scale
        np.clip(u, self._lowest, self._highest, out=u)
        return _fire(self, np.trunc(self.state["v"] * self._keep_v) + u + self.parameters["bias"])


class FixedPointTwoCurrentLIF(NeuronModel):
    """`FixedPointCurrentLIF` with a synaptic current for each receptor, which decay differently.

    In every step, V outside the refractory period::

        U_exc = saturate(truncate(U_exc (4096 - u_decay_exc) / 4096) + 2^weight_shift x excitatory weights that arrive)
        U_inh = saturate(truncate(U_inh (4096 - u_decay_inh) / 4096) + 2^weight_shift x inhibitory weights that arrive)
        V = saturate(truncate(V (4096 - v_decay) / 4096) + U_exc + U_inh + bias)

    and spikes as there. The sum of V is saturated once.
    """

    PARAMETERS: ClassVar = (
        "bits",
        "u_decay_exc",
        "u_decay_inh",
        "v_decay",
        "weight_shift",
        "bias",
        "v_thresh",
        "v_reset",
        "subtract",
        "refractory",
    )
    STATE: ClassVar = ("v", "u_exc", "u_inh")
    RULES: ClassVar = (
        whole("bits", 2, MAX_BITS),
        whole("u_decay_exc", 0, _FULL_DECAY),
        whole("u_decay_inh", 0, _FULL_DECAY),
        whole("v_decay", 0, _FULL_DECAY),
        whole("weight_shift", 0, 12),
        whole("subtract", 0, 1),
        whole("refractory", 0, 2**31 - 1),
        of_bits("bias", "v_thresh", "v_reset"),
        below("v_reset", "v_thresh"),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        p = self.parameters
        self._keep_u = [(_FULL_DECAY - p[name]) / _FULL_DECAY for name in ("u_decay_exc", "u_decay_inh")]
        self._keep_v = (_FULL_DECAY - p["v_decay"]) / _FULL_DECAY
        self._scale = 2.0 ** p["weight_shift"]
        self._highest = 2.0 ** (p["bits"] - 1) - 1.0
        self._lowest = -(2.0 ** (p["bits"] - 1))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        if current is not None and current.any():
            raise RuntimeError("a FixedPointTwoCurrentLIF takes no current from electrodes; use its bias")
        potential = np.trunc(self.state["v"] * self._keep_v) + self.parameters["bias"]
        for name, keep, weights in zip(("u_exc", "u_inh"), self._keep_u, arriving, strict=False):
            u = self.state[name]
            u[:] = np.trunc(u * keep) + weights * self._scale
            np.clip(u, self._lowest, self._highest, out=u)
            potential += u
        return _fire(self, potential)


def _fire(
    model: FixedPointLIF | FixedPointCurrentLIF | FixedPointTwoCurrentLIF, potential: Floats
) -> npt.NDArray[np.int64]:
    """Give the neurons outside their refractory period a new potential, to be saturated; return those that fire."""
    p, v = model.parameters, model.state["v"]
    np.clip(potential, model._lowest, model._highest, out=potential)
    refractory = model.refractory > 0
    model.refractory -= refractory
    np.copyto(v, potential, where=~refractory)
    fired = ((v >= p["v_thresh"]) & ~refractory).nonzero()[0]
    if len(fired):
        over = np.minimum(v - p["v_thresh"], model._highest)[fired]
        v[fired] = np.where(p["subtract"][fired] > 0, over, p["v_reset"][fired])
        model.refractory[fired] = p["refractory"][fired].astype(np.int64)
    return fired
