"""Leaky neurons whose membrane remembers their own spikes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import at_least_zero, finite, positive
from ..base.random_streams import uniform
from ..integration.coupled_system import Part
from ..integration.exact import share
from .conductance_based import ConductanceBased
from .leaky_membrane import LeakyMembrane
from .point_neuron import pair

__all__ = ["GIF", "Adapting"]

_PER_NANOSIEMENS = 1e-3  # uS


class Adapting(ConductanceBased):
    """`IF_cond_exp_gsfa_grr`: conductances of adaptation and relative refractoriness that grow with every spike.

    Source: Muller et al. (2007), Neural Computation 19:2958, equation 2.1. ``g_s`` and ``g_r`` (nS) grow by ``q_sfa``
    and ``q_rr`` at a spike and decay exponentially; integrated as `ConductanceBased`, with both at their exact mean, or
    together with the membrane.
    """

    MEMBRANE: ClassVar = (
        *LeakyMembrane.MEMBRANE, "tau_sfa", "e_rev_sfa", "q_sfa", "tau_rr", "e_rev_rr", "q_rr",
    )  # fmt: skip
    MEMBRANE_STATE: ClassVar = ("v", "g_s", "g_r")
    RECEPTORS: ClassVar = pair("exp", conductance=True)
    MEMBRANE_RULES: ClassVar = (
        *LeakyMembrane.MEMBRANE_RULES,
        positive("tau_sfa", "tau_rr"),
        at_least_zero("q_sfa", "q_rr"),
        finite("q_sfa", "q_rr", "e_rev_sfa", "e_rev_rr"),
    )
    _MEMORY: ClassVar = (("g_s", "tau_sfa", "e_rev_sfa", "q_sfa"), ("g_r", "tau_rr", "e_rev_rr", "q_rr"))

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._decays = [np.exp(-dt / p[tau]) for _, tau, _, _ in self._MEMORY]
        for name, tau, reversal, _ in self._MEMORY:
            self._channels.append(self._channel(name, reversal, _PER_NANOSIEMENS * share(dt / p[tau])))

    def _memories(self) -> list[tuple[Any, Any]]:
        jumps = [self.parameters[jump] for _, _, _, jump in self._MEMORY]
        return list(zip(self._decays, jumps, strict=True))

    def _parts(self) -> list[Part]:
        p = self.parameters
        return super()._parts() + [
            Part(self.state[name], 1.0 / p[tau], conductance=_PER_NANOSIEMENS, reversal=p[reversal])
            for name, tau, reversal, _ in self._MEMORY
        ]

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self._integrate(current)
        self._arrive(arriving)
        for (name, _, _, _), decay in zip(self._MEMORY, self._decays, strict=True):
            self.state[name] *= decay
        return self._fire(v)

    def _reset(self, potential: Floats, fired: npt.NDArray[np.int64]) -> None:
        super()._reset(potential, fired)
        for name, _, _, jump in self._MEMORY:
            self.state[name][fired] += self.parameters[jump][fired]


def _elements_match(parameters: Mapping[str, Any]) -> None:
    for tau, jump in (("tau_eta", "a_eta"), ("tau_gamma", "a_gamma")):
        expected, found = (np.shape(parameters[name])[-1] for name in (tau, jump))
        if expected != found:
            raise ValueError(f"{jump} must have as many elements as {tau}, that is {expected}, not {found}")


class GIF(ConductanceBased):
    """`GIF_cond_exp`: spike-triggered currents, a moving threshold, and spikes at random.

    Source: Pozzorini et al. (2015), PLoS Comput. Biol. 11:e1004275, equations 1 to 5. Every spike adds ``a_eta`` to the
    elements of the current ``i_eta`` (nA), which flows out of the cell, and ``a_gamma`` to those of the threshold
    ``v_t`` (mV) above ``v_t_star``; they decay exponentially. In a step of dt a neuron that is not refractory fires
    with probability ``1 - exp(-lambda dt)``, ``lambda = lambda0 exp((v - v_t)/delta_v)`` at the end of the step.
    Integrated as `ConductanceBased`, with ``i_eta`` at its exact mean, or together with the membrane. ``i_eta`` and
    ``v_t`` follow from the spikes: initial values of them are only what is recorded at time 0.
    """

    MEMBRANE: ClassVar = (
        *(name for name in LeakyMembrane.MEMBRANE if name != "v_thresh"),
        "delta_v", "v_t_star", "lambda0", "tau_eta", "tau_gamma", "a_eta", "a_gamma",
    )  # fmt: skip
    MEMBRANE_STATE: ClassVar = ("v", "v_t", "i_eta")
    RECEPTORS: ClassVar = pair("exp", conductance=True)
    MEMBRANE_RULES: ClassVar = (
        positive("cm", "tau_m", "delta_v", "tau_eta", "tau_gamma"),
        at_least_zero("tau_refrac", "lambda0"),
        finite("v_rest", "i_offset", "v_reset", "v_t_star", "lambda0", "a_eta", "a_gamma"),
        _elements_match,
    )
    # Besides those of the receptors; the clock counts the random numbers drawn.
    MEMBRANE_HIDDEN: ClassVar = ("eta", "gamma", "clock")
    VECTORS: ClassVar = ("tau_eta", "tau_gamma", "a_eta", "a_gamma")
    kernel: ClassVar[str | None] = None

    @property
    def kind(self) -> Hashable:
        """Only neurons with equal numbers of elements lie in one array."""
        return type(self), self.method, *(self.parameters[name].shape[1] for name in self.VECTORS)

    def hidden_shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a hidden variable: the currents and thresholds have a column for each element."""
        parameter = {"eta": "tau_eta", "gamma": "tau_gamma"}.get(name)
        return super().hidden_shape(name) if parameter is None else self.parameters[parameter].shape

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._eta_decay = np.exp(-dt / p["tau_eta"])
        self._eta_mean = share(dt / p["tau_eta"])
        self._gamma_decay = np.exp(-dt / p["tau_gamma"])
        self._expected = p["lambda0"] * dt / 1000.0

    def _parts(self) -> list[Part]:
        eta, tau = self.hidden["eta"], self.parameters["tau_eta"]
        return super()._parts() + [
            Part(eta[:, element], 1.0 / tau[:, element], current=-1.0) for element in range(eta.shape[1])
        ]

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p, eta, gamma = self.parameters, self.hidden["eta"], self.hidden["gamma"]
        if self._coupled is None:
            adapting = (self._eta_mean * eta).sum(axis=1)
            current = -adapting if current is None else current - adapting
        v = self._integrate(current)
        self._arrive(arriving)
        eta *= self._eta_decay
        gamma *= self._gamma_decay
        threshold = self.state["v_t"]
        np.add(p["v_t_star"], gamma.sum(axis=1), out=threshold)
        with np.errstate(over="ignore"):
            expected = self._expected * np.exp((v - threshold) / p["delta_v"])
        clock = self.hidden["clock"]
        fires = uniform(self.stream, clock) < -np.expm1(-expected)
        assert self._holding is not None
        fires[self._holding.index] = False
        clock += 1.0
        fired = fires.nonzero()[0]
        if len(fired):
            self._reset(v, fired)
            eta[fired] += p["a_eta"][fired]
            gamma[fired] += p["a_gamma"][fired]
        threshold[fired] += p["a_gamma"][fired].sum(axis=1)
        np.sum(eta, axis=1, out=self.state["i_eta"])
        return fired
