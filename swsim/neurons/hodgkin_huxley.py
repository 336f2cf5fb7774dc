"""Hodgkin-Huxley neurons."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.elementary import exp, exprel
from ..base.parameter_rules import at_least_zero, finite, positive
from ..integration.dormand_prince import Rows
from ..integration.methods import ADAPTIVE, EXPONENTIAL_EULER, RK4, require_finite, stepper
from .point_neuron import PointNeuron, pair

__all__ = ["NEAR", "RATIO", "SPIKE", "TOLERANCE", "HodgkinHuxley", "HodgkinHuxleyCoefficients"]

TOLERANCE = (1e-5, 1e-7, 1e-7, 1e-7)  # mV, 1, 1, 1
_MAX_SUBSTEP = 0.025  # ms, of RK4
SPIKE = 30.0  # mV above v_offset
NEAR = 0.1
RATIO = (1.0, 1.0 / 12.0, -1.0 / 720.0, 1.0 / 30240.0, -1.0 / 1209600.0)


def _ratio(x: Floats, power: Floats) -> Floats:
    """``x / (exp(x) - 1)``, 1 at 0, ``power`` being ``exp(x)``; near 0 by its series in Bernoulli numbers."""
    near = np.abs(x) < NEAR
    if not near.any():
        return x / (power - 1.0)
    square = np.where(near, x * x, 0.0)
    series = np.full(x.shape, RATIO[4])
    for k in range(3, -1, -1):
        series *= square
        series += RATIO[k]
    return np.where(near, series - 0.5 * x, x / np.where(near, 1.0, power - 1.0))


def _rates(u: Floats) -> tuple[tuple[Floats, Floats], ...]:
    """Return the rates at which the gates m, h and n open and close, per ms, at ``u`` mV above ``v_offset``."""
    # All in one array: of a few neurons an operation takes as long as of one.
    x = np.stack(
        [(13.0 - u) / 4.0, (u - 40.0) / 5.0, (15.0 - u) / 5.0, (17.0 - u) / 18.0, (40.0 - u) / 5.0, (10.0 - u) / 40.0]
    )
    power = exp(x)
    ratio = _ratio(x[:3], power[:3])
    return (
        (1.28 * ratio[0], 1.4 * ratio[1]),
        (0.128 * power[3], 4.0 / (1.0 + power[4])),
        (0.16 * ratio[2], 0.5 * power[5]),
    )


class HodgkinHuxleyCoefficients(NamedTuple):
    """What a step of `HodgkinHuxley` is calculated with, of shape (n,) or (), in front of those of its receptors."""

    dt: float  # ms
    cm: Floats  # nF
    i_offset: Floats  # nA
    sodium: Floats  # uS
    potassium: Floats  # uS
    leak: Floats  # uS
    leak_current: Floats  # nA at 0 mV
    v_offset: Floats  # mV
    e_sodium: Floats  # mV
    e_potassium: Floats  # mV


class HodgkinHuxley(PointNeuron):
    """`HH_cond_exp`: sodium, potassium and leak currents with exponentially decaying conductances.

    Source: Traub and Miles (1991), Neuronal Networks of the Hippocampus, as given by Brette et al. (2007),
    J. Comput. Neurosci. 23:349, appendix B, equations of the Hodgkin-Huxley benchmark, with ``v_offset`` for the
    potential against which rates are counted.

    v, m, h and n are integrated by an adaptive method of order 5 with an error of at most 1e-5 mV and 1e-7 per
    substep; conductances are at their exact mean over the step, which makes their effect of second order in dt. As in
    NEST a spike is the first grid point after a local maximum of v that lies more than 30 mV above ``v_offset``; v must
    fall below that before the next one.

    With `RK4` substeps are of at most 0.025 ms, as a membrane with open channels follows within some 0.04 ms. With
    `EXPONENTIAL_EULER` each variable follows its own equation, which is linear as long as the others stay as they are:
    the gates over half a step, v over the whole, and the gates over the other half (Strang 1968, SIAM J. Numer. Anal.
    5:506), which is of second order, and stable at any dt.
    """

    METHODS: ClassVar = (ADAPTIVE, RK4, EXPONENTIAL_EULER)
    kernel: ClassVar = "hodgkin_huxley"
    every_method: ClassVar = True
    effort: ClassVar = 16

    MEMBRANE: ClassVar = (
        "gbar_Na", "gbar_K", "g_leak", "cm", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak", "i_offset",
    )  # fmt: skip
    MEMBRANE_STATE: ClassVar = ("v", "m", "h", "n")
    RECEPTORS: ClassVar = pair("exp", conductance=True)
    MEMBRANE_RULES: ClassVar = (
        positive("cm"),
        at_least_zero("gbar_Na", "gbar_K", "g_leak"),
        finite("gbar_Na", "gbar_K", "g_leak", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak", "i_offset"),
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        super().prepare(dt)
        self._dt = dt
        if self.method == EXPONENTIAL_EULER:
            self.substeps = 0
        else:
            self._step = stepper(self.method, np.array(TOLERANCE)[:, np.newaxis])
            self.substeps = max(1, math.ceil(dt / _MAX_SUBSTEP - 1e-9)) if self.method == RK4 else 1
        self._leak_current = self.parameters["g_leak"] * self.parameters["e_rev_leak"]

    def coefficients(self) -> tuple[Any, ...]:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        p = self.parameters
        membrane = HodgkinHuxleyCoefficients(
            dt=self._dt,
            cm=p["cm"],
            i_offset=p["i_offset"],
            sodium=p["gbar_Na"],
            potassium=p["gbar_K"],
            leak=p["g_leak"],
            leak_current=self._leak_current,
            v_offset=p["v_offset"],
            e_sodium=p["e_rev_Na"],
            e_potassium=p["e_rev_K"],
        )
        return (*membrane, *self.receptor_coefficients())

    def require_finite(self) -> None:
        """Raise ``FloatingPointError`` where `RK4` has left the finite numbers, see `NeuronModel.require_finite`."""
        if self.method == RK4:
            require_finite(np.stack([self.state[name] for name in self.MEMBRANE_STATE]), self._dt / self.substeps)

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p = self.parameters
        conductance, drive = self._input()
        drive = drive + p["i_offset"] + self._leak_current
        if current is not None:
            drive = drive + current
        total = p["g_leak"] + conductance

        def slope(y: Floats, rows: Rows) -> Floats:
            v, m, h, n = y
            sodium = p["gbar_Na"][rows] * (m * m * m) * h
            square = n * n
            potassium = p["gbar_K"][rows] * (square * square)
            rise = drive[rows] - total[rows] * v
            rise += sodium * (p["e_rev_Na"][rows] - v) + potassium * (p["e_rev_K"][rows] - v)
            gates = zip(y[1:], _rates(v - p["v_offset"][rows]), strict=True)
            return np.stack([rise / p["cm"][rows], *(opens * (1.0 - x) - closes * x for x, (opens, closes) in gates)])

        before = self.state["v"].copy()
        state = np.stack([self.state[name] for name in self.MEMBRANE_STATE])
        if self.method == EXPONENTIAL_EULER:
            self._relax(state, drive, total)
        for _ in range(self.substeps):
            self._step(slope, state, self._dt / self.substeps)
        for name, values in zip(self.MEMBRANE_STATE, state, strict=True):
            self.state[name][:] = values
        self._arrive(arriving)
        # `refractory` is 1 between the spike and the fall below the threshold.
        high = state[0] > p["v_offset"] + SPIKE
        fired = high & (state[0] < before) & (self.refractory == 0)
        self.refractory[fired] = 1
        self.refractory[~high] = 0
        return fired.nonzero()[0]

    def _relax(self, state: Floats, drive: Floats, total: Floats) -> None:
        """Take v over a step, and the gates over half a step before and after it, all in place.

        ``drive`` is the current in nA at 0 mV but for the gates', and ``total`` the conductance in uS without them.
        """
        p = self.parameters
        v, m, h, n = state
        self._relax_gates(state)
        sodium = p["gbar_Na"] * (m * m * m) * h
        square = n * n
        potassium = p["gbar_K"] * (square * square)
        all_open = total + sodium + potassium
        rise = drive + sodium * p["e_rev_Na"] + potassium * p["e_rev_K"] - all_open * v
        per_capacity = self._dt / p["cm"]
        v += rise * per_capacity * exprel(-(all_open * per_capacity))
        self._relax_gates(state)

    def _relax_gates(self, state: Floats) -> None:
        half = 0.5 * self._dt
        for gate, (opens, closes) in zip(state[1:], _rates(state[0] - self.parameters["v_offset"]), strict=True):
            both = opens + closes
            gate += (opens - both * gate) * half * exprel(-(both * half))
