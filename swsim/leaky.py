"""Leaky integrate-and-fire neurons.

Conventions, which are those of NEST: the threshold is tested at grid points, a spike belongs to the grid point at which
the membrane is found at or above it, the membrane is at ``v_reset`` there already, and stays there for
``round(tau_refrac / dt)`` more grid points. A weight acts at its grid point: it raises the synaptic variable there, and
the membrane potential from there on (with delta synapses, the membrane potential itself).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .falling import UNIT, falling
from .held import Held, HeldAlike
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

    def __init__(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        super().__init__(parameters)
        self._held: Held | None = None

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        self.settle()
        super().prepare(dt)
        held = np.rint(self.parameters["tau_refrac"] / dt)
        self._held_steps = np.minimum(held, np.iinfo(np.int32).max).astype(np.int64)
        self._reset_potential = alike(self.parameters["v_reset"])
        if "v_thresh" in self.parameters:
            self._threshold = alike(self.parameters["v_thresh"])
        self._scratch = np.empty((4, self.size))

    def _leak(self, dt: float) -> tuple[Any, Any, Any]:
        """Factor of the potential, what is added to it, and factor of a constant current (in mV per nA)."""
        p = self.parameters
        decay = np.exp(-dt / p["tau_m"])
        per_current = -np.expm1(-dt / p["tau_m"]) * p["tau_m"] / p["cm"]
        # The difference, so that a neuron at rest stays there to the last digit.
        constant = (p["v_rest"] - p["v_rest"] * decay) + per_current * p["i_offset"]
        return alike(decay), alike(constant), alike(per_current)

    def _hold(self, potential: Floats) -> None:
        """Keep refractory neurons at their reset potential; they are few."""
        if self._held is None:
            kind = HeldAlike if HeldAlike.suits(self.refractory, self._held_steps) else Held
            self._held = kind(self.refractory, self._held_steps)
        self._held.advance()
        if len(self._held.index):
            self._put_to_reset(potential, self._held.index)

    def _put_to_reset(self, potential: Floats, index: npt.NDArray[np.int64]) -> None:
        reset = self._reset_potential
        potential[index] = reset[index] if reset.ndim else reset

    def _fire(self, potential: Floats) -> npt.NDArray[np.bool_]:
        fired = potential >= self._threshold
        self._reset(potential, fired)
        return fired

    def _reset(self, potential: Floats, fired: npt.NDArray[np.bool_]) -> None:
        index = fired.nonzero()[0]
        if len(index):
            self._put_to_reset(potential, index)
            assert self._held is not None
            self._held.add(index)

    def settle(self) -> None:
        """See `NeuronModel.settle`."""
        if self._held is not None:
            self._held.settle()
            self._held = None

    def restart(self) -> None:
        """See `NeuronModel.restart`."""
        super().restart()
        self._held = None


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

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
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
            self._decay, self._constant, self._per_current, p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
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


@dataclass(frozen=True)
class _Channel:
    """A conductance of the membrane, in the units of its model: its variable, what to multiply that by for its mean,
    how far its reversal potential is from the first one, and its hidden variable with its share in the mean, if any.
    """

    variable: str
    share: Floats
    distance: Floats
    rise: tuple[str, Floats] | None


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
        # Conductances are in the unit of the exponential function, and potentials from the first reversal potential.
        self._unit = dt / (UNIT * p["cm"])
        self._first_reversal = p[str(self.RECEPTORS[0].reversal)]
        self._origin, self._per_current = alike(self._first_reversal), alike(self._unit)
        self._origin_matters = bool(self._first_reversal.any())  # most often it is 0
        leak = p["cm"] / p["tau_m"]
        self._leak_share = alike(self._unit * leak)
        self._drive = alike(self._unit * (leak * (p["v_rest"] - self._first_reversal) + p["i_offset"]))
        self._channels = [
            self._channel(receptor.variable, str(receptor.reversal), course.mean, receptor.hidden, course.mean_rise)
            for receptor, course in zip(self.RECEPTORS, self._courses, strict=True)
        ]

    def _channel(
        self, variable: str, reversal: str, mean: Floats, hidden: Sequence[str] = (), mean_rise: Floats | None = None
    ) -> _Channel:
        """A channel by the names of its variables and parameter; the means are those of `receptors.Course`."""
        distance = self.parameters[reversal] - self._first_reversal
        rise = None if mean_rise is None else (hidden[0], alike(self._unit * mean_rise))
        return _Channel(variable, alike(self._unit * mean), alike(distance), rise)

    def _mean_of(self, channel: _Channel, out: Floats) -> None:
        """The mean conductance over the coming step, in the unit of `prepare`."""
        np.multiply(self.state[channel.variable], channel.share, out)
        if channel.rise is not None:
            name, share = channel.rise
            out += share * self.hidden[name]

    def _integrate(self, current: Floats | None) -> Floats:
        """Take the membrane potential over the step; return it, refractory neurons held."""
        v = self.state["v"]
        total, target, more, other = self._scratch
        self._mean_of(self._channels[0], total)
        drive = self._drive
        for channel in self._channels[1:]:
            self._mean_of(channel, more)
            total += more
            more *= channel.distance
            drive = np.add(drive, more, target)
        total += self._leak_share
        if current is not None:
            drive = np.add(drive, self._per_current * current, target)
        np.divide(drive, total, target)
        if self._origin_matters:
            target += self._origin
        v -= target
        v *= falling(total, more, other)
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
        p, (exc, inh), (excitation, inhibition) = self.parameters, self._courses, self._channels
        return (
            self._leak_share, self._drive, self._per_current, self._origin, inhibition.distance, excitation.share,
            inhibition.share, exc.decay, inh.decay, p["v_reset"], p["v_thresh"],
        ), self._held_steps  # fmt: skip


class CondAlpha(Conductance):
    """`IF_cond_alpha`: alpha-shaped synaptic conductances whose peak is the weight."""

    RECEPTORS: ClassVar = pair("alpha", conductance=True)


@cache
def leaky(receptors: tuple[Receptor, ...]) -> type[Leaky]:
    """The leaky membrane with those receptors: all currents, or all conductances."""
    base = _Current if receptors[0].reversal is None else Conductance
    return type("Composed", (base,), {"RECEPTORS": receptors})
