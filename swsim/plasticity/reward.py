"""Plasticity with a third factor: spikes mark synapses, and a reward that comes later changes those that are marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import Rule, positive
from ..synapses.dynamics import Index
from ..synapses.edge_list import Synapses
from ..synapses.ring_buffer import RingBuffer
from .stdp import PairRule
from .weight_dependence import WeightDependence

__all__ = ["RewardRule"]


class RewardRule(PairRule):
    """`PairRule` whose changes go to an eligibility trace c of each synapse; the weight follows ``w' = c d``.

    ``c' = -c/tau_eligibility`` between pairs, and the reward ``d' = -d/tau_reward`` between the calls of `reward`; one
    reward for all synapses, while ``tau_reward`` may differ. With time in ms, w' is per ms. Source: Izhikevich (2007),
    Cerebral Cortex 17:2443, equations 1 and 2; integrated exactly, a synapse only when something happens to it: from
    c and d at its last event, t ms ago, the weight grows by ``c d T (1 - exp(-t/T))`` with
    ``1/T = 1/tau_eligibility + 1/tau_reward``.
    """

    PARAMETERS: ClassVar = (*PairRule.PARAMETERS, "tau_eligibility", "tau_reward")
    STATE: ClassVar = ("eligibility", "reward")
    RULES: ClassVar[tuple[Rule, ...]] = (*PairRule.RULES, positive("tau_eligibility", "tau_reward"))

    def __init__(
        self,
        synapses: Synapses,
        parameters: Mapping[str, Floats],
        dt: float,
        stream: npt.NDArray[np.uint64],
        dependence: WeightDependence,
        *,
        negative: bool = False,
    ) -> None:
        super().__init__(synapses, parameters, dt, stream, dependence, negative=negative)
        n = len(synapses)
        # State and sizes of weights at the last event of each synapse, and its step; weights are calculated from there
        # whenever somebody looks, so that looking changes nothing.
        self._event = np.zeros(n, np.int64)
        self._base = self.size(np.arange(n))
        self._seen = 0
        self._shown = synapses.weight.copy()

    def prepare(self, tile: npt.NDArray[np.int32], line: RingBuffer) -> None:
        """See `Dynamics.prepare`."""
        super().prepare(tile, line)
        self._take_weights()

    def _take_weights(self) -> None:
        """Begin anew from the weights that have been set from outside."""
        index = np.flatnonzero(self.synapses.weight != self._shown)
        weight = self.synapses.weight[index]
        self._integrate(self._seen, index)
        self.synapses.weight[index] = weight
        self._base[index] = self.size(index)
        self._shown = self.synapses.weight.copy()

    def restart(self) -> None:
        """See `Dynamics.restart`."""
        super().restart()
        self._event[:] = 0
        self._base = self.size(np.arange(len(self.synapses)))
        self._seen = 0
        self._shown = self.synapses.weight.copy()

    def reward(self, step: int, amount: float) -> None:
        """Raise the reward of all synapses, after all that happens at grid point ``step``; it may be negative."""
        self._take_weights()
        self._integrate(step, np.arange(len(self.synapses)))
        self.state["reward"] += amount

    def settle(self, step: int) -> None:
        """See `Dynamics.settle`."""
        self.synapses.weight[:] = self._sign * self._at(step, np.arange(len(self.synapses)))[0]
        self._seen = step
        self._shown = self.synapses.weight.copy()

    def _change(self, step: int, index: Index, change: Floats) -> None:
        self._integrate(step, index)
        self.state["eligibility"][index] += change

    def _integrate(self, step: int, index: Index) -> None:
        """Take eligibility, reward and weight of those synapses to grid point ``step``."""
        self._base[index], self.state["eligibility"][index], self.state["reward"][index] = self._at(step, index)
        self._event[index] = step
        self.synapses.weight[index] = self._sign * self._base[index]

    def _at(self, step: int, index: Index) -> tuple[Floats, Floats, Floats]:
        """Size of weight, eligibility and reward of those synapses at grid point ``step``."""
        elapsed = (step - self._event[index]) * self.dt
        p, c, d = self.local(index), self.state["eligibility"][index], self.state["reward"][index]
        rate = 1.0 / p["tau_eligibility"] + 1.0 / p["tau_reward"]
        growth = c * d * -np.expm1(-elapsed * rate) / rate
        grown = np.clip(self._base[index] + growth, p["w_min"], p["w_max"])
        size = np.where(growth != 0, grown, self._base[index])
        return size, c * np.exp(-elapsed / p["tau_eligibility"]), d * np.exp(-elapsed / p["tau_reward"])
