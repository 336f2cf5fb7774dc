"""Izhikevich's neurons: the one of four parameters, and the one of nine."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, alike
from ..base.parameter_rules import finite, positive
from ..integration.dormand_prince import Rows
from ..integration.methods import RK4, Slope, rk4
from .model import NeuronModel
from .rules import below

__all__ = ["Izhikevich", "Izhikevich9"]

_PEAK = 30.0  # mV, the apex of a spike in the paper
_MAX_SUBSTEP = 0.5  # ms
_EULER = "euler"
_PER_NANOAMPERE = 1000.0  # mV/ms: the model's currents are in pA, its capacity is 1 pF


class _Quadratic(NeuronModel):
    """The base of both models: v and u, and a spike where v reaches its apex, at which ``v = c`` and ``u += d``."""

    STATE: ClassVar = ("v", "u")
    METHODS: ClassVar = (_EULER, RK4)
    _apex: Floats

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        self._dt = dt
        self.substeps = max(1, math.ceil(dt / _MAX_SUBSTEP - 1e-9))

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        v, u = self.state["v"], self.state["u"]
        over = self._euler(v, u, current) if self.method == _EULER else self._rk4(v, u, current)
        # Inhibition that acts at the very grid point of a spike is too late to prevent it.
        v += arriving[0]
        v += arriving[1]
        over |= v >= self._apex
        fired = over.nonzero()[0]
        if len(fired):
            v[fired] = self.parameters["c"][fired]
            u[fired] += self.parameters["d"][fired]
        return fired

    @abstractmethod
    def _euler(self, v: Floats, u: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take v and u over the step, in place; return for each neuron whether it is at the apex."""

    @abstractmethod
    def _slope(self, current: Floats | None) -> Slope:
        """Return the function of the derivatives of v and u per ms with that current."""

    def _rk4(self, v: Floats, u: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        """Take v and u over the step, in place, v up to its apex; return for each neuron whether it is there."""
        slope, state = self._slope(current), np.stack([v, u])
        for _ in range(self.substeps):
            rk4(slope, state, self._dt / self.substeps)
            np.minimum(state[0], self._apex, out=state[0])
        v[:], u[:] = state
        return v >= self._apex


class IzhikevichCoefficients(NamedTuple):
    """The coefficients of a step of `Izhikevich`, of shape (n,) or ()."""

    substep: float  # ms
    offset: Floats  # mV: what a substep adds to v
    kept: Floats  # factor of u
    gain: Floats  # per mV: what v adds to u
    v_reset: Floats  # mV: c
    u_jump: Floats  # mV/ms: d


class Izhikevich(_Quadratic):
    """`Izhikevich`: ``v' = 0.04 v^2 + 5 v + 140 - u + I``, ``u' = a (b v - u)``; at 30 mV ``v = c``, ``u += d``.

    Source: Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569, equations 1 to 3. As in the program of
    that paper, v takes forward Euler substeps of at most 0.5 ms (two of them in a step of 1 ms) with u held, then u
    takes one step of dt. Within a step v goes no higher than its apex of 30 mV. A weight (mV) is a step of v at its
    grid point; 1 nA of current is 1000 mV/ms (a capacity of 1 pF), as in PyNN's other backends.

    With `RK4` v and u go together through all substeps, in which v is at most at its apex.
    """

    PARAMETERS: ClassVar = ("a", "b", "c", "d", "i_offset")
    RULES: ClassVar = (finite("a", "b", "c", "d", "i_offset"),)
    kernel: ClassVar = "izhikevich"

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        super().prepare(dt)
        p, substep = self.parameters, dt / self.substeps
        # A substep is v <- (square v + linear) v + drive, with the drive - substep u + offset.
        self._square, self._linear, self._minus_substep, self._apex = (
            alike(np.full(self.size, value)) for value in (0.04 * substep, 5.0 * substep + 1.0, -substep, _PEAK)
        )
        self._offset = alike(substep * (140.0 + _PER_NANOAMPERE * p["i_offset"]))
        # And u <- kept u + gain v.
        self._kept, self._gain = alike(1.0 - dt * p["a"]), alike(dt * p["a"] * p["b"])
        self._scratch = np.empty((2, self.size))

    def coefficients(self) -> IzhikevichCoefficients:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        return IzhikevichCoefficients(
            substep=self._dt / self.substeps,
            offset=self._offset,
            kept=self._kept,
            gain=self._gain,
            v_reset=self.parameters["c"],
            u_jump=self.parameters["d"],
        )

    def _euler(self, v: Floats, u: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        drive, other = self._scratch
        np.multiply(u, self._minus_substep, drive)
        drive += self._offset
        if current is not None:
            drive += _PER_NANOAMPERE * (self._dt / self.substeps) * current
        for _ in range(self.substeps):
            np.multiply(v, self._square, other)
            other += self._linear
            other *= v
            np.add(other, drive, v)
            over = v >= self._apex
            index = over.nonzero()[0]  # faster than the minimum
            if len(index):
                v[index] = _PEAK
        u *= self._kept
        np.multiply(v, self._gain, other)
        u += other
        return over

    def _slope(self, current: Floats | None) -> Slope:
        a, b, offset = (self.parameters[name] for name in ("a", "b", "i_offset"))
        constant = 140.0 + _PER_NANOAMPERE * (offset if current is None else offset + current)

        def slope(y: Floats, rows: Rows) -> Floats:
            v = np.minimum(y[0], _PEAK)
            return np.stack([(0.04 * v + 5.0) * v + constant[rows] - y[1], a[rows] * (b[rows] * v - y[1])])

        return slope


class Izhikevich9Coefficients(NamedTuple):
    """The coefficients of a step of `Izhikevich9`, of shape (n,) or ()."""

    offset: Floats  # pA: i_offset
    recovery: Floats  # ``dt a``
    b: Floats  # nS
    v_reset: Floats  # mV: c
    u_jump: Floats  # pA: d
    v_rest: Floats  # mV: v_r
    v_threshold: Floats  # mV: v_t
    k: Floats  # nS/mV
    per_current: Floats  # mV per pA in a substep
    v_peak: Floats  # mV


class Izhikevich9(_Quadratic):
    """``C v' = k (v - v_r) (v - v_t) - u + I``, ``u' = a (b (v - v_r) - u)``; at ``v_peak`` ``v = c``, ``u += d``.

    Source: Izhikevich (2007), Dynamical Systems in Neuroscience, MIT Press, equations 8.5 and 8.6; the model of nine
    parameters of CARLsim. C is in pF, k in nS/mV, a in 1/ms, b in nS, u and d in pA. Substeps, the apex and the effect
    of a weight (mV) are those of `Izhikevich`.
    """

    PARAMETERS: ClassVar = ("C", "k", "v_r", "v_t", "v_peak", "a", "b", "c", "d", "i_offset")
    RULES: ClassVar = (
        positive("C"),
        finite("k", "v_r", "v_t", "v_peak", "a", "b", "c", "d", "i_offset"),
        below("c", "v_peak"),
    )
    kernel: ClassVar = "izhikevich_9"

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        super().prepare(dt)
        p = self.parameters
        self._offset = alike(_PER_NANOAMPERE * p["i_offset"])
        self._per_current = alike(dt / self.substeps / p["C"])
        self._recovery = alike(dt * p["a"])
        self._rest, self._threshold, self._k, self._b, self._apex = (
            alike(p[name]) for name in ("v_r", "v_t", "k", "b", "v_peak")
        )

    def coefficients(self) -> Izhikevich9Coefficients:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        return Izhikevich9Coefficients(
            offset=self._offset,
            recovery=self._recovery,
            b=self._b,
            v_reset=self.parameters["c"],
            u_jump=self.parameters["d"],
            v_rest=self._rest,
            v_threshold=self._threshold,
            k=self._k,
            per_current=self._per_current,
            v_peak=self._apex,
        )

    def _euler(self, v: Floats, u: Floats, current: Floats | None) -> npt.NDArray[np.bool_]:
        drive = self._offset - u
        if current is not None:
            drive += _PER_NANOAMPERE * current
        for _ in range(self.substeps):
            rise = v - self._rest
            rise *= v - self._threshold
            rise *= self._k
            rise += drive
            rise *= self._per_current
            v += rise
            np.minimum(v, self._apex, out=v)
        rise = v - self._rest
        rise *= self._b
        rise -= u
        rise *= self._recovery
        u += rise
        return v >= self._apex

    def _slope(self, current: Floats | None) -> Slope:
        p = self.parameters
        constant = _PER_NANOAMPERE * (p["i_offset"] if current is None else p["i_offset"] + current)

        def slope(y: Floats, rows: Rows) -> Floats:
            v = np.minimum(y[0], p["v_peak"][rows])
            above = v - p["v_r"][rows]
            rise = p["k"][rows] * above * (v - p["v_t"][rows]) - y[1] + constant[rows]
            return np.stack([rise / p["C"][rows], p["a"][rows] * (p["b"][rows] * above - y[1])])

        return slope
