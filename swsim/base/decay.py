"""What is left of exponentially decaying traces after whole numbers of steps."""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Index
from .elementary import exp

__all__ = ["Decay"]

_LENGTH = 1 << 14  # steps, beyond which factors are calculated one by one


class Decay:
    """Factors ``exp(-k dt / tau)`` of n traces after k steps.

    Where all time constants are the same, those of few steps are looked up in a table; the bits are the same.

    Parameters
    ----------
    tau
        The time constants in ms, shape (n,).
    dt
        The time step in ms.

    Attributes
    ----------
    tau
        As above.
    table
        The factors after 0, 1, ... steps, or no elements where time constants differ.
    """

    def __init__(self, tau: Floats, dt: float) -> None:
        self.tau = tau.copy()
        self._dt = dt
        alike = len(tau) and (tau == tau[0]).all()
        self.table: Floats = exp(-(np.arange(_LENGTH) * dt) / tau[0]) if alike else np.empty(0)

    def factors(self, steps: Index, index: Index) -> Floats:
        """Return the factors of those of the traces after so many steps, at least 0, shape (index,) both."""
        if len(self.table):
            near = steps < _LENGTH
            if near.all():
                return self.table[steps]
            found = self.table[np.where(near, steps, 0)]
            far = ~near
            found[far] = exp(-(steps[far] * self._dt) / self.tau[0])
            return found
        direct: Floats = exp(-(steps * self._dt) / self.tau[index])
        return direct
