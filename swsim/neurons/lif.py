"""Leaky integrate-and-fire neurons.

Conventions, which are those of NEST: the threshold is tested at grid points, a spike belongs to the grid point at which
the membrane is found at or above it, the membrane is at ``v_reset`` there already, and stays there for
``round(tau_refrac / dt)`` more grid points. A weight acts at its grid point: it raises the synaptic variable there, and
the membrane potential from there on (with delta synapses, the membrane potential itself).
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, alike
from .conductance_based import ConductanceBased
from .leaky_membrane import LeakyMembrane
from .point_neuron import pair
from .receptors import Receptor

__all__ = [
    "CondAlpha",
    "CondExp",
    "CondExpCoefficients",
    "CurrAlpha",
    "CurrDelta",
    "CurrDeltaCoefficients",
    "CurrExp",
    "CurrExpCoefficients",
    "CurrentCoefficients",
    "PerReceptorCoefficients",
    "leaky",
]

_EXACT = "exact"


class CurrentCoefficients(NamedTuple):
    """The coefficients of a step with any currents, of shape (n,) or (), in front of those of the receptors."""

    decay: Floats  # factor of v
    constant: Floats  # mV: what the leak and i_offset add to v
    per_current: Floats  # mV per nA of electrodes
    v_reset: Floats  # mV
    v_thresh: Floats  # mV


class PerReceptorCoefficients(NamedTuple):
    """What a receptor's current adds to v, of shape (n,) or ()."""

    per_unit: Floats  # mV per nA of the current
    per_rise: Floats | float  # mV per unit of its hidden variable, 0 if it has none


class _Current(LeakyMembrane):
    """Synaptic currents (nA), integrated exactly (Rotter and Diesmann 1999, Biological Cybernetics 81:381)."""

    METHODS: ClassVar = (_EXACT,)
    kernel: ClassVar[str | None] = "leaky_currents"
    max_compiled: ClassVar[int | None] = 1000

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decay, self._constant, self._per_current = self._leak(dt)
        self._per_synapse = [
            (alike(per_unit), None if per_rise is None else alike(per_rise))
            for per_unit, per_rise in (receptor.potential(p, dt, p["tau_m"], p["cm"]) for receptor in self.RECEPTORS)
        ]

    def coefficients(self) -> tuple[Any, ...]:
        """Return the propagators of `prepare`, see `NeuronModel.coefficients`."""
        p = self.parameters
        membrane = CurrentCoefficients(self._decay, self._constant, self._per_current, p["v_reset"], p["v_thresh"])
        per_receptor = [
            value
            for unit, rise in self._per_synapse
            for value in PerReceptorCoefficients(unit, 0.0 if rise is None else rise)
        ]
        return (*membrane, *self.receptor_coefficients(), *per_receptor)

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v, scratch = self.state["v"], self._scratch[0]
        v *= self._decay
        v += self._constant
        for receptor, (per_unit, per_rise) in zip(self.RECEPTORS, self._per_synapse, strict=True):
            np.multiply(self.state[receptor.variable], per_unit, scratch)
            v += scratch
            if per_rise is not None:
                v += per_rise * self._rise(receptor)
        if current is not None:
            v += self._per_current * current
        self._hold(v)
        self._arrive(arriving)
        return self._fire(v)


class CurrExpCoefficients(NamedTuple):
    """The coefficients of a step of `CurrExp`, of shape (n,) or ()."""

    decay: Floats  # factor of v
    constant: Floats  # mV: what the leak and i_offset add to v
    per_exc: Floats  # mV per nA of the excitatory current
    per_inh: Floats  # mV per nA of the inhibitory current
    per_current: Floats  # mV per nA of electrodes
    exc_decay: Floats  # factor of the excitatory current
    inh_decay: Floats  # factor of the inhibitory current
    v_reset: Floats  # mV
    v_thresh: Floats  # mV


class CurrExp(_Current):
    """`IF_curr_exp`: exponentially decaying synaptic currents, integrated exactly."""

    RECEPTORS: ClassVar = pair("exp", conductance=False)
    kernel: ClassVar = "curr_exp"
    max_compiled: ClassVar = None

    def coefficients(self) -> CurrExpCoefficients:
        """Return the propagators of `prepare`, see `NeuronModel.coefficients`."""
        exc, inh = self._courses
        per_exc, per_inh = (per_unit for per_unit, _ in self._per_synapse)
        return CurrExpCoefficients(
            decay=self._decay,
            constant=self._constant,
            per_exc=per_exc,
            per_inh=per_inh,
            per_current=self._per_current,
            exc_decay=exc.decay,
            inh_decay=inh.decay,
            v_reset=self.parameters["v_reset"],
            v_thresh=self.parameters["v_thresh"],
        )


class CurrAlpha(_Current):
    """`IF_curr_alpha`: alpha-shaped synaptic currents whose peak is the weight, integrated exactly."""

    RECEPTORS: ClassVar = pair("alpha", conductance=False)


class CurrDeltaCoefficients(NamedTuple):
    """The coefficients of a step of `CurrDelta`, of shape (n,) or ()."""

    decay: Floats  # factor of v
    constant: Floats  # mV: what the leak and i_offset add to v
    per_current: Floats  # mV per nA of electrodes
    v_reset: Floats  # mV
    v_thresh: Floats  # mV


class CurrDelta(LeakyMembrane):
    """`IF_curr_delta`: a weight (mV) is a step of the membrane potential; integrated exactly.

    Weights that act during the refractory period are lost, as in NEST's ``iaf_psc_delta``.
    """

    METHODS: ClassVar = (_EXACT,)
    kernel: ClassVar = "curr_delta"

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        self._decay, self._constant, self._per_current = self._leak(dt)

    def coefficients(self) -> CurrDeltaCoefficients:
        """Return the propagators of `prepare`, see `NeuronModel.coefficients`."""
        return CurrDeltaCoefficients(
            decay=self._decay,
            constant=self._constant,
            per_current=self._per_current,
            v_reset=self.parameters["v_reset"],
            v_thresh=self.parameters["v_thresh"],
        )

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self.state["v"]
        v *= self._decay
        v += self._constant
        if current is not None:
            v += self._per_current * current
        v += arriving[0]
        v += arriving[1]
        self._hold(v)
        return self._fire(v)


class CondExpCoefficients(NamedTuple):
    """The coefficients of a step of `CondExp`, of shape (n,) or (), in the unit of `exponential_euler.relax`."""

    leak: Floats  # conductance of the leak
    drive: Floats  # of the leak and i_offset: conductance times mV from the origin
    per_current: Floats  # drive per nA of electrodes
    origin: Floats  # mV: the excitatory reversal potential
    inh_distance: Floats  # mV from there to the inhibitory one
    exc_share: Floats  # mean conductance over the step per uS of excitation
    inh_share: Floats  # the same of inhibition
    exc_decay: Floats  # factor of the excitatory conductance
    inh_decay: Floats  # factor of the inhibitory conductance
    v_reset: Floats  # mV
    v_thresh: Floats  # mV
    correction: Floats  # see `exponential_euler.correction`


class CondExp(ConductanceBased):
    """`IF_cond_exp`: exponentially decaying synaptic conductances."""

    RECEPTORS: ClassVar = pair("exp", conductance=True)
    kernel: ClassVar = "cond_exp"
    max_compiled: ClassVar = None

    def coefficients(self) -> CondExpCoefficients:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        (exc, inh), (excitation, inhibition) = self._courses, self._channels
        return CondExpCoefficients(
            leak=self._leak_share,
            drive=self._drive,
            per_current=self._per_current,
            origin=self._first_reversal,
            inh_distance=inhibition.distance,
            exc_share=excitation.share,
            inh_share=inhibition.share,
            exc_decay=exc.decay,
            inh_decay=inh.decay,
            v_reset=self.parameters["v_reset"],
            v_thresh=self.parameters["v_thresh"],
            correction=self._correction,
        )


class CondAlpha(ConductanceBased):
    """`IF_cond_alpha`: alpha-shaped synaptic conductances whose peak is the weight."""

    RECEPTORS: ClassVar = pair("alpha", conductance=True)


@cache
def leaky(receptors: tuple[Receptor, ...]) -> type[LeakyMembrane]:
    """Return the leaky membrane with those receptors: all currents, or all conductances."""
    base = _Current if receptors[0].reversal is None else ConductanceBased
    return type("Composed", (base,), {"RECEPTORS": receptors})
