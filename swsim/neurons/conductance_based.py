"""The leaky membrane with synaptic conductances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, alike
from ..integration.coupled_system import Coupled, Part
from ..integration.exponential_euler import UNIT, correction, relax
from ..integration.methods import ADAPTIVE, EXPONENTIAL_EULER, RK4
from .leaky_membrane import LeakyMembrane

__all__ = ["ConductanceBased"]


@dataclass(frozen=True)
class _Channel:
    """A conductance of the membrane, in the units of its model: its variable, the factor of that for its mean,
    how far its reversal potential is from the first one, and its hidden variable with its share in the mean, if any.
    """

    variable: str
    share: Floats
    distance: Floats
    rise: tuple[str, Floats] | None


class ConductanceBased(LeakyMembrane):
    """Synaptic conductances (uS).

    The conductances follow their exact course. The membrane takes one exponential Euler step with each conductance at
    its exact mean over the step, see `exponential_euler`. The factor of the old potential is then that of the exact
    solution (it is the exponential of the integrated total conductance), and the whole is of second order in dt.

    By the other methods the conductances vary within the step, in which the membrane then is of order 4, or adaptive of
    order 5 with an error of at most 1e-6 mV and 1e-9 uS per substep; see `coupled_system`.
    """

    METHODS: ClassVar = (EXPONENTIAL_EULER, RK4, ADAPTIVE)

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
