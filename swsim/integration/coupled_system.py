"""The leaky membrane with conductances that vary within a step: one system of differential equations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..base.arrays import Floats
from .dormand_prince import Rows, integrate
from .exact import share
from .methods import ADAPTIVE, RK4, require_finite

__all__ = ["Coupled", "Part"]


@dataclass(frozen=True)
class Part:
    """A variable ``z' = -rate z + feed x`` that opens the membrane or drives it, x being the part after it.

    Parameters
    ----------
    values
        z at the beginning of a step, shape (n,); a window on the model's own, which is read only.
    rate, feed
        Per ms, shape (n,); ``feed`` is None for no x.
    conductance
        The conductance in uS per unit of z, or None if it opens nothing.
    reversal
        Its reversal potential in mV, shape (n,).
    current
        The current into the cell in nA per unit of z, for one that opens nothing.
    """

    values: Floats
    rate: Floats
    feed: Floats | None = None
    conductance: float | None = None
    reversal: Floats | None = None
    current: float = 0.0


class Coupled(ABC):
    """Takes the potential over a step, with the parts as they go on within it; they are left as they were.

    Parameters
    ----------
    parts
        The variables that open the membrane or drive it.
    leak, cm
        The conductance of the leak in uS and the capacity in nF, shape (n,).
    dt
        The step in ms.
    """

    def __init__(self, parts: Sequence[Part], leak: Floats, cm: Floats, dt: float) -> None:
        self._parts = parts
        self._leak = leak
        self._cm = cm
        self._dt = dt

    @staticmethod
    def by(method: str) -> type[Coupled]:
        """Return the class that integrates by a method."""
        return {RK4: _RungeKutta, ADAPTIVE: _Adaptive}[method]

    @abstractmethod
    def advance(self, v: Floats, drive: Floats) -> None:
        """Change the potentials (mV, shape (n,)) in place; ``drive`` is the constant current in nA at 0 mV."""


class _Adaptive(Coupled):
    """All variables together by `dormand_prince.integrate`: an error of at most 1e-6 mV and 1e-9 uS per substep."""

    TOLERANCES: ClassVar = (1e-6, 1e-9)  # mV; uS, and other variables in their own unit

    def advance(self, v: Floats, drive: Floats) -> None:
        """Change the potentials in place, by substeps of each neuron's own."""

        def slope(y: Floats, rows: Rows) -> Floats:
            change = np.empty_like(y)
            rise = drive[rows] - self._leak[rows] * y[0]
            for row, part in enumerate(self._parts, 1):
                z = y[row]
                change[row] = -part.rate[rows] * z
                if part.feed is not None:
                    change[row] += part.feed[rows] * y[row + 1]
                if part.conductance is not None:
                    assert part.reversal is not None
                    rise += part.conductance * z * (part.reversal[rows] - y[0])
                elif part.current:
                    rise += part.current * z
            change[0] = rise / self._cm[rows]
            return change

        potential, other = self.TOLERANCES
        tolerance = np.array([[potential], *([other / (part.conductance or 1.0)] for part in self._parts)])
        state = np.stack([v, *(part.values for part in self._parts)])
        integrate(slope, state, self._dt, tolerance)
        v[:] = state[0]


class _RungeKutta(Coupled):
    """The classical method of order 4 (see `methods.rk4`), with the exact values of the parts at its three times.

    So the shortest time constant of a synapse, which is often no longer than a step, makes no error of its own.
    """

    def __init__(self, parts: Sequence[Part], leak: Floats, cm: Floats, dt: float) -> None:
        super().__init__(parts, leak, cm, dt)
        self._courses = [self._course(0.5 * dt), self._course(dt)]

    def _course(self, time: float) -> list[tuple[Floats, Floats | None]]:
        """Return for each part its factor after that time, and what it has of the part after it."""
        courses: list[tuple[Floats, Floats | None]] = []
        for part, after in zip(self._parts, [*self._parts[1:], None], strict=True):
            if part.feed is None:
                courses.append((np.exp(-part.rate * time), None))
                continue
            assert after is not None
            # The integral over both exponentials, in the form that does not divide by a difference of their rates.
            both = np.exp(-np.minimum(part.rate, after.rate) * time) * share(time * np.abs(part.rate - after.rate))
            courses.append((np.exp(-part.rate * time), part.feed * time * both))
        return courses

    def _opened(self, values: Sequence[Floats], drive: Floats) -> tuple[Floats, Floats]:
        """Return the current at 0 mV and the conductance, both over the capacity, for those values of the parts."""
        current, total = drive.copy(), self._leak.copy()
        for part, z in zip(self._parts, values, strict=True):
            if part.conductance is not None:
                assert part.reversal is not None
                conductance = part.conductance * z
                total += conductance
                current += conductance * part.reversal
            elif part.current:
                current += part.current * z
        return current / self._cm, total / self._cm

    def advance(self, v: Floats, drive: Floats) -> None:
        """Change the potentials in place, by one substep; raise ``FloatingPointError`` as `methods.rk4` does."""
        values = [part.values for part in self._parts]
        nexts = [*values[1:], values[0]]  # nothing feeds the last one
        opened = [self._opened(values, drive)]
        for course in self._courses:
            later = [
                decay * z if fed is None else decay * z + fed * x
                for (decay, fed), z, x in zip(course, values, nexts, strict=True)
            ]
            opened.append(self._opened(later, drive))
        (a, b), (a_half, b_half), (a_end, b_end) = opened
        half = 0.5 * self._dt
        with np.errstate(over="ignore", invalid="ignore"):
            first = a - b * v
            second = a_half - b_half * (v + half * first)
            third = a_half - b_half * (v + half * second)
            fourth = a_end - b_end * (v + self._dt * third)
            v += self._dt / 6.0 * (first + 2.0 * (second + third) + fourth)
        require_finite(v, self._dt)
