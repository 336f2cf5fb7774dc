"""Izhikevich's neuron."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .neurons import Floats, NeuronModel, alike, finite

__all__ = ["Izhikevich"]

_PEAK = 30.0  # mV, the apex of a spike in the paper
_MAX_SUBSTEP = 0.5  # ms
_PER_NANOAMPERE = 1000.0  # mV/ms: the model's currents are in pA, its capacity is 1 pF


class Izhikevich(NeuronModel):
    """`Izhikevich`: ``v' = 0.04 v^2 + 5 v + 140 - u + I``, ``u' = a (b v - u)``; at 30 mV ``v = c``, ``u += d``.

    Source: Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569, equations 1 to 3. As in the program of
    that paper, v takes forward Euler substeps of at most 0.5 ms (two of them in a step of 1 ms) with u held, then u
    takes one step of dt. Within a step v goes no higher than its apex of 30 mV. A weight (mV) is a step of v at its
    grid point; 1 nA of current is 1000 mV/ms (a capacity of 1 pF), as in PyNN's other backends.
    """

    PARAMETERS: ClassVar = ("a", "b", "c", "d", "i_offset")
    STATE: ClassVar = ("v", "u")
    RULES: ClassVar = (finite("a", "b", "c", "d", "i_offset"),)

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        self._dt = dt
        self._substeps = max(1, math.ceil(dt / _MAX_SUBSTEP - 1e-9))
        p = self.parameters
        self._offset = alike(140.0 + _PER_NANOAMPERE * p["i_offset"])
        self._b, self._recovery = alike(p["b"]), alike(dt * p["a"])

    kernel: ClassVar = "IZHIKEVICH"

    def compiled(self) -> tuple[tuple[Floats | float, ...], int]:
        """See `NeuronModel.compiled`."""
        p, substep = self.parameters, self._dt / self._substeps
        return (self._offset, self._recovery, p["b"], p["c"], p["d"], substep, float(self._substeps)), 0

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p = self.parameters
        v, u = self.state["v"], self.state["u"]
        drive = self._offset - u
        if current is not None:
            drive += _PER_NANOAMPERE * current
        substep = self._dt / self._substeps
        rise = np.empty(self.size)
        for _ in range(self._substeps):
            np.multiply(v, 0.04, out=rise)
            rise += 5.0
            rise *= v
            rise += drive
            rise *= substep
            v += rise
            np.minimum(v, _PEAK, out=v)
        np.multiply(v, self._b, out=rise)
        rise -= u
        rise *= self._recovery
        u += rise
        # Inhibition that acts at the very grid point of a spike is too late to prevent it.
        fired = v >= _PEAK
        v += arriving[0]
        v += arriving[1]
        fired |= v >= _PEAK
        index = fired.nonzero()[0]
        if len(index):
            v[index] = p["c"][index]
            u[index] += p["d"][index]
        return fired
