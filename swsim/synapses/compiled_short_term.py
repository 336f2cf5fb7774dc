"""Short-term plasticity and synapses that fail in the compiled loop."""

from __future__ import annotations

import numpy as np

from ..base.arrays import Ints
from .compiled_group import Arrivals, CompiledGroup, StatefulSynapses
from .ring_buffer import RingBuffer
from .sorted_rows import Slots, SortedRows

__all__ = ["RELEASES", "RESOURCES", "CompiledReleases", "CompiledResources"]

_ROWS = ("constants", "weight", "rows", "start", "edge", "offset")

RESOURCES = (*_ROWS, "slots", "slot", "last", "state", "parameters", "effect")
"""The arrays of a frame: the time step; the weights; the row of each neuron, its synapses, and the offset of each in
the ring buffer; the slots of each row and the slot of each synapse; of each slot the step of the last spike, state and
parameters, shape (slots, variables), and room for the share of the weight that acts."""

RELEASES = (*_ROWS, "last", "stream", "parameters", "state_0", "state_1", "state_2")
"""Likewise, with step, key of random numbers, parameters, shape (parameters, synapses), and state variables of each
synapse."""


class _Immediate(CompiledGroup):
    """Synapses whose weight at a spike depends on their own past only."""

    def __init__(
        self, group: StatefulSynapses, bounds: Ints, buffer: RingBuffer, arrivals: Arrivals | None = None
    ) -> None:
        super().__init__(group, bounds, buffer, arrivals)
        synapses = group.synapses
        port = synapses.receptor.astype(np.int64) * buffer.neurons + synapses.post
        offset = synapses.delay.astype(np.int64) * buffer.ports + port
        none = np.zeros(len(synapses), np.int64)
        self._rows = []
        for thread in range(len(self._arrays)):
            edges = self.edges(thread)
            self._rows.append(SortedRows(edges, self._pre[edges], none[edges], offset[edges], self._senders))
        self._offset = offset.astype(np.int32)

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            arrays |= {"constants": np.array([self._group.dt]), "weight": self._group.synapses.weight}
            arrays |= {"rows": rows.of_neuron, "start": rows.start}
            arrays |= {"edge": rows.edge, "offset": self._offset[rows.edge]}


class CompiledResources(_Immediate):
    """Synapses whose state is the same for all of one neuron that have the same parameters."""

    ARRAYS = RESOURCES

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        super().take()
        group = self._group
        state = [group.state[name] for name in group.STATE]
        parameters = [group.parameters[name] for name in group.PARAMETERS]
        for rows, arrays in zip(self._rows, self._arrays, strict=True):
            slots = Slots(rows, [group.last, *state, *parameters])
            arrays |= {"slots": slots.start, "slot": slots.of, "last": group.last[slots.first]}
            for name, columns in (("state", state), ("parameters", parameters)):
                arrays[name] = np.stack([column[slots.first] for column in columns], axis=1)
            arrays["effect"] = np.zeros(len(slots))

    def give_back(self) -> None:
        """See `CompiledGroup.give_back`."""
        for arrays in self._arrays:
            edge, slot = arrays["edge"], arrays["slot"]
            self._group.last[edge] = arrays["last"][slot]
            for k, name in enumerate(self._group.STATE):
                self._group.state[name][edge] = arrays["state"][slot, k]


class CompiledReleases(_Immediate):
    """Synapses each with random numbers of its own, whose state stays where it is."""

    ARRAYS = RELEASES

    def take(self) -> None:
        """See `CompiledGroup.take`."""
        super().take()
        group = self._group
        parameters = np.array([group.parameters[name] for name in group.PARAMETERS])
        states = [group.state[name] for name in group.STATE]
        for arrays in self._arrays:
            arrays |= {"last": group.last, "stream": group.stream, "parameters": parameters}
            arrays |= {f"state_{k}": states[k] if k < len(states) else np.empty(0) for k in range(3)}

    def give_back(self) -> None:
        """Do nothing: the kernel works on the state of the group itself."""
        return
