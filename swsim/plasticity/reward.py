"""Plasticity with a third factor: spikes mark synapses, and a reward that comes later changes those that are marked."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.elementary import exp, expm1
from ..base.parameter_rules import Rule, positive
from ..synapses.ring_buffer import RingBuffer
from .stdp import PairRule

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
    KERNEL = "spike_timing"
    FORM = 4
    RULE_PARAMETERS = ("A_plus", "A_minus", "tau_eligibility", "tau_reward")
    RULES: ClassVar[tuple[Rule, ...]] = (*PairRule.RULES, positive("tau_eligibility", "tau_reward"))

    def forget(self) -> None:
        """Begin from the present weights, with eligibility and reward as they are."""
        super().forget()
        n = len(self.synapses)
        # Sizes of weights at the last event of each synapse, and its step; weights are calculated from there whenever
        # they are read, so that reading changes nothing.
        self._event = np.zeros(n, np.int64)
        self._base = self.size(np.arange(n))
        self._settled = 0
        self._shown = self.synapses.weight.copy()

    def own_arrays(self) -> dict[str, Any]:
        """See `SpikeTiming.own_arrays`."""
        return {"event": self._event, "base": self._base} | {name: self.state[name] for name in self.STATE}

    def prepare(self, tile: npt.NDArray[np.int32], buffer: RingBuffer) -> None:
        """Make ready as `PrePost.prepare`, and take the weights that have been set since."""
        super().prepare(tile, buffer)
        self._take_weights()

    def _take_weights(self) -> None:
        """Begin anew from the weights that have been set from outside."""
        index = np.flatnonzero(self.synapses.weight != self._shown)
        weight = self.synapses.weight[index]
        self._integrate(self._settled, index)
        self.synapses.weight[index] = weight
        self._base[index] = self.size(index)
        self._shown = self.synapses.weight.copy()

    def reward(self, step: int, amount: float) -> None:
        """Raise the reward of all synapses, after all that happens at grid point ``step``; it may be negative."""
        self._take_weights()
        self._integrate(step, np.arange(len(self.synapses)))
        self.state["reward"] += amount

    def settle(self, step: int) -> None:
        """Set the weights to those of grid point ``step``."""
        self.synapses.weight[:] = self.sign * self._at(step, np.arange(len(self.synapses)))[0]
        self._settled = step
        self._shown = self.synapses.weight.copy()

    def bring_up(self, step: int, index: Index) -> None:
        """See `SpikeTiming.bring_up`: what a spike changes depends on the weight that it finds."""
        self._integrate(step, index)

    def _change(self, step: int, index: Index, change: Floats) -> None:
        self.state["eligibility"][index] += change

    def _integrate(self, step: int, index: Index) -> None:
        """Take eligibility, reward and weight of those synapses to grid point ``step``."""
        self._base[index], self.state["eligibility"][index], self.state["reward"][index] = self._at(step, index)
        self._event[index] = step
        self.synapses.weight[index] = self.sign * self._base[index]

    def _at(self, step: int, index: Index) -> tuple[Floats, Floats, Floats]:
        """Return size of weight, eligibility and reward of those synapses at grid point ``step``."""
        elapsed = (step - self._event[index]) * self.dt
        p, c, d = self.local(index), self.state["eligibility"][index], self.state["reward"][index]
        rate = 1.0 / p["tau_eligibility"] + 1.0 / p["tau_reward"]
        growth = c * d * -expm1(-elapsed * rate) / rate
        grown = np.clip(self._base[index] + growth, p["w_min"], p["w_max"])
        size = np.where(growth != 0, grown, self._base[index])
        return size, c * exp(-elapsed / p["tau_eligibility"]), d * exp(-elapsed / p["tau_reward"])
