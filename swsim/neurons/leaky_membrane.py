"""The membrane of the leaky integrate-and-fire neurons: firing, reset and refractory period; see `lif`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Ints, alike
from ..base.parameter_rules import Rule, at_least_zero, finite, positive
from .point_neuron import PointNeuron
from .refractory import Refractory, UniformRefractory
from .rules import below

__all__ = ["LeakyMembrane"]

_MEMBRANE = ("v_rest", "cm", "tau_m", "tau_refrac", "i_offset", "v_reset", "v_thresh")


class LeakyMembrane(PointNeuron):
    """Membrane of the leaky models; a subclass integrates it."""

    MEMBRANE: ClassVar[tuple[str, ...]] = _MEMBRANE
    MEMBRANE_RULES: ClassVar[tuple[Rule, ...]] = (
        positive("cm", "tau_m"),
        at_least_zero("tau_refrac"),
        finite("v_rest", "i_offset", "v_reset", "v_thresh"),
        below("v_reset", "v_thresh"),
    )

    refractory_steps: Ints

    def __init__(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        super().__init__(parameters)
        self._holding: Refractory | None = None

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        self.settle()
        super().prepare(dt)
        steps = np.rint(self.parameters["tau_refrac"] / dt)
        self.refractory_steps = np.minimum(steps, np.iinfo(np.int32).max).astype(np.int64)
        self._reset_potential = alike(self.parameters["v_reset"])
        if "v_thresh" in self.parameters:
            self._threshold = alike(self.parameters["v_thresh"])
        self._scratch = tuple(np.empty((4, self.size)))

    def _leak(self, dt: float) -> tuple[Any, Any, Any]:
        """Return the factor of the potential, what is added to it, and factor of a constant current (in mV per nA)."""
        p = self.parameters
        decay = np.exp(-dt / p["tau_m"])
        per_current = -np.expm1(-dt / p["tau_m"]) * p["tau_m"] / p["cm"]
        # The difference, so that a neuron at rest stays there to the last digit.
        constant = (p["v_rest"] - p["v_rest"] * decay) + per_current * p["i_offset"]
        return alike(decay), alike(constant), alike(per_current)

    def _hold(self, potential: Floats) -> None:
        """Keep refractory neurons at their reset potential; they are few."""
        if self._holding is None:
            kind = UniformRefractory if UniformRefractory.suits(self.refractory, self.refractory_steps) else Refractory
            self._holding = kind(self.refractory, self.refractory_steps)
        self._holding.advance()
        if len(self._holding.index):
            self._put_to_reset(potential, self._holding.index)

    def _put_to_reset(self, potential: Floats, index: npt.NDArray[np.int64]) -> None:
        reset = self._reset_potential
        potential[index] = reset[index] if reset.ndim else reset

    def _fire(self, potential: Floats) -> npt.NDArray[np.int64]:
        fired = (potential >= self._threshold).nonzero()[0]
        if len(fired):
            self._reset(potential, fired)
        return fired

    def _reset(self, potential: Floats, fired: npt.NDArray[np.int64]) -> None:
        self._put_to_reset(potential, fired)
        assert self._holding is not None
        self._holding.add(fired)

    def settle(self) -> None:
        """Bring `refractory` up to date from the queue of refractory neurons."""
        if self._holding is not None:
            self._holding.settle()
            self._holding = None

    def restart(self) -> None:
        """Forget what happened, refractory periods included."""
        super().restart()
        self._holding = None
