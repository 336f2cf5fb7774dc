"""From spikes to packets: which tiles get one, and when it is created."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..engines.base import Packets
from ..engines.native.exchange import SpikeTable
from .connectivity import Connectivity, cluster_pairs
from .tile_mapping import Mapping

__all__ = ["Destinations"]


@dataclass(frozen=True)
class Destinations:
    """The tiles that each neuron's spikes go to.

    Attributes
    ----------
    start
        Shape (neurons + 1,): neuron i's packets go to ``tiles[start[i]:start[i + 1]]``.
    tiles
        Shape (pairs,): distinct tiles other than the neuron's own on which it has synapses, ascending for each neuron.
    local
        Shape (neurons,): True for neurons with synapses on their own tile (no packet, arrives at once).
    source
        Shape (neurons,): the neuron's own tile.
    slot
        Shape (neurons,): its slot there.
    """

    start: npt.NDArray[np.int64]
    tiles: npt.NDArray[np.int64]
    local: npt.NDArray[np.bool_]
    source: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int64]

    @classmethod
    def of(cls, mapping: Mapping, connectivity: Connectivity) -> Destinations:
        """Compute them from the mapping and the connections; multapses count once."""
        neuron, tile = cluster_pairs(connectivity, mapping.tile, mapping.tiles)
        source = mapping.tile.astype(np.int64)
        remote = source[neuron] != tile
        local = np.zeros(mapping.neurons, bool)
        local[neuron[~remote]] = True
        start = np.zeros(mapping.neurons + 1, np.int64)
        np.cumsum(np.bincount(neuron[remote], minlength=mapping.neurons), out=start[1:])
        return cls(start, tile[remote], local, source, mapping.slot.astype(np.int64))

    @property
    def fan_out(self) -> npt.NDArray[np.int64]:
        """Packets per spike of each neuron, shape (neurons,)."""
        return np.diff(self.start)

    def of_neuron(self, neuron: int) -> npt.NDArray[np.int64]:
        """Tiles that one neuron sends packets to, ascending."""
        return self.tiles[self.start[neuron] : self.start[neuron + 1]]

    def table(self, cycles_per_step: int, key: npt.NDArray[np.int64] | None) -> SpikeTable:
        """Return the same as an engine takes it that makes the `packets` itself."""
        neurons = np.arange(len(self.source))
        own = neurons[self.local]
        neuron = np.concatenate([np.repeat(neurons, self.fan_out), own])
        tile = np.concatenate([self.tiles, self.source[own]])
        start = np.zeros(len(neurons) + 1, np.int64)
        np.cumsum(self.fan_out + self.local, out=start[1:])
        rank = np.empty(len(neurons), np.int32)
        rank[np.lexsort((self.slot, self.source))] = neurons
        return SpikeTable(
            start,
            tile[np.lexsort((tile, neuron))].astype(np.int32),
            self.source.astype(np.int32),
            rank,
            key,
            cycles_per_step,
        )

    def packets(
        self,
        step: npt.ArrayLike,
        neurons: npt.ArrayLike,
        cycles_per_step: int,
        *,
        key: npt.NDArray[np.int64] | None = None,
    ) -> Packets:
        """The packets of spikes: created at cycle ``step`` × ``cycles_per_step``, stamped with the step.

        With the neurons' multicast keys, shape (neurons,), those of a spike are the targets of one packet.

        ``neurons`` has shape (spikes,), ``step`` the same shape or none (all spikes of one step). A source that fires
        several times in a step has its packets as often: there are as many as spikes times tiles. Packets are in order
        of (cycle, source tile, slot, spike, destination tile).
        """
        neurons = np.asarray(neurons, dtype=np.int64)
        steps = np.broadcast_to(np.asarray(step, dtype=np.int64), neurons.shape)
        order = np.lexsort((self.slot[neurons], self.source[neurons], steps))
        neurons, steps = neurons[order], steps[order]
        count = self.fan_out[neurons]
        first = np.cumsum(count) - count
        # The j-th packet of a spike goes to the j-th destination of its neuron.
        number = np.arange(int(count.sum())) - np.repeat(first, count)
        sender = np.repeat(neurons, count)
        stamp = np.repeat(steps, count)
        return Packets(
            cycle=stamp * cycles_per_step,
            source=self.source[sender],
            destination=self.tiles[self.start[sender] + number],
            neuron=sender,
            stamp=stamp,
            key=np.zeros_like(sender) if key is None else key[sender],
            more=np.zeros_like(sender) if key is None else (number > 0).astype(np.int64),
        )
