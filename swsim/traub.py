"""Hodgkin-Huxley neurons."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .adaptive import Rows, integrate
from .neurons import Floats, at_least_zero, finite, positive
from .synaptic import SynapticModel, pair

__all__ = ["HodgkinHuxley"]

_TOLERANCE = np.array([[1e-5], [1e-7], [1e-7], [1e-7]])  # mV, 1, 1, 1
_SPIKE = 30.0  # mV above v_offset


def _ratio(x: Floats) -> Floats:
    """``x / (exp(x) - 1)``, 1 at 0."""
    small = np.abs(x) < 1e-9
    safe = np.where(small, 1.0, x)
    return np.where(small, 1.0 - 0.5 * x, safe / np.expm1(safe))


class HodgkinHuxley(SynapticModel):
    """`HH_cond_exp`: sodium, potassium and leak currents with exponentially decaying conductances.

    Source: Traub and Miles (1991), Neuronal Networks of the Hippocampus, as given by Brette et al. (2007),
    J. Comput. Neurosci. 23:349, appendix B, equations of the Hodgkin-Huxley benchmark, with ``v_offset`` for the
    potential against which rates are counted.

    v, m, h and n are integrated by an adaptive method of order 5 with an error of at most 1e-5 mV and 1e-7 per
    substep; conductances are at their exact mean over the step, which makes their effect of second order in dt. As in
    NEST a spike is the first grid point after a local maximum of v that lies more than 30 mV above ``v_offset``; v must
    fall below that before the next one.
    """

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

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`."""
        p = self.parameters
        conductance, drive = self._input()
        drive = drive + p["i_offset"] + p["g_leak"] * p["e_rev_leak"]
        if current is not None:
            drive = drive + current
        total = p["g_leak"] + conductance

        def slope(y: Floats, rows: Rows) -> Floats:
            v, m, h, n = y
            u = v - p["v_offset"][rows]
            sodium = p["gbar_Na"][rows] * m**3 * h
            potassium = p["gbar_K"][rows] * n**4
            rise = drive[rows] - total[rows] * v
            rise += sodium * (p["e_rev_Na"][rows] - v) + potassium * (p["e_rev_K"][rows] - v)
            return np.stack(
                [
                    rise / p["cm"][rows],
                    1.28 * _ratio((13 - u) / 4) * (1 - m) - 1.4 * _ratio((u - 40) / 5) * m,
                    0.128 * np.exp((17 - u) / 18) * (1 - h) - 4 / (1 + np.exp((40 - u) / 5)) * h,
                    0.16 * _ratio((15 - u) / 5) * (1 - n) - 0.5 * np.exp((10 - u) / 40) * n,
                ]
            )

        before = self.state["v"].copy()
        state = np.stack([self.state[name] for name in self.MEMBRANE_STATE])
        integrate(slope, state, self._dt, _TOLERANCE)
        for name, values in zip(self.MEMBRANE_STATE, state, strict=True):
            self.state[name][:] = values
        self._arrive(arriving)
        # `refractory` is 1 between the spike and the fall below the threshold.
        high = state[0] > p["v_offset"] + _SPIKE
        fired = high & (state[0] < before) & (self.refractory == 0)
        self.refractory[fired] = 1
        self.refractory[~high] = 0
        return fired.nonzero()[0]
