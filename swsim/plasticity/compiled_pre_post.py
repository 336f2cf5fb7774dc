"""Synapses that see the spikes of both sides in the compiled loop: their rows, and the spikes that are under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np

from ..base.arrays import Index, Ints
from ..synapses.compiled_group import Arrivals, CompiledGroup, StatefulSynapses
from ..synapses.ring_buffer import RingBuffer
from ..synapses.sorted_rows import SortedRows

__all__ = ["PRE_POST", "SIDES", "CompiledPrePost", "Side", "TwoSided"]

Side = Literal["pre", "post"]
SIDES: tuple[Side, Side] = ("pre", "post")

PRE_POST = (
    "pre_rows", "pre_start", "pre_delay", "pre_edge", "offset", "post_rows", "post_start", "post_delay", "post_edge",
    "pre_delays", "pre_history", "pre_count", "post_delays", "post_history", "post_count", "rooms",
)  # fmt: skip
"""The first arrays of a frame. Of each side, ``pre`` and ``post``: the rows of each neuron, the synapses and the delay
of each row, and the synapses in their order; the delays other than 0, and the spikes of the last steps that some rows
have not seen yet: neuron and next row of each, and step and number of spikes of each place in the history. ``offset``
is that of a spike in the ring buffer, and ``rooms`` says for how many spikes of a step there is room in the two."""


class TwoSided(StatefulSynapses, Protocol):
    """What it needs of its synapses, see `pre_post.PrePost`."""

    axonal: Ints
    dendritic: Ints

    def due(self, side: Side) -> Mapping[int, Sequence[Index]]:
        """See `pre_post.PrePost.due`."""

    def set_due(self, due: Mapping[Side, dict[int, list[Index]]]) -> None:
        """See `pre_post.PrePost.set_due`."""


class CompiledPrePost(CompiledGroup):
    """Synapses whose delay is in part axonal and in part dendritic."""

    _group: TwoSided

    def __init__(self, group: TwoSided, bounds: Ints, buffer: RingBuffer, arrivals: Arrivals | None = None) -> None:
        super().__init__(group, bounds, buffer, arrivals)
        self._delay: dict[Side, Ints] = {"pre": group.axonal, "post": group.dendritic}
        self._neuron: dict[Side, Ints] = {"pre": self._pre, "post": group.synapses.post.astype(np.int64)}
        neurons = {"pre": self._senders, "post": self._neurons}
        # As `FanOut` sorts them: by the whole delay first.
        offset = group.synapses.delay.astype(np.int64) * buffer.ports
        port = group.synapses.receptor.astype(np.int64) * buffer.neurons + group.synapses.post
        within = {"pre": offset + port, "post": group.synapses.pre.astype(np.int64)}
        self._sent = (group.dendritic * buffer.ports + port).astype(np.int32)
        self._rows: list[dict[Side, SortedRows]] = []
        for thread in range(len(self._arrays)):
            edges = self.edges(thread)
            self._rows.append({
                side: SortedRows(
                    edges, self._neuron[side][edges], self._delay[side][edges], within[side][edges], neurons[side]
                )
                for side in SIDES
            })  # fmt: skip

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        pending = {side: self._pending(side) for side in SIDES}
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            arrays |= {"offset": self._sent[rows["pre"].edge], "rooms": np.zeros(len(SIDES), np.int64)}
            for side, own in rows.items():
                arrays |= {f"{side}_rows": own.of_neuron, f"{side}_start": own.start, f"{side}_delay": own.delay}
                arrays[f"{side}_edge"] = own.edge
                self._set_history(side, own, arrays, pending[side])

    @property
    def has_due(self) -> bool:
        """See `CompiledGroup.has_due`."""
        return any(len(arrays[f"{side}_delays"]) for arrays in self._arrays for side in SIDES)

    def reserve(self, most: int) -> bool:
        """Make room for the presynaptic spikes that wait for the axonal part of their delay; of one neuron several."""
        grown = False
        for arrays in self._arrays:
            places = len(arrays["pre_count"])
            if places and arrays["rooms"][0] < most:
                history = np.zeros((places, most, 2), np.int32)
                before = arrays["pre_history"]
                history[:, : before.shape[1]] = before
                arrays["pre_history"], arrays["rooms"][0] = history, most
                grown = True
        return grown

    def give_back(self) -> None:
        """See `CompiledGroup.give_back`."""
        due: dict[Side, dict[int, dict[tuple[int, int], list[Index]]]] = {side: {} for side in SIDES}
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            for side in SIDES:
                self._collect(due[side], rows[side], arrays[f"{side}_history"], arrays[f"{side}_count"])
        self._group.set_due({
            side: {
                step: [np.concatenate(parts) for _, parts in sorted(lists.items())] for step, lists in found.items()
            }
            for side, found in due.items()
        })  # fmt: skip

    def _pending(self, side: Side) -> list[tuple[int, int, Ints]]:
        """Return the spikes that have not reached all synapses of their neuron: step, round, and neurons."""
        neuron = self._neuron[side]
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
        arrays["rooms"][SIDES.index(side)] = room

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
