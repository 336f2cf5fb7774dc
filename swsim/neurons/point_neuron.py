"""Models with receptors: parameters, variables and rules put together from a membrane and its receptors."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..base.arrays import Floats, alike
from ..base.parameter_rules import Rule
from .model import NeuronModel
from .receptors import Receptor, Shape

__all__ = ["PointNeuron", "ReceptorCoefficients", "pair"]


def pair(shape: Shape, *, conductance: bool) -> tuple[Receptor, Receptor]:
    """Return PyNN's excitatory and inhibitory receptors of one shape."""
    kind = "g" if conductance else "i"
    return (
        Receptor(shape, f"{kind}syn_exc", "tau_syn_E", reversal="e_rev_E" if conductance else None),
        Receptor(shape, f"{kind}syn_inh", "tau_syn_I", reversal="e_rev_I" if conductance else None),
    )


def _plus(total: Floats | float, more: Floats) -> Floats:
    """Return the sum, in one of the two arrays: the first is 0, or an array that nothing else uses."""
    if isinstance(total, np.ndarray):
        total += more
        return total
    return more


class ReceptorCoefficients(NamedTuple):
    """The coefficients of a receptor for kernels: those of `receptors.Course`, 0 where there are none, and more."""

    decay: Floats
    mean: Floats
    feed: Floats
    rise_decay: Floats
    rise_step: Floats
    mean_rise: Floats
    reversal: Floats  # mV, 0 for a current
    rises: Floats  # whether there is a hidden variable, 1 or 0
    opens: Floats  # whether it is a conductance, 1 or 0


class PointNeuron(NeuronModel):
    """A membrane with receptors: a subclass names both, the rest of the tables is made here."""

    MEMBRANE: ClassVar[tuple[str, ...]] = ()
    MEMBRANE_STATE: ClassVar[tuple[str, ...]] = ("v",)
    MEMBRANE_HIDDEN: ClassVar[tuple[str, ...]] = ()
    MEMBRANE_RULES: ClassVar[tuple[Rule, ...]] = ()
    RECEPTORS: ClassVar[tuple[Receptor, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        receptors = cls.RECEPTORS
        cls.PARAMETERS = cls.MEMBRANE + tuple(name for receptor in receptors for name in receptor.parameters)
        cls.STATE = cls.MEMBRANE_STATE + tuple(receptor.variable for receptor in receptors)
        # Kernels find those of the receptors right behind these.
        cls.HIDDEN = tuple(name for receptor in receptors for name in receptor.hidden) + cls.MEMBRANE_HIDDEN
        cls.RULES = tuple(rule for receptor in receptors for rule in receptor.rules) + cls.MEMBRANE_RULES

    @property
    def receptors(self) -> int:
        """The number of receptors, but at least 2."""
        return max(2, len(self.RECEPTORS))

    @property
    def own_receptors(self) -> int:
        """The number of receptors."""
        return len(self.RECEPTORS)

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        self._courses = [receptor.course(self.parameters, dt).simplified() for receptor in self.RECEPTORS]
        self._reversals = [
            None if receptor.reversal is None else alike(self.parameters[receptor.reversal])
            for receptor in self.RECEPTORS
        ]

    def receptor_coefficients(self) -> list[Floats | float]:
        """Return those of all receptors for kernels, one `ReceptorCoefficients` after the other; after `prepare`."""
        rows: list[Floats | float] = []
        for course, reversal in zip(self._courses, self._reversals, strict=True):
            rises, opens = float(course.feed is not None), float(reversal is not None)
            given = {**vars(course), "reversal": reversal, "rises": rises, "opens": opens}
            found = (given[name] for name in ReceptorCoefficients._fields)
            rows += [0.0 if value is None else value for value in found]
        return rows

    def _rise(self, receptor: Receptor) -> Floats:
        return self.hidden[receptor.hidden[0]]

    def _mean(self, row: int) -> Floats:
        """Return the mean current or conductance of a receptor over the coming step, shape (n,)."""
        receptor, course = self.RECEPTORS[row], self._courses[row]
        mean = course.mean * self.state[receptor.variable]
        if course.mean_rise is not None:
            mean += course.mean_rise * self._rise(receptor)
        return mean

    def _input(self) -> tuple[Floats | float, Floats | float]:
        """Return the mean conductance (uS) over the coming step, and the mean current (nA) that would flow at 0 mV."""
        conductance: Floats | float = 0.0
        current: Floats | float = 0.0
        for row, reversal in enumerate(self._reversals):
            mean = self._mean(row)
            if reversal is None:
                current = _plus(current, mean)
            else:
                flow = mean * reversal
                conductance = _plus(conductance, mean)
                current = _plus(current, flow)
        return conductance, current

    def _arrive(self, arriving: Floats) -> None:
        """Take currents and conductances to the new grid point, and add the weights that act there."""
        for receptor, course, weight in zip(self.RECEPTORS, self._courses, arriving, strict=False):
            g = self.state[receptor.variable]
            g *= course.decay
            if course.feed is None:
                g += weight
                continue
            x = self._rise(receptor)
            g += course.feed * x
            assert course.rise_decay is not None
            assert course.rise_step is not None
            x *= course.rise_decay
            x += course.rise_step * weight
