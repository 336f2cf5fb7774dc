"""Timing dependences for `STDPMechanism` that PyNN does not have."""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import synapses

from ...plasticity.reward import RewardRule
from ...plasticity.triplet import NearestRule
from ...plasticity.triplet import TripletRule as Triplets
from ..standardmodels.synapses import Timing
from ..translations import same_names

__all__ = ["NearestSpikePairRule", "RewardModulatedRule", "TripletRule"]


class _Native(Timing, synapses.STDPTimingDependence):
    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)


class NearestSpikePairRule(_Native):
    """Pairs of a spike and the last one of the other side, see `triplet.NearestRule`."""

    default_parameters = dict(synapses.SpikePairRule.default_parameters)
    translations = same_names(default_parameters)
    rule = NearestRule


class TripletRule(_Native):
    """Triplets of spikes, see `triplet.TripletRule`.

    The defaults are the time constants and amplitudes of Pfister and Gerstner (2006), table 4, all to all, for the
    visual cortex (full model).
    """

    default_parameters = {
        "tau_plus": 16.8, "tau_minus": 33.7, "tau_x": 101.0, "tau_y": 125.0, "A2_plus": 5e-10, "A2_minus": 7e-3,
        "A3_plus": 6.2e-3, "A3_minus": 2.3e-4,
    }  # fmt: skip
    translations = same_names(default_parameters)
    rule = Triplets


class RewardModulatedRule(_Native):
    """Pairs of spikes make synapses eligible, `Projection.reward` changes eligible ones; see `reward.RewardRule`.

    The default time constants are those of Izhikevich (2007): 1 s for eligibility, 0.2 s for reward.
    """

    default_parameters = {
        **synapses.SpikePairRule.default_parameters, "tau_eligibility": 1000.0, "tau_reward": 200.0,
    }  # fmt: skip
    translations = same_names(default_parameters)
    rule = RewardRule
    takes_reward = True
