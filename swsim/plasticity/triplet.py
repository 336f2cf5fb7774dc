"""Timing rules that do not take all pairs of spikes alike: nearest neighbours only, and triplets."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..base.arrays import Floats, Index
from ..base.parameter_rules import finite, positive
from .stdp import PairRule, SpikeTiming

__all__ = ["NearestRule", "TripletRule"]


class NearestRule(PairRule):
    """`PairRule` in which a spike pairs with the last one of the other side only.

    Source: Morrison, Diesmann and Gerstner (2008), Biological Cybernetics 98:459, figure 7A, the symmetric
    scheme: each presynaptic spike with the last postsynaptic one, and each postsynaptic spike with the last
    presynaptic one.
    """

    KERNEL = "spike_timing"
    FORM = 1

    def _left(self, trace: Floats) -> Floats:
        return np.ones_like(trace)


class TripletRule(SpikeTiming):
    """All triplets of spikes, with the pairs among them.

    With traces r1 and r2 of presynaptic spikes (``tau_plus``, ``tau_x``) and o1 and o2 of postsynaptic ones
    (``tau_minus``, ``tau_y``), a presynaptic spike adds ``-o1 (A2_minus + A3_minus r2)`` and a postsynaptic one
    ``r1 (A2_plus + A3_plus o2)``, r2 and o2 just before the spike, with those of its own side at the same step that
    came before it; both multiplied by the weight dependence. Source: Pfister and Gerstner (2006), J. Neurosci. 26:9673,
    equations 3 and 4.
    """

    PARAMETERS: ClassVar = (
        *SpikeTiming.PARAMETERS, "tau_plus", "tau_minus", "tau_x", "tau_y", "A2_plus", "A2_minus", "A3_plus",
        "A3_minus",
    )  # fmt: skip
    TAUS: ClassVar = {"pre": "tau_plus", "post": "tau_minus", "pre slow": "tau_x", "post slow": "tau_y"}
    KERNEL = "spike_timing"
    FORM = 3
    RULE_PARAMETERS = ("A2_plus", "A2_minus", "A3_plus", "A3_minus")
    RULES: ClassVar = (
        positive("tau_plus", "tau_minus", "tau_x", "tau_y"),
        finite("A2_plus", "A2_minus", "A3_plus", "A3_minus"),
    )

    def on_pre(self, step: int, index: Index) -> Floats:
        """Return the depression by the postsynaptic spikes before, by pairs and triplets."""
        p = self.local(index)
        amplitude = p["A2_minus"] + p["A3_minus"] * self.present("pre slow", step, index)
        return -amplitude * self.trace("post", step, index) * self.dependence.down(self.size(index), p)

    def on_post(self, step: int, index: Index) -> Floats:
        """Return the potentiation by the presynaptic spikes before, by pairs and triplets."""
        p = self.local(index)
        amplitude = p["A2_plus"] + p["A3_plus"] * self.present("post slow", step, index)
        return amplitude * self.trace("pre", step, index) * self.dependence.up(self.size(index), p)
