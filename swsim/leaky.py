"""Leaky integrate-and-fire neurons.

Conventions, which are those of NEST: the threshold is tested at grid points, a spike belongs to the grid point at which
the membrane is found at or above it, the membrane is at ``v_reset`` there already, and stays there for
``round(tau_refrac / dt)`` more grid points. A weight acts at its grid point: it raises the synaptic variable there, and
the membrane potential from there on (with delta synapses, the membrane potential itself).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .neurons import Floats, NeuronModel, at_least_zero, finite, positive, require

__all__ = ["CondExp", "CurrDelta", "CurrExp"]

_MEMBRANE = ("v_rest", "cm", "tau_m", "tau_refrac", "i_offset", "v_reset", "v_thresh")


def _reset_below_threshold(parameters: Mapping[str, Any]) -> None:
    require("v_reset", parameters["v_reset"], parameters["v_reset"] < parameters["v_thresh"], "below v_thresh")


_MEMBRANE_RULES = (
    positive("cm", "tau_m"),
    at_least_zero("tau_refrac"),
    finite("v_rest", "i_offset", "v_reset", "v_thresh"),
    _reset_below_threshold,
)


def psc_propagator(dt: float, tau_m: Floats, tau_syn: Floats, cm: Floats) -> Floats:
    """Membrane potential (mV) after ``dt`` ms per nA of exponentially decaying synaptic current before it.

    This is the off-diagonal element of the matrix exponential, ``1/cm * integral(exp(-(dt-s)/tau_m) exp(-s/tau_syn))``
    (Rotter and Diesmann 1999, Biological Cybernetics 81:381, section 3), in the form
    ``dt/cm * exp(-dt/max(tau)) * (1-exp(-x))/x`` with ``x = dt*|1/tau_m - 1/tau_syn|``, which loses no digits where
    the time constants are nearly or exactly equal.
    """
    difference = dt * np.abs(1.0 / tau_m - 1.0 / tau_syn)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(difference > 0, -np.expm1(-difference) / difference, 1.0)
    return dt / cm * np.exp(-dt / np.maximum(tau_m, tau_syn)) * share


class _Leaky(NeuronModel):
    """Membrane of the leaky models: firing, reset and refractory period."""

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        p = self.parameters
        self._held_steps = np.rint(p["tau_refrac"] / dt).astype(np.int64)

    def _leak(self, dt: float) -> tuple[Floats, Floats, Floats]:
        """Factor of the potential above rest, its constant part, and factor of a constant current (in mV per nA)."""
        p = self.parameters
        decay = np.exp(-dt / p["tau_m"])
        per_current = -np.expm1(-dt / p["tau_m"]) * p["tau_m"] / p["cm"]
        return decay, per_current * p["i_offset"], per_current

    def _hold(self, potential: Floats) -> npt.NDArray[np.bool_]:
        """Keep refractory neurons at their reset potential; return who they are."""
        held = self.refractory > 0
        np.copyto(potential, self.parameters["v_reset"], where=held)
        np.subtract(self.refractory, held, out=self.refractory, casting="unsafe")
        return held

    def _fire(self, potential: Floats) -> npt.NDArray[np.bool_]:
        fired = potential >= self.parameters["v_thresh"]
        if fired.any():
            np.copyto(potential, self.parameters["v_reset"], where=fired)
            np.copyto(self.refractory, self._held_steps, where=fired)
        return fired


class CurrExp(_Leaky):
    """`IF_curr_exp`: exponentially decaying synaptic currents (nA), integrated exactly (Rotter and Diesmann 1999)."""

    PARAMETERS: ClassVar = (*_MEMBRANE, "tau_syn_E", "tau_syn_I")
    STATE: ClassVar = ("v", "isyn_exc", "isyn_inh")
    RULES: ClassVar = (positive("tau_syn_E", "tau_syn_I"), *_MEMBRANE_RULES)

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decay, self._constant, self._per_current = self._leak(dt)
        self._decay_exc = np.exp(-dt / p["tau_syn_E"])
        self._decay_inh = np.exp(-dt / p["tau_syn_I"])
        self._per_exc = psc_propagator(dt, p["tau_m"], p["tau_syn_E"], p["cm"])
        self._per_inh = psc_propagator(dt, p["tau_m"], p["tau_syn_I"], p["cm"])

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v, exc, inh = self.state["v"], self.state["isyn_exc"], self.state["isyn_inh"]
        rest = self.parameters["v_rest"]
        # Relative to rest, so that a neuron at rest stays there to the last digit.
        v -= rest
        v *= self._decay
        v += self._constant
        v += self._per_exc * exc
        v += self._per_inh * inh
        if current is not None:
            v += self._per_current * current
        v += rest
        self._hold(v)
        exc *= self._decay_exc
        exc += arriving[0]
        inh *= self._decay_inh
        inh += arriving[1]
        return self._fire(v)


class CurrDelta(_Leaky):
    """`IF_curr_delta`: a weight (mV) is a step of the membrane potential; integrated exactly.

    Weights that act during the refractory period are lost, as in NEST's ``iaf_psc_delta``.
    """

    PARAMETERS: ClassVar = _MEMBRANE
    STATE: ClassVar = ("v",)
    RULES: ClassVar = _MEMBRANE_RULES

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        self._decay, self._constant, self._per_current = self._leak(dt)

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self.state["v"]
        rest = self.parameters["v_rest"]
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


class CondExp(_Leaky):
    """`IF_cond_exp`: exponentially decaying synaptic conductances (uS).

    The conductances decay exactly. The membrane takes one exponential Euler step with each conductance at its exact
    mean over the step, ``g * tau_syn/dt * (1 - exp(-dt/tau_syn))``. The factor of the old potential is then exact
    (it is the exponential of the integrated total conductance), and the whole is of second order in dt.
    """

    PARAMETERS: ClassVar = (*_MEMBRANE, "tau_syn_E", "tau_syn_I", "e_rev_E", "e_rev_I")
    STATE: ClassVar = ("v", "gsyn_exc", "gsyn_inh")
    RULES: ClassVar = (
        positive("tau_syn_E", "tau_syn_I"),
        finite("e_rev_E", "e_rev_I"),
        *_MEMBRANE_RULES,
    )

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._leak_conductance = p["cm"] / p["tau_m"]
        self._leak_current = self._leak_conductance * p["v_rest"] + p["i_offset"]
        self._per_capacity = -dt / p["cm"]
        self._decay_exc = np.exp(-dt / p["tau_syn_E"])
        self._decay_inh = np.exp(-dt / p["tau_syn_I"])
        self._mean_exc = -np.expm1(-dt / p["tau_syn_E"]) * p["tau_syn_E"] / dt
        self._mean_inh = -np.expm1(-dt / p["tau_syn_I"]) * p["tau_syn_I"] / dt

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p = self.parameters
        v, exc, inh = self.state["v"], self.state["gsyn_exc"], self.state["gsyn_inh"]
        mean_exc = self._mean_exc * exc
        mean_inh = self._mean_inh * inh
        target = self._leak_current + mean_exc * p["e_rev_E"] + mean_inh * p["e_rev_I"]
        if current is not None:
            target += current
        total = self._leak_conductance + mean_exc + mean_inh
        target /= total
        v -= target
        v *= np.exp(self._per_capacity * total)
        v += target
        self._hold(v)
        exc *= self._decay_exc
        exc += arriving[0]
        inh *= self._decay_inh
        inh += arriving[1]
        return self._fire(v)
