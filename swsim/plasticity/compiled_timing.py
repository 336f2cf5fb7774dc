"""Rules of spike timing in the compiled loop: traces are kept once for all synapses that see the same spikes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from ..base.arrays import Floats, Index, Ints
from ..base.decay import Decay
from ..synapses.compiled_group import CompiledGroup, StatefulSynapses
from ..synapses.ring_buffer import RingBuffer
from ..synapses.sorted_rows import Slots, SortedRows
from .weight_dependence import WEIGHT_DEPENDENCES, WeightDependence

__all__ = [
    "ARRAYS", "CONSTANTS", "NUMBERS", "PARAMETER_ROWS", "RULE_ROWS", "SLOT",
    "CompiledTiming", "Side", "TimingRule",
]  # fmt: skip

NUMBERS = ("form", "dependence", "alike", "post_room", "pre_room")
"""Whole numbers for the kernel: which form of the rule, which weight dependence (its position among
`weight_dependence.WEIGHT_DEPENDENCES`), whether all synapses have the same parameters, and how many spikes of a step
there is room for in the histories of the two sides."""

CONSTANTS = ("dt", "sign")

PARAMETER_ROWS = ("w_min", "w_max", "mu_plus", "mu_minus")
RULE_ROWS = 4
"""The first rows of the parameters, and how many there are behind them for those of the rule."""

SLOT = ("last", "before", "after", "tau")
"""A trace: the step of its last spike, a whole number in the same 8 bytes, and as in `stdp.SpikeTiming`."""

ARRAYS = (
    "numbers", "constants", "weight", "parameters",
    "pre_rows", "pre_start", "pre_delay", "pre_slots", "pre_edge", "offset", "pre_post_slot", "pre_own_slot",
    "post_rows", "post_start", "post_delay", "post_slots", "post_edge", "post_pre_slot", "post_own_slot",
    "pre_trace", "post_trace", "pre_slow", "post_slow", "pre_table", "post_table", "pre_slow_table", "post_slow_table",
    "pre_delays", "pre_history", "pre_count", "post_delays", "post_history", "post_count",
    "event", "base", "eligibility", "reward",
)  # fmt: skip
"""The arrays of a frame. Of each side, ``pre`` and ``post``: the rows of each neuron, the synapses and the delay of
each row and its slots, the synapses in their order, and for each of them its slot on the other side and its own; the
traces, (slots, 4), and slow ones, whose ``before`` is not used; tables of `base.decay`; the delays other than 0, and
the spikes of the last steps that some rows have not seen yet: neuron and next row of each, and step and number of
spikes of each place in the history. ``offset`` is that of a spike in the ring buffer. The last four are those of
`RewardRule`."""

Side = Literal["pre", "post"]
_SIDES: tuple[Side, Side] = ("pre", "post")


class TimingRule(StatefulSynapses, Protocol):
    """What it needs of its synapses, see `stdp.SpikeTiming`."""

    TAUS: ClassVar[Mapping[str, str]]
    RULE_PARAMETERS: ClassVar[tuple[str, ...]]
    FORM: ClassVar[int]
    dependence: WeightDependence
    sign: float
    axonal: Ints
    dendritic: Ints
    decays: dict[str, Decay]

    def due(self, side: Side) -> Mapping[int, Sequence[Index]]:
        """See `pre_post.PrePost.due`."""

    def set_due(self, due: Mapping[Side, dict[int, list[Index]]]) -> None:
        """See `pre_post.PrePost.set_due`."""

    def shared_by(self, side: Side) -> list[Floats | Ints]:
        """See `stdp.SpikeTiming.shared_by`."""

    def traces(self, name: str, index: Index) -> Floats:
        """See `stdp.SpikeTiming.traces`."""

    def set_traces(self, name: str, index: Index, values: Floats) -> None:
        """See `stdp.SpikeTiming.set_traces`."""

    def own_arrays(self) -> dict[str, Any]:
        """See `stdp.SpikeTiming.own_arrays`."""


class CompiledTiming(CompiledGroup):
    """Synapses of a `SpikeTiming` rule."""

    ARRAYS = ARRAYS
    _group: TimingRule

    def __init__(self, group: TimingRule, bounds: Ints, buffer: RingBuffer) -> None:
        super().__init__(group, bounds, buffer)
        self._delay: dict[str, Ints] = {"pre": group.axonal, "post": group.dendritic}
        neuron = {"pre": group.synapses.pre.astype(np.int64), "post": group.synapses.post.astype(np.int64)}
        # As `FanOut` sorts them: by the whole delay first.
        offset = group.synapses.delay.astype(np.int64) * buffer.ports
        port = group.synapses.receptor.astype(np.int64) * buffer.neurons + group.synapses.post
        within = {"pre": offset + port, "post": group.synapses.pre.astype(np.int64)}
        self._sent = (group.dendritic * buffer.ports + port).astype(np.int32)
        own, delay = neuron, self._delay
        self._rows: list[dict[str, SortedRows]] = []
        for thread in range(len(self._arrays)):
            edges = self.edges(thread)
            self._rows.append({
                side: SortedRows(edges, own[side][edges], delay[side][edges], within[side][edges], self._neurons)
                for side in _SIDES
            })  # fmt: skip

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        group = self._group
        parameters, alike = _parameters(group)
        constants = np.array([group.dt, group.sign])
        form = group.FORM
        pending = {side: self._pending(side) for side in _SIDES}
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            numbers = np.zeros(len(NUMBERS), np.int64)
            numbers[: NUMBERS.index("alike") + 1] = form, _dependence(group), alike
            arrays |= {"numbers": numbers, "constants": constants, "weight": group.synapses.weight}
            arrays["parameters"] = parameters
            arrays["offset"] = self._sent[rows["pre"].edge]
            slots = {side: Slots(rows[side], group.shared_by(side)) for side in _SIDES}
            for side, other in (_SIDES, _SIDES[::-1]):
                own = rows[side]
                arrays |= {f"{side}_rows": own.of_neuron, f"{side}_start": own.start, f"{side}_delay": own.delay}
                arrays |= {f"{side}_slots": slots[side].start, f"{side}_edge": own.edge}
                of_edge = np.zeros(len(group.synapses), np.int32)
                of_edge[rows[other].edge] = slots[other].of
                arrays[f"{side}_{other}_slot"] = of_edge[own.edge]
                arrays[f"{side}_own_slot"] = slots[side].of
                for name, key in ((side, "trace"), (f"{side} slow", "slow")):
                    traced = name in group.TAUS
                    arrays[f"{side}_{key}"] = group.traces(name, slots[side].first) if traced else np.empty((0, 4))
                    table = f"{side}_table" if key == "trace" else f"{side}_slow_table"
                    arrays[table] = group.decays[name].table if traced else np.empty(0)
                self._set_history(side, own, arrays, pending[side])
            arrays |= group.own_arrays()

    @property
    def has_due(self) -> bool:
        """See `CompiledGroup.has_due`."""
        return any(len(arrays[f"{side}_delays"]) for arrays in self._arrays for side in _SIDES)

    def reserve(self, most: int) -> bool:
        """Make room for the presynaptic spikes that wait for the axonal part of their delay; of one neuron several."""
        grown = False
        room = NUMBERS.index("pre_room")
        for arrays in self._arrays:
            places = len(arrays["pre_count"])
            if places and arrays["numbers"][room] < most:
                history = np.zeros((places, most, 2), np.int32)
                before = arrays["pre_history"]
                history[:, : before.shape[1]] = before
                arrays["pre_history"], arrays["numbers"][room] = history, most
                grown = True
        return grown

    def give_back(self) -> None:
        """See `CompiledGroup.give_back`."""
        group = self._group
        due: dict[Side, dict[int, dict[tuple[int, int], list[Index]]]] = {side: {} for side in _SIDES}
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            for side in _SIDES:
                edge, slot = rows[side].edge.astype(np.int64), arrays[f"{side}_own_slot"]
                for name, key in ((side, "trace"), (f"{side} slow", "slow")):
                    if name in group.TAUS:
                        group.set_traces(name, edge, arrays[f"{side}_{key}"][slot])
                self._collect(due[side], rows[side], arrays[f"{side}_history"], arrays[f"{side}_count"])
        group.set_due({
            side: {
                step: [np.concatenate(parts) for _, parts in sorted(lists.items())] for step, lists in found.items()
            }
            for side, found in due.items()
        })  # fmt: skip

    def _pending(self, side: Side) -> list[tuple[int, int, Ints]]:
        """Return the spikes that have not reached all synapses of their neuron: step, round, and neurons."""
        neuron = getattr(self._group.synapses, side)
        found: dict[tuple[int, int], list[Ints]] = defaultdict(list)
        for due, lists in self._group.due(side).items():
            seen: dict[int, int] = defaultdict(int)
            for index in lists:
                # All of them are of one step, and lists of the same step are rounds of the spikes of sources.
                step = due - int(self._delay[side][index[0]])
                found[step, seen[step]].append(neuron[index])
                seen[step] += 1
        return [(*key, np.unique(np.concatenate(parts))) for key, parts in sorted(found.items())]

    def _set_history(
        self, side: Side, rows: SortedRows, arrays: dict[str, Any], pending: list[tuple[int, int, Ints]]
    ) -> None:
        delays = rows.delays
        places = int(delays[0]) + 1 if len(delays) else 0
        entries: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for step, _, neurons in pending:
            for neuron in neurons.tolist():
                first, last = rows.of_neuron[neuron : neuron + 2]
                row = int(first + np.searchsorted(rows.delay[first:last], self.step - step, side="right"))
                if row < last:
                    entries[step].append((neuron, row))
        spiking = int((np.diff(rows.of_neuron) > 0).sum()) if side == "post" else 0
        room = max([spiking, *map(len, entries.values())])
        history, count = np.zeros((places, room, 2), np.int32), np.zeros((places, 2), np.int64)
        count[:, 0] = -1
        for step, some in entries.items():
            history[step % places, : len(some)] = some
            count[step % places] = step, len(some)
        arrays |= {f"{side}_delays": delays, f"{side}_history": history, f"{side}_count": count}
        arrays["numbers"][NUMBERS.index(f"{side}_room")] = room

    def _collect(
        self, due: dict[int, dict[tuple[int, int], list[Index]]], rows: SortedRows, history: Any, count: Ints
    ) -> None:
        """Add the synapses that will see spikes of the history, by grid point, and by step and round of these."""
        for place in np.argsort(count[:, 0], kind="stable"):
            step, number = count[place].tolist()
            turn, last = 0, -1
            for neuron, row in history[place, :number].tolist() if step >= 0 else ():
                turn, last = (turn, neuron) if neuron > last else (turn + 1, neuron)
                for r in range(row, int(rows.of_neuron[neuron + 1])):
                    when = step + int(rows.delay[r])
                    if when > self.step:
                        edges = rows.edge[rows.start[r] : rows.start[r + 1]].astype(np.int64)
                        due.setdefault(when, {}).setdefault((step, turn), []).append(edges)


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
