"""Leaky neurons whose membrane remembers their own spikes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.elementary import exp, expm1
from ..base.parameter_rules import at_least_zero, finite, positive
from ..base.random_streams import uniform
from ..integration.coupled_system import Part
from ..integration.exact import share
from .conductance_based import ConductanceBased
from .leaky_membrane import LeakyMembrane
from .point_neuron import pair

__all__ = ["GIF", "Adapting", "DecayCoefficients", "GIFCoefficients"]

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


class GIFCoefficients(NamedTuple):
    """The coefficients of a step, of shape (n,) or (), in the unit of `exponential_euler.relax`.

    Those of the receptors follow, `ChannelCoefficients` of each, and `DecayCoefficients` of each element of the
    current, then of the threshold. Behind the receptors' variables come the elements of both, the clock and the stream.
    """

    leak: Floats  # conductance of the leak
    drive: Floats  # of the leak and i_offset: conductance times mV from the origin
    per_current: Floats  # drive per nA
    origin: Floats  # mV: the first reversal potential
    correction: Floats  # see `exponential_euler.correction`
    v_reset: Floats  # mV
    delta_v: Floats  # mV
    v_t_star: Floats  # mV
    expected: Floats  # lambda0 dt
    currents: int
    thresholds: int


class DecayCoefficients(NamedTuple):
    """The coefficients of one element of the current or the threshold, shape (n,)."""

    decay: Floats  # factor of a step
    mean: Floats  # its mean over the step
    jump: Floats  # what a spike adds to it


def _sum_of_columns(values: Floats) -> Floats:
    """Return the sum of each row, added up from the first column to the last."""
    total = np.zeros(len(values))
    for column in range(values.shape[1]):
        total += values[:, column]
    return total


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
    kernel: ClassVar[str | None] = "gif"
    max_compiled: ClassVar[int | None] = None
    effort: ClassVar[int] = 4

    @property
    def kind(self) -> Hashable:
        """Only neurons with equal numbers of elements lie in one array."""
        return type(self), self.method, *(self.parameters[name].shape[1] for name in self.VECTORS)

    def hidden_shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a hidden variable: the currents and thresholds have a column for each element."""
        parameter = {"eta": "tau_eta", "gamma": "tau_gamma"}.get(name)
        return super().hidden_shape(name) if parameter is None else self.parameters[parameter].shape

    @property
    def variables(self) -> dict[str, Floats]:
        """All variables for the kernel, and the key of the random numbers, whose bits are taken for a number."""
        return {**super().variables, "stream": self.stream.view(np.float64)}

    def move_to(self, rows: Floats) -> None:
        """Keep `variables` in the first rows of an array, see `NeuronModel.move_to`."""
        super().move_to(rows)
        self.stream = rows[len(self.variables) - 1].view(np.uint64)

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        self._eta_decay = np.exp(-dt / p["tau_eta"])
        self._eta_mean = share(dt / p["tau_eta"])
        self._gamma_decay = np.exp(-dt / p["tau_gamma"])
        self._gamma_mean = share(dt / p["tau_gamma"])
        self._expected = p["lambda0"] * dt / 1000.0

    def coefficients(self) -> tuple[Any, ...]:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        p = self.parameters
        membrane = GIFCoefficients(
            leak=self._leak_share,
            drive=self._drive,
            per_current=self._per_current,
            origin=self._first_reversal,
            correction=self._correction,
            v_reset=p["v_reset"],
            delta_v=p["delta_v"],
            v_t_star=p["v_t_star"],
            expected=self._expected,
            currents=p["tau_eta"].shape[1],
            thresholds=p["tau_gamma"].shape[1],
        )
        decaying = [
            DecayCoefficients(decay[:, k], mean[:, k], jump[:, k])
            for decay, mean, jump in (
                (self._eta_decay, self._eta_mean, p["a_eta"]),
                (self._gamma_decay, self._gamma_mean, p["a_gamma"]),
            )
            for k in range(decay.shape[1])
        ]
        rows = [*self.channel_coefficients(), *(value for element in decaying for value in element)]
        return (*membrane, *self.receptor_coefficients(), *rows)

    def _parts(self) -> list[Part]:
        eta, tau = self.hidden["eta"], self.parameters["tau_eta"]
        return super()._parts() + [
            Part(eta[:, element], 1.0 / tau[:, element], current=-1.0) for element in range(eta.shape[1])
        ]

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p, eta, gamma = self.parameters, self.hidden["eta"], self.hidden["gamma"]
        if self._coupled is None:
            adapting = _sum_of_columns(self._eta_mean * eta)
            current = -adapting if current is None else current - adapting
        v = self._integrate(current)
        self._arrive(arriving)
        eta *= self._eta_decay
        gamma *= self._gamma_decay
        threshold = self.state["v_t"]
        np.add(p["v_t_star"], _sum_of_columns(gamma), out=threshold)
        with np.errstate(over="ignore"):
            expected = self._expected * exp((v - threshold) / p["delta_v"])
        clock = self.hidden["clock"]
        fires = uniform(self.stream, clock) < -expm1(-expected)
        assert self._holding is not None
        fires[self._holding.index] = False
        clock += 1.0
        fired = fires.nonzero()[0]
        if len(fired):
            self._reset(v, fired)
            eta[fired] += p["a_eta"][fired]
            gamma[fired] += p["a_gamma"][fired]
            threshold[fired] += _sum_of_columns(p["a_gamma"][fired])
        self.state["i_eta"][:] = _sum_of_columns(eta)
        return fired
