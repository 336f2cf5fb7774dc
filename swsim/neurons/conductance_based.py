"""The leaky membrane with synaptic conductances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, alike
from ..integration.coupled_system import Coupled, Part
from ..integration.exponential_euler import UNIT, correction, relax
from ..integration.methods import ADAPTIVE, EXPONENTIAL_EULER, RK4
from .leaky_membrane import LeakyMembrane

__all__ = ["ChannelCoefficients", "ConductanceBased", "ConductanceCoefficients"]


@dataclass(frozen=True)
class _Channel:
    """A conductance of the membrane, in the units of its model: its variable, the factor of that for its mean,
    how far its reversal potential is from the first one, and its hidden variable with its share in the mean, if any.
    """

    variable: str
    share: Floats
    distance: Floats
    rise: tuple[str, Floats] | None


class ConductanceCoefficients(NamedTuple):
    """The coefficients of a step with any conductances, of shape (n,) or (), in the unit of `exponential_euler.relax`.

    Those of the receptors follow, and `ChannelCoefficients` of each receptor and of each conductance that follows the
    neuron's own spikes, of which there are ``memories``; their variables come after v.
    """

    leak: Floats  # conductance of the leak
    drive: Floats  # of the leak and i_offset: conductance times mV from the origin
    per_current: Floats  # drive per nA of electrodes
    origin: Floats  # mV: the first reversal potential
    correction: Floats  # see `exponential_euler.correction`
    v_reset: Floats  # mV
    v_thresh: Floats  # mV
    memories: int


class ChannelCoefficients(NamedTuple):
    """The coefficients of one conductance, of shape (n,) or ()."""

    share: Floats  # mean over the step per unit of the variable
    share_rise: Floats | float  # the same of a receptor's hidden variable, 0 if it has none
    distance: Floats  # mV from the origin to the reversal potential
    decay: Floats | float  # factor of a variable that follows spikes
    jump: Floats | float  # what a spike adds to it


class ConductanceBased(LeakyMembrane):
    """Synaptic conductances (uS).

    The conductances follow their exact course. The membrane takes one exponential Euler step with each conductance at
    its exact mean over the step, see `exponential_euler`. The factor of the old potential is then that of the exact
    solution (it is the exponential of the integrated total conductance), and the whole is of second order in dt.

    By the other methods the conductances vary within the step, in which the membrane then is of order 4, or adaptive of
    order 5 with an error of at most 1e-6 mV and 1e-9 uS per substep; see `coupled_system`.
    """

    METHODS: ClassVar = (EXPONENTIAL_EULER, RK4, ADAPTIVE)
    kernel: ClassVar[str | None] = "leaky_conductances"
    max_compiled: ClassVar[int | None] = 1000

    def prepare(self, dt: float) -> None:
        """Compute the propagators."""
        super().prepare(dt)
        p = self.parameters
        # Conductances are in the unit of `relax`, and potentials from the first reversal potential.
        self._unit = dt / (UNIT * p["cm"])
        self._first_reversal = p[str(self.RECEPTORS[0].reversal)]
        self._per_current = alike(self._unit)
        self._origin = alike(self._first_reversal) if self._first_reversal.any() else None  # most often it is 0
        leak = p["cm"] / p["tau_m"]
        self._leak_share = alike(self._unit * leak)
        self._correction = alike(correction(self._unit * leak))
        self._drive = alike(self._unit * (leak * (p["v_rest"] - self._first_reversal) + p["i_offset"]))
        self._channels = [
            self._channel(receptor.variable, str(receptor.reversal), course.mean, receptor.hidden, course.mean_rise)
            for receptor, course in zip(self.RECEPTORS, self._courses, strict=True)
        ]
        self._constant = leak * p["v_rest"] + p["i_offset"]
        self._coupled: Coupled | None = None
        if self.method is not None and self.method != EXPONENTIAL_EULER:
            self._coupled = Coupled.by(self.method)(self._parts(), leak, p["cm"], dt)

    def coefficients(self) -> tuple[Any, ...]:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        membrane = ConductanceCoefficients(
            leak=self._leak_share,
            drive=self._drive,
            per_current=self._per_current,
            origin=self._first_reversal,
            correction=self._correction,
            v_reset=self.parameters["v_reset"],
            v_thresh=self.parameters["v_thresh"],
            memories=len(self._memories()),
        )
        return (*membrane, *self.receptor_coefficients(), *self.channel_coefficients())

    def channel_coefficients(self) -> list[Floats | float]:
        """Return those of all conductances for kernels, one `ChannelCoefficients` after the other; after `prepare`."""
        followed = [(0.0, 0.0)] * len(self.RECEPTORS) + self._memories()
        return [
            value
            for channel, (decay, jump) in zip(self._channels, followed, strict=True)
            for value in ChannelCoefficients(
                channel.share, 0.0 if channel.rise is None else channel.rise[1], channel.distance, decay, jump
            )
        ]

    def _memories(self) -> list[tuple[Any, Any]]:
        """Return the factor in a step and the jump at a spike of each channel that is not a receptor's."""
        return []

    def _parts(self) -> list[Part]:
        """Return the variables that the other methods integrate together with the membrane."""
        parts = []
        for receptor in self.RECEPTORS:
            rate, feed, rise_rate = receptor.equations(self.parameters)
            reversal = self.parameters[str(receptor.reversal)]
            parts.append(Part(self.state[receptor.variable], rate, feed, 1.0, reversal))
            if rise_rate is not None:
                parts.append(Part(self._rise(receptor), rise_rate))
        return parts

    def _channel(
        self, variable: str, reversal: str, mean: Floats, hidden: Sequence[str] = (), mean_rise: Floats | None = None
    ) -> _Channel:
        """Return a channel by the names of its variables and parameter; the means are those of `receptors.Course`."""
        distance = self.parameters[reversal] - self._first_reversal
        rise = None if mean_rise is None else (hidden[0], alike(self._unit * mean_rise))
        return _Channel(variable, alike(self._unit * mean), alike(distance), rise)

    def _mean_of(self, channel: _Channel, out: Floats) -> None:
        """Write the mean conductance over the coming step to ``out``, in the unit of `prepare`."""
        np.multiply(self.state[channel.variable], channel.share, out)
        if channel.rise is not None:
            name, share = channel.rise
            out += share * self.hidden[name]

    def _integrate(self, current: Floats | None) -> Floats:
        """Take the membrane potential over the step; return it, refractory neurons held."""
        v = self.state["v"]
        if self._coupled is not None:
            self._coupled.advance(v, self._constant if current is None else self._constant + current)
            self._hold(v)
            return v
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
        relax(v, total, drive, self._origin, self._correction, more, other)
        self._hold(v)
        return v

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v = self._integrate(current)
        self._arrive(arriving)
        return self._fire(v)
