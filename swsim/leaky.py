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
from .neurons import Floats, Rule, at_least_zero, finite, positive, require
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
            self._reset(potential, fired)
        return fired

    def _reset(self, potential: Floats, fired: npt.NDArray[np.bool_]) -> None:
        np.copyto(potential, self.parameters["v_reset"], where=fired)
        np.copyto(self.refractory, self._held_steps, where=fired)


class _Current(Leaky):
    """Synaptic currents (nA), integrated exactly (Rotter and Diesmann 1999, Biological Cybernetics 81:381)."""

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decay, self._constant, self._per_current = self._leak(dt)
        self._per_synapse = [receptor.potential(p, dt, p["tau_m"], p["cm"]) for receptor in self.RECEPTORS]

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self.state["v"]
        rest = self.parameters["v_rest"]
        # Relative to rest, so that a neuron at rest stays there to the last digit.
        v -= rest
        v *= self._decay
        v += self._constant
        for receptor, (per_unit, per_rise) in zip(self.RECEPTORS, self._per_synapse, strict=True):
            v += per_unit * self.state[receptor.variable]
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
        self._leak_conductance = p["cm"] / p["tau_m"]
        self._leak_current = self._leak_conductance * p["v_rest"] + p["i_offset"]
        self._per_capacity = dt / p["cm"]

    def _integrate(self, current: Floats | None) -> Floats:
        """Take the membrane potential over the step; return it, refractory neurons held."""
        v = self.state["v"]
        conductance, target = self._input()
        total = self._leak_conductance + conductance
        target = self._leak_current + target
        if current is not None:
            target += current
        target /= total
        v -= target
        v *= falling(self._per_capacity * total)
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
