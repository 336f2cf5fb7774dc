"""Receptors: what an arriving weight does to a synaptic current or conductance in the course of time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from ..base.arrays import Floats, alike
from ..base.parameter_rules import Rule, finite, positive
from ..integration.exact import first_moment, psc_propagator, psc_rise_propagator, share
from .rules import below

__all__ = ["Course", "Receptor", "Shape"]

Shape = Literal["exp", "alpha", "beta"]


@dataclass(frozen=True)
class Course:
    """One step of a receptor: ``g' = decay g + feed x + step w`` and ``x' = rise_decay x + rise_step w``.

    ``g`` is the current or conductance, ``x`` the hidden variable of those that do not jump, ``w`` the weight that
    arrives at the new grid point. ``mean g + mean_rise x`` is the mean of g over the step, w not included. Arrays of
    shape (n,), or numbers; those of x are None where there is none.
    """

    decay: Floats
    mean: Floats
    feed: Floats | None = None
    rise_decay: Floats | None = None
    rise_step: Floats | None = None
    mean_rise: Floats | None = None

    def simplified(self) -> Course:
        """Return the same course, with a number where all neurons have the same coefficient."""
        values: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            values[field.name] = value if value is None else alike(value)
        return Course(**values)


@dataclass(frozen=True)
class Receptor:
    """One receptor of a model, by the names of its parameters and of its variable.

    Parameters
    ----------
    shape
        ``exp``: a jump by the weight and exponential decay; ``alpha``: ``w t/tau exp(1 - t/tau)``; ``beta``: the
        difference of two exponentials. The peak of all three is the weight.
    variable
        The current (nA) or conductance (uS).
    tau
        Time constant of the decay (ms).
    tau_rise
        Time constant of the rise (ms), for ``beta`` only.
    reversal
        Reversal potential (mV) of a conductance; None for a current.
    """

    shape: Shape
    variable: str
    tau: str
    tau_rise: str | None = None
    reversal: str | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(name for name in (self.tau, self.tau_rise, self.reversal) if name is not None)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The name of its hidden variable, if it has one."""
        return () if self.shape == "exp" else (f"{self.variable} rise",)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that its parameters keep."""
        rules = [positive(*(name for name in (self.tau, self.tau_rise) if name is not None))]
        if self.reversal is not None:
            rules.append(finite(self.reversal))
        if self.tau_rise is not None:
            rules.append(below(self.tau_rise, self.tau))
        return tuple(rules)

    def course(self, parameters: Mapping[str, Floats], dt: float) -> Course:
        """Return the coefficients of a step of ``dt`` ms: exact solutions of the receptor's linear equations."""
        tau = parameters[self.tau]
        decay = np.exp(-dt / tau)
        mean = share(dt / tau)
        if self.shape == "exp":
            return Course(decay, mean)
        if self.shape == "alpha":
            # x is the slope at which g leaves 0.
            return Course(decay, mean, dt * decay, decay, math.e / tau, dt * first_moment(dt / tau))
        # g is a slow exponential less a fast one, and x is the fast one: both jump by the same.
        assert self.tau_rise is not None
        rise = parameters[self.tau_rise]
        peak = tau * rise / (tau - rise) * np.log(tau / rise)
        scale = 1.0 / (np.exp(-peak / tau) - np.exp(-peak / rise))
        rise_decay = np.exp(-dt / rise)
        return Course(decay, mean, decay - rise_decay, rise_decay, scale, mean - share(dt / rise))

    def equations(self, parameters: Mapping[str, Floats]) -> tuple[Floats, Floats | None, Floats | None]:
        """Return the coefficients, per ms, of its linear equations ``g' = -first g + second x`` and ``x' = -third x``.

        They are those that `course` solves, with the same g and x; without x there is but the first.
        """
        rate = 1.0 / parameters[self.tau]
        if self.shape == "exp":
            return rate, None, None
        if self.shape == "alpha":
            return rate, np.ones_like(rate), rate
        assert self.tau_rise is not None
        rise = 1.0 / parameters[self.tau_rise]
        return rate, rise - rate, rise

    def potential(
        self, parameters: Mapping[str, Floats], dt: float, tau_m: Floats, cm: Floats
    ) -> tuple[Floats, Floats | None]:
        """Return the potential (mV) of a leaky membrane after a step per unit of g, and of x, of a current: exact."""
        tau = parameters[self.tau]
        slow = psc_propagator(dt, tau_m, tau, cm)
        if self.shape == "exp":
            return slow, None
        if self.shape == "alpha":
            return slow, psc_rise_propagator(dt, tau_m, tau, cm)
        assert self.tau_rise is not None
        return slow, slow - psc_propagator(dt, tau_m, parameters[self.tau_rise], cm)
