"""The leaky integrate-and-fire neurons of a neuromorphic core, in whole numbers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import Rule
from .model import NeuronModel
from .rules import MAX_BITS, below, of_bits, whole

__all__ = ["FixedPointCurrentLIF", "FixedPointLIF", "FixedPointTwoCurrentLIF"]

_FULL_DECAY = 4096.0


class _WholeNumberLIF(NeuronModel):
    """A membrane potential V of ``bits`` bits, held in floating point, which is exact here: its bounds, and spikes."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        whole("bits", 2, MAX_BITS),
        whole("subtract", 0, 1),
        whole("refractory", 0, 2**31 - 1),
        of_bits("bias", "v_thresh", "v_reset"),
        below("v_reset", "v_thresh"),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        bits = self.parameters["bits"]
        self._highest = 2.0 ** (bits - 1) - 1.0
        self._lowest = -(2.0 ** (bits - 1))

    def _refuse(self, current: Floats | None) -> None:
        """Raise ``RuntimeError`` if there is a current: electrodes have no place in whole numbers."""
        if current is not None and current.any():
            raise RuntimeError(f"a {type(self).__name__} takes no current from electrodes; use its bias")

    def _saturate(self, values: Floats) -> None:
        np.clip(values, self._lowest, self._highest, out=values)

    def _fire(self, potential: Floats) -> npt.NDArray[np.int64]:
        """Give the neurons outside their refractory period a new potential, to be saturated; return those that fire."""
        p, v = self.parameters, self.state["v"]
        self._saturate(potential)
        refractory = self.refractory > 0
        self.refractory -= refractory
        np.copyto(v, potential, where=~refractory)
        fired = ((v >= p["v_thresh"]) & ~refractory).nonzero()[0]
        if len(fired):
            over = np.minimum(v - p["v_thresh"], self._highest)[fired]
            v[fired] = np.where(p["subtract"][fired] > 0, over, p["v_reset"][fired])
            self.refractory[fired] = p["refractory"][fired].astype(np.int64)
        return fired


class _CurrentLIF(_WholeNumberLIF):
    """One whose synaptic currents and potential decay by a factor of 12 bits in each step."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        *_WholeNumberLIF.RULES,
        whole("v_decay", 0, _FULL_DECAY),
        whole("weight_shift", 0, 12),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        super().prepare(dt)
        self._keep_v = self._keep("v_decay")
        self._scale = 2.0 ** self.parameters["weight_shift"]

    def _keep(self, decay: str) -> Floats:
        return (_FULL_DECAY - self.parameters[decay]) / _FULL_DECAY

    def _advance_current(self, u: Floats, keep: Floats, weights: Floats) -> Floats:
        """Take a synaptic current, which is changed in place, to the next step."""
        u[:] = np.trunc(u * keep) + weights * self._scale
        self._saturate(u)
        return u

    def _potential(self) -> Floats:
        """What is left of V, and the bias."""
        return np.trunc(self.state["v"] * self._keep_v) + self.parameters["bias"]


class FixedPointLIF(_WholeNumberLIF):
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
    RULES: ClassVar = (*_WholeNumberLIF.RULES, whole("leak_shift", 0, MAX_BITS - 1))

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        super().prepare(dt)
        shift = self.parameters["leak_shift"]
        self._leak = np.where(shift > 0, 2.0**-shift, 0.0)

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        self._refuse(current)
        v = self.state["v"]
        total = v - np.trunc(v * self._leak)
        total += self.parameters["bias"]
        total += arriving[0]
        total += arriving[1]
        return self._fire(total)


class FixedPointCurrentLIF(_CurrentLIF):
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
    RULES: ClassVar = (*_CurrentLIF.RULES, whole("u_decay", 0, _FULL_DECAY))

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        super().prepare(dt)
        self._keep_u = self._keep("u_decay")

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        self._refuse(current)
        u = self._advance_current(self.state["u"], self._keep_u, arriving[0] + arriving[1])
        return self._fire(self._potential() + u)


class FixedPointTwoCurrentLIF(_CurrentLIF):
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
        *_CurrentLIF.RULES,
        whole("u_decay_exc", 0, _FULL_DECAY),
        whole("u_decay_inh", 0, _FULL_DECAY),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        super().prepare(dt)
        self._keep_u = [self._keep(name) for name in ("u_decay_exc", "u_decay_inh")]

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        self._refuse(current)
        potential = self._potential()
        for name, keep, weights in zip(("u_exc", "u_inh"), self._keep_u, arriving, strict=False):
            potential += self._advance_current(self.state[name], keep, weights)
        return self._fire(potential)
