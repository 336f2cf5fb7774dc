"""Rules of spike timing in the compiled loop: traces are kept once for all synapses that see the same spikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np

from ..base.arrays import Floats, Index, Ints
from ..base.decay import Decay
from ..synapses.sorted_rows import Slots
from .compiled_pre_post import PRE_POST, SIDES, CompiledPrePost, Side, TwoSided
from .weight_dependence import WEIGHT_DEPENDENCES, WeightDependence

__all__ = [
    "ARRAYS", "CONSTANTS", "NUMBERS", "PARAMETER_ROWS", "RULE_ROWS", "SLOT",
    "CompiledTiming", "TimingRule",
]  # fmt: skip

NUMBERS = ("form", "dependence", "alike")
"""Whole numbers for the kernel: which form of the rule, which weight dependence (its position among
`weight_dependence.WEIGHT_DEPENDENCES`), and whether all synapses have the same parameters."""

CONSTANTS = ("dt", "sign")

PARAMETER_ROWS = ("w_min", "w_max", "mu_plus", "mu_minus")
RULE_ROWS = 4
"""The first rows of the parameters, and how many there are behind them for those of the rule."""

SLOT = ("last", "before", "after", "tau")
"""A trace: the step of its last spike, a whole number in the same 8 bytes, and as in `stdp.SpikeTiming`."""

ARRAYS = (
    *PRE_POST, "numbers", "constants", "weight", "parameters",
    "pre_slots", "pre_post_slot", "pre_own_slot", "post_slots", "post_pre_slot", "post_own_slot",
    "pre_trace", "post_trace", "pre_slow", "post_slow", "pre_table", "post_table", "pre_slow_table", "post_slow_table",
    "event", "base", "eligibility", "reward",
)  # fmt: skip
"""The arrays of a frame. Of each side the slots of each row, and for each synapse in the order of that side its slot on
the other side and its own; the traces, (slots, 4), and slow ones, whose ``before`` is not used; tables of `base.decay`.
The last four are those of `RewardRule`."""


class TimingRule(TwoSided, Protocol):
    """What it needs of its synapses, see `stdp.SpikeTiming`."""

    TAUS: ClassVar[Mapping[str, str]]
    RULE_PARAMETERS: ClassVar[tuple[str, ...]]
    FORM: ClassVar[int]
    dependence: WeightDependence
    sign: float
    decays: dict[str, Decay]

    def shared_by(self, side: Side) -> list[Floats | Ints]:
        """See `stdp.SpikeTiming.shared_by`."""

    def traces(self, name: str, index: Index) -> Floats:
        """See `stdp.SpikeTiming.traces`."""

    def set_traces(self, name: str, index: Index, values: Floats) -> None:
        """See `stdp.SpikeTiming.set_traces`."""

    def own_arrays(self) -> dict[str, Any]:
        """See `stdp.SpikeTiming.own_arrays`."""


class CompiledTiming(CompiledPrePost):
    """Synapses of a `SpikeTiming` rule."""

    ARRAYS = ARRAYS
    _group: TimingRule

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        super().take()
        group = self._group
        parameters, alike = _parameters(group)
        numbers = np.array([group.FORM, _dependence(group), alike], np.int64)
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            arrays |= {"numbers": numbers, "constants": np.array([group.dt, group.sign])}
            arrays |= {"weight": group.synapses.weight, "parameters": parameters}
            slots = {side: Slots(rows[side], group.shared_by(side)) for side in SIDES}
            for side, other in (SIDES, SIDES[::-1]):
                of_edge = np.zeros(len(group.synapses), np.int32)
                of_edge[rows[other].edge] = slots[other].of
                arrays |= {f"{side}_slots": slots[side].start, f"{side}_{other}_slot": of_edge[rows[side].edge]}
                arrays[f"{side}_own_slot"] = slots[side].of
                for name, key in ((side, "trace"), (f"{side} slow", "slow")):
                    traced = name in group.TAUS
                    arrays[f"{side}_{key}"] = group.traces(name, slots[side].first) if traced else np.empty((0, 4))
                    table = f"{side}_table" if key == "trace" else f"{side}_slow_table"
                    arrays[table] = group.decays[name].table if traced else np.empty(0)
            arrays |= group.own_arrays()

    def give_back(self) -> None:
        """See `CompiledGroup.give_back`."""
        super().give_back()
        group = self._group
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            for side in SIDES:
                edge, slot = rows[side].edge.astype(np.int64), arrays[f"{side}_own_slot"]
                for name, key in ((side, "trace"), (f"{side} slow", "slow")):
                    if name in group.TAUS:
                        group.set_traces(name, edge, arrays[f"{side}_{key}"][slot])


def _dependence(group: TimingRule) -> int:
    return next(k for k, known in enumerate(WEIGHT_DEPENDENCES.values()) if known is group.dependence)


def _parameters(group: TimingRule) -> tuple[Floats, bool]:
    """Return rows of parameters, for each synapse or one for all, and which of the two it is."""
    names = [*PARAMETER_ROWS, *group.RULE_PARAMETERS]
    n = len(group.synapses)
    rows = [group.parameters.get(name, np.zeros(n)) for name in names]
    alike = all((row == row[0]).all() for row in rows) if n else True
    length = 1 if alike else n
    table = np.zeros((len(PARAMETER_ROWS) + RULE_ROWS, length))
    for row, values in zip(table, rows, strict=False):
        row[:] = values[:length] if n else 0.0
    return table, alike
