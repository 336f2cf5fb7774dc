"""A network of small groups of neurons in the place of one of neurons, so that what is slow sees less of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..connectivity import cluster_fan_out
from ..network import Network
from .effort import Effort
from .growth import grow
from .limits import ClusterLimits

__all__ = ["Coarse"]

# Groups are small and many, and each tells the listeners of its axons anew.
_TOLD = 64

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Coarse:
    """Groups of neurons that share much.

    Attributes
    ----------
    group
        Shape (neurons,): group of each neuron.
    sizes
        Shape (groups,): neurons of each.
    """

    group: Ints
    sizes: Ints

    @classmethod
    def of(cls, network: Network, limits: ClusterLimits, effort: Effort, pins: int) -> Coarse:
        """Leave the neurons as they are up to so many synapses; of larger networks, grow groups of up to an eighth of
        a cluster.
        """
        if len(network.connectivity.fan_out) <= pins:
            return cls(np.arange(network.neurons), np.ones(network.neurons, np.int64))
        most = max(2, min(limits.neurons // 8, -(-len(network.connectivity.fan_out) // pins)))
        group = grow(network, limits, effort, np.arange(network.neurons), most_neurons=most, most_told=_TOLD)
        return cls(group, np.bincount(group))

    def hyperedges(self, network: Network, most_pins: int) -> tuple[list[list[int]], list[int]]:
        """What each neuron's spikes join, itself included, and the spikes; at most so many pins together.

        Where there are more, those of most spikes for their size are kept. Edges of one group are left out, and so are
        neurons that never fire, unless none does: then each counts one. Those that join the same are one.
        """
        start, target = cluster_fan_out(network.connectivity, self.group, len(self.sizes))
        weight = network.spike_weights
        if not weight.any():
            weight = np.ones(network.neurons, np.int64)
        joined: dict[bytes, int] = {}
        for neuron in np.flatnonzero(weight).tolist():
            pins, own = target[start[neuron] : start[neuron + 1]], self.group[neuron]
            at = int(np.searchsorted(pins, own))
            if at == len(pins) or pins[at] != own:
                pins = np.concatenate([pins[:at], [own], pins[at:]]).astype(np.int32)
            if len(pins) > 1:
                key = pins.tobytes()
                joined[key] = joined.get(key, 0) + int(weight[neuron])
        worth = np.array([4 * spikes / len(key) for key, spikes in joined.items()])
        sizes = np.array([len(key) // 4 for key in joined], np.int64)
        order = np.argsort(-worth, kind="stable")
        kept = np.sort(order[np.cumsum(sizes[order]) <= most_pins]).tolist()
        pairs = list(joined.items())
        return [np.frombuffer(pairs[i][0], np.int32).tolist() for i in kept], [pairs[i][1] for i in kept]

    def edges(self, network: Network, most: int) -> tuple[list[tuple[int, int]], list[int]]:
        """Spikes between each two groups, both ways together; at most so many edges, those of most spikes."""
        wiring, groups = network.connectivity, len(self.sizes)
        weight = network.spike_weights
        if not weight.any():
            weight = np.ones(network.neurons, np.int64)
        spikes = np.repeat(weight, wiring.fan_out_sizes)
        row = np.repeat(self.group, wiring.fan_out_sizes)
        between = sparse.coo_array((spikes, (row, self.group[wiring.fan_out])), shape=(groups, groups)).tocsr()
        both = sparse.triu(between + between.T, 1).tocoo()
        keep = np.flatnonzero(both.data > 0)
        keep = np.sort(keep[np.argsort(-both.data[keep], kind="stable")[:most]])
        pairs = list(zip(both.row[keep].tolist(), both.col[keep].tolist(), strict=True))
        return pairs, both.data[keep].tolist()
