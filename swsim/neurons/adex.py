"""Adaptive exponential integrate-and-fire neurons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.elementary import exp
from ..base.parameter_rules import at_least_zero, finite, positive, require
from ..integration.dormand_prince import Rows
from ..integration.methods import ADAPTIVE, RK4, require_finite, stepper
from .point_neuron import PointNeuron, pair
from .receptors import Receptor

__all__ = ["TOLERANCE", "AdEx", "AdExCoefficients", "AdExCondAlpha", "AdExCondExp", "exponential"]

TOLERANCE = (1e-6, 1e-9)  # mV, nA
_PER_NANOSIEMENS = 1e-3  # uS


def _reset_below_spike(parameters: Mapping[str, Any]) -> None:
    require("v_reset", parameters["v_reset"], parameters["v_reset"] < _peak(parameters), "below v_spike")


def _peak(parameters: Mapping[str, Any]) -> Any:
    """Return the potential of a spike: without an exponential term it is that of its onset."""
    return np.where(np.asarray(parameters["delta_T"]) > 0, parameters["v_spike"], parameters["v_thresh"])


class AdExCoefficients(NamedTuple):
    """What a step of `AdEx` is calculated with, of shape (n,) or (), in front of the coefficients of its receptors."""

    dt: float  # ms
    cm: Floats  # nF
    i_offset: Floats  # nA
    leak: Floats  # uS
    leak_current: Floats  # nA at 0 mV
    v_rest: Floats  # mV
    v_reset: Floats  # mV
    v_thresh: Floats  # mV
    peak: Floats  # mV
    sharpness: Floats  # mV
    exponential: Floats  # nA
    coupling: Floats  # uS
    tau_w: Floats  # ms
    b: Floats  # nA


class AdEx(PointNeuron):
    """``C v' = -g (v - v_rest) + g delta_T exp((v - v_thresh)/delta_T) - w + I``, ``tau_w w' = a (v - v_rest) - w``.

    At ``v_spike`` the neuron fires, v becomes ``v_reset`` and w grows by b. Source: Brette and Gerstner (2005),
    J. Neurophysiol. 94:3637, equations 2 and 3.

    v and w are integrated by an adaptive method of order 5 with an error of at most 1e-6 mV and 1e-9 nA per substep;
    conductances and currents of synapses are at their exact mean over the step, which makes their effect of second
    order in dt. The reset takes place where v reaches ``v_spike`` within the step, w goes on with v held; the spike
    belongs to the end of the step. Where ``delta_T`` is 0 there is no exponential term and the neuron fires at
    ``v_thresh``. With `RK4` all of a step is one, at the end of which the reset takes place: the upswing of a spike,
    which is far shorter than a step, is then only as exact as dt.
    """

    METHODS: ClassVar = (ADAPTIVE, RK4)
    kernel: ClassVar = "adex"
    every_method: ClassVar = True
    effort: ClassVar = 12

    MEMBRANE: ClassVar = (
        "cm", "tau_refrac", "v_spike", "v_reset", "v_rest", "tau_m", "i_offset", "a", "b", "delta_T", "tau_w",
        "v_thresh",
    )  # fmt: skip
    MEMBRANE_STATE: ClassVar = ("v", "w")
    MEMBRANE_RULES: ClassVar = (
        positive("cm", "tau_m", "tau_w"),
        at_least_zero("tau_refrac", "delta_T"),
        finite("v_rest", "i_offset", "v_reset", "v_thresh", "v_spike", "a", "b", "delta_T"),
        _reset_below_spike,
    )

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters and time step (in ms) only."""
        super().prepare(dt)
        p = self.parameters
        self._dt = dt
        self._step = stepper(self.method, np.array(TOLERANCE)[:, np.newaxis])
        steps = np.rint(p["tau_refrac"] / dt)
        self.refractory_steps = np.minimum(steps, np.iinfo(np.int32).max).astype(np.int64)
        self._leak = p["cm"] / p["tau_m"]
        self._peak = np.broadcast_to(_peak(p), (self.size,))
        self._coupling = _PER_NANOSIEMENS * p["a"]
        self._sharpness = np.where(p["delta_T"] > 0, p["delta_T"], 1.0)
        self._exponential = self._leak * p["delta_T"]
        self._leak_current = self._leak * p["v_rest"]

    def coefficients(self) -> tuple[Any, ...]:
        """Return what `prepare` has computed, see `NeuronModel.coefficients`."""
        p = self.parameters
        membrane = AdExCoefficients(
            dt=self._dt,
            cm=p["cm"],
            i_offset=p["i_offset"],
            leak=self._leak,
            leak_current=self._leak_current,
            v_rest=p["v_rest"],
            v_reset=p["v_reset"],
            v_thresh=p["v_thresh"],
            peak=self._peak,
            sharpness=self._sharpness,
            exponential=self._exponential,
            coupling=self._coupling,
            tau_w=p["tau_w"],
            b=p["b"],
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
        total = self._leak + conductance
        refractory = self.refractory > 0
        fired = np.zeros(self.size, bool)

        def slope(y: Floats, rows: Rows) -> Floats:
            v = np.minimum(y[0], self._peak[rows])
            onset = self._exponential[rows] * exp((v - p["v_thresh"][rows]) / self._sharpness[rows])
            rise = (drive[rows] - total[rows] * v + onset - y[1]) / p["cm"][rows]
            pull = (self._coupling[rows] * (v - p["v_rest"][rows]) - y[1]) / p["tau_w"][rows]
            return np.stack([np.where(refractory[rows], 0.0, rise), pull])

        def spike(y: Floats, rows: Rows) -> None:
            over = (y[0] >= self._peak[rows]) & ~refractory[rows]
            if over.any():
                which = rows[over]
                fired[which] = refractory[which] = True
                y[0, over] = p["v_reset"][which]
                y[1, over] += p["b"][which]

        v, w = self.state["v"], self.state["w"]
        np.copyto(v, p["v_reset"], where=refractory)
        self.refractory -= refractory
        state = np.stack([v, w])
        self._step(slope, state, self._dt, accepted=spike)
        v[:], w[:] = state
        np.copyto(self.refractory, self.refractory_steps, where=fired)
        self._arrive(arriving)
        return fired.nonzero()[0]


class AdExCondExp(AdEx):
    """`EIF_cond_exp_isfa_ista`: with exponentially decaying conductances."""

    RECEPTORS: ClassVar = pair("exp", conductance=True)


class AdExCondAlpha(AdEx):
    """`EIF_cond_alpha_isfa_ista`: with alpha-shaped conductances whose peak is the weight."""

    RECEPTORS: ClassVar = pair("alpha", conductance=True)


@cache
def exponential(receptors: tuple[Receptor, ...]) -> type[AdEx]:
    """Return the exponential membrane with those receptors."""
    return type("Composed", (AdEx,), {"RECEPTORS": receptors})
