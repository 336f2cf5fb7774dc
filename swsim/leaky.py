"""Leaky integrate-and-fire neurons.

Conventions, which are those of NEST: the threshold is tested at grid points, a spike belongs to the grid point at which
the membrane is found at or above it, the membrane is at ``v_reset`` there already, and stays there for
``round(tau_refrac / dt)`` more grid points. A weight acts at its grid point: it raises the synaptic variable there, and
the membrane potential from there on (with delta synapses, the membrane potential itself).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .falling import falling
from .neurons import Floats, Rule, alike, at_least_zero, finite, positive, require
from .receptors import Receptor, psc_propagator
from .synaptic import SynapticModel, pair

__all__ = ["CondAlpha", "CondExp", "CurrAlpha", "CurrDelta", "CurrExp", "Leaky", "leaky", "psc_propagator"]

Compiled = tuple[tuple[Floats, ...], npt.NDArray[np.int64]]

_MEMBRANE = ("v_rest", "cm", "tau_m", "tau_refrac", "i_offset", "v_reset", "v_thresh")


def _reset_below_threshold(parameters: Mapping[str, Any]) -> None:
    require("v_reset", parameters["v_reset"], parameters["v_reset"] < parameters["v_thresh"], "below v_thresh")


class Leaky(SynapticModel):
    """Membrane of the leaky models: firing, reset and refractory period."""

    MEMBRANE: ClassVar[tuple[str, ...]] = _MEMBRANE
    MEMBRANE_RULES: ClassVar[tuple[Rule, ...]] = (
        positive("cm", "tau_m"),
        at_least_zero("tau_refrac"),
        finite("v_rest", "i_offset", "v_reset", "v_thresh"),
        _reset_below_threshold,
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        super().prepare(dt)
        held = np.rint(self.parameters["tau_refrac"] / dt)
        self._held_steps = np.minimum(held, np.iinfo(np.int32).max).astype(np.int64)
        self._rest = alike(self.parameters["v_rest"])
        if "v_thresh" in self.parameters:
            self._threshold = alike(self.parameters["v_thresh"])

    def _leak(self, dt: float) -> tuple[Any, Any, Any]:
        """Factor of the potential above rest, its constant part, and factor of a constant current (in mV per nA)."""
        p = self.parameters
        decay = np.exp(-dt / p["tau_m"])
        per_current = -np.expm1(-dt / p["tau_m"]) * p["tau_m"] / p["cm"]
        return alike(decay), alike(per_current * p["i_offset"]), alike(per_current)

    def _hold(self, potential: Floats) -> None:
        """Keep refractory neurons at their reset potential; they are few."""
        held = (self.refractory > 0).nonzero()[0]  # faster than to look for nonzero integers
        if len(held):
            potential[held] = self.parameters["v_reset"][held]
            self.refractory[held] -= 1

    def _fire(self, potential: Floats) -> npt.NDArray[np.bool_]:
        fired = potential >= self._threshold
        self._reset(potential, fired)
        return fired

    def _reset(self, potential: Floats, fired: npt.NDArray[np.bool_]) -> None:
        index = fired.nonzero()[0]
        if len(index):
            potential[index] = self.parameters["v_reset"][index]
            self.refractory[index] = self._held_steps[index]


class _Current(Leaky):
    """Synaptic currents (nA), integrated exactly (Rotter and Diesmann 1999, Biological Cybernetics 81:381)."""

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decay, self._constant, self._per_current = self._leak(dt)
        self._per_synapse = [
            (alike(per_unit), None if per_rise is None else alike(per_rise))
            for per_unit, per_rise in (receptor.potential(p, dt, p["tau_m"], p["cm"]) for receptor in self.RECEPTORS)
        ]
        self._scratch = np.empty(self.size)

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v, rest, scratch = self.state["v"], self._rest, self._scratch
        # Relative to rest, so that a neuron at rest stays there to the last digit.
        v -= rest
        v *= self._decay
        v += self._constant
        for receptor, (per_unit, per_rise) in zip(self.RECEPTORS, self._per_synapse, strict=True):
            np.multiply(self.state[receptor.variable], per_unit, out=scratch)
            v += scratch
            if per_rise is not None:
                v += per_rise * self._rise(receptor)
        if current is not None:
            v += self._per_current * current
        v += rest
        self._hold(v)
        self._arrive(arriving)
        return self._fire(v)


class CurrExp(_Current):
    """`IF_curr_exp`: exponentially decaying synaptic currents, integrated exactly."""

    RECEPTORS: ClassVar = pair("exp", conductance=False)
    kernel: ClassVar = "CURR_EXP"

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p, (exc, inh) = self.parameters, self._courses
        per_exc, per_inh = (per_unit for per_unit, _ in self._per_synapse)
        return (
            p["v_rest"], self._decay, self._constant, per_exc, per_inh, self._per_current, exc.decay, inh.decay,
            p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip


class CurrAlpha(_Current):
    """`IF_curr_alpha`: alpha-shaped synaptic currents whose peak is the weight, integrated exactly."""

    RECEPTORS: ClassVar = pair("alpha", conductance=False)


class CurrDelta(Leaky):
    """`IF_curr_delta`: a weight (mV) is a step of the membrane potential; integrated exactly.

    Weights that act during the refractory period are lost, as in NEST's ``iaf_psc_delta``.
    """

    kernel: ClassVar = "CURR_DELTA"

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        self._decay, self._constant, self._per_current = self._leak(dt)

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p = self.parameters
        return (
            p["v_rest"], self._decay, self._constant, self._per_current, p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v, rest = self.state["v"], self._rest
        v -= rest
        v *= self._decay
        v += self._constant
        if current is not None:
            v += self._per_current * current
        v += rest
        v += arriving[0]
        v += arriving[1]
        self._hold(v)
        return self._fire(v)


class Conductance(Leaky):
    """Synaptic conductances (uS).

    The conductances follow their exact course. The membrane takes one exponential Euler step with each conductance at
    its exact mean over the step. The factor of the old potential is then exact (it is the exponential of the integrated
    total conductance), and the whole is of second order in dt.
    """

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        leak = p["cm"] / p["tau_m"]
        self._leak_conductance = alike(leak)
        self._leak_current = alike(leak * p["v_rest"] + p["i_offset"])
        self._per_capacity = alike(dt / p["cm"])

    def _integrate(self, current: Floats | None) -> Floats:
        """Take the membrane potential over the step; return it, refractory neurons held."""
        v = self.state["v"]
        conductance, target = self._input()
        # In place: both are arrays of this step only.
        assert isinstance(conductance, np.ndarray)
        assert isinstance(target, np.ndarray)
        total = conductance
        total += self._leak_conductance
        target += self._leak_current
        if current is not None:
            target += current
        target /= total
        v -= target
        total *= self._per_capacity
        v *= falling(total)
        v += target
        self._hold(v)
        return v

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self._integrate(current)
        self._arrive(arriving)
        return self._fire(v)


class CondExp(Conductance):
    """`IF_cond_exp`: exponentially decaying synaptic conductances."""

    RECEPTORS: ClassVar = pair("exp", conductance=True)
    kernel: ClassVar = "COND_EXP"

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p, (exc, inh) = self.parameters, self._courses
        return (
            self._leak_conductance, self._leak_current, self._per_capacity, p["e_rev_E"], p["e_rev_I"], exc.mean,
            inh.mean, exc.decay, inh.decay, p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip


class CondAlpha(Conductance):
    """`IF_cond_alpha`: alpha-shaped synaptic conductances whose peak is the weight."""

    RECEPTORS: ClassVar = pair("alpha", conductance=True)


@cache
def leaky(receptors: tuple[Receptor, ...]) -> type[Leaky]:
    """The leaky membrane with those receptors: all currents, or all conductances."""
    base = _Current if receptors[0].reversal is None else Conductance
    return type("Composed", (base,), {"RECEPTORS": receptors})
