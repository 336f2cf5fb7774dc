"""Leaky integrate-and-fire neurons.

Conventions, which are those of NEST: the threshold is tested at grid points, a spike belongs to the grid point at which
the membrane is found at or above it, the membrane is at ``v_reset`` there already, and stays there for
``round(tau_refrac / dt)`` more grid points. A weight acts at its grid point: it raises the synaptic variable there, and
the membrane potential from there on (with delta synapses, the membrane potential itself).
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, alike
from ..integration.exact import psc_propagator
from .conductance_based import ConductanceBased
from .leaky_membrane import LeakyMembrane
from .point_neuron import pair
from .receptors import Receptor

__all__ = ["CondAlpha", "CondExp", "CurrAlpha", "CurrDelta", "CurrExp", "LeakyMembrane", "leaky", "psc_propagator"]

_EXACT = "exact"
Compiled = tuple[tuple[Floats, ...], npt.NDArray[np.int64]]


class _Current(LeakyMembrane):
    """Synaptic currents (nA), integrated exactly (Rotter and Diesmann 1999, Biological Cybernetics 81:381)."""

    METHODS: ClassVar = (_EXACT,)

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decay, self._constant, self._per_current = self._leak(dt)
        self._per_synapse = [
            (alike(per_unit), None if per_rise is None else alike(per_rise))
            for per_unit, per_rise in (receptor.potential(p, dt, p["tau_m"], p["cm"]) for receptor in self.RECEPTORS)
        ]

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


class CurrExp(_Current):
    """`IF_curr_exp`: exponentially decaying synaptic currents, integrated exactly."""

    RECEPTORS: ClassVar = pair("exp", conductance=False)
    kernel: ClassVar = "CURR_EXP"

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p, (exc, inh) = self.parameters, self._courses
        per_exc, per_inh = (per_unit for per_unit, _ in self._per_synapse)
        return (
            self._decay, self._constant, per_exc, per_inh, self._per_current, exc.decay, inh.decay, p["v_reset"],
            p["v_thresh"],
        ), self._held_steps  # fmt: skip


class CurrAlpha(_Current):
    """`IF_curr_alpha`: alpha-shaped synaptic currents whose peak is the weight, integrated exactly."""

    RECEPTORS: ClassVar = pair("alpha", conductance=False)


class CurrDelta(LeakyMembrane):
    """`IF_curr_delta`: a weight (mV) is a step of the membrane potential; integrated exactly.

    Weights that act during the refractory period are lost, as in NEST's ``iaf_psc_delta``.
    """

    METHODS: ClassVar = (_EXACT,)
    kernel: ClassVar = "CURR_DELTA"

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        self._decay, self._constant, self._per_current = self._leak(dt)

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p = self.parameters
        return (
            self._decay, self._constant, self._per_current, p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip

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


class CondExp(ConductanceBased):
    """`IF_cond_exp`: exponentially decaying synaptic conductances."""

    RECEPTORS: ClassVar = pair("exp", conductance=True)
    kernel: ClassVar = "COND_EXP"

    def compiled(self) -> Compiled:
        """See `NeuronModel.compiled`."""
        p, (exc, inh), (excitation, inhibition) = self.parameters, self._courses, self._channels
        return (
            self._leak_share, self._drive, self._per_current, self._first_reversal, inhibition.distance,
            excitation.share, inhibition.share, exc.decay, inh.decay, p["v_reset"], p["v_thresh"], self._correction,
        ), self._held_steps  # fmt: skip


class CondAlpha(ConductanceBased):
    """`IF_cond_alpha`: alpha-shaped synaptic conductances whose peak is the weight."""

    RECEPTORS: ClassVar = pair("alpha", conductance=True)


@cache
def leaky(receptors: tuple[Receptor, ...]) -> type[LeakyMembrane]:
    """The leaky membrane with those receptors: all currents, or all conductances."""
    base = _Current if receptors[0].reversal is None else ConductanceBased
    return type("Composed", (base,), {"RECEPTORS": receptors})
