"""A network of small groups of neurons in the place of one of neurons, so that what is slow sees less of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..connectivity import cluster_fan_out
from ..jit import compiled
from ..network import Network
from .effort import Effort
from .growth import grow
from .limits import ClusterLimits

__all__ = ["Coarse", "fewest_pins", "twins"]

# Groups are small and many, and each tells the listeners of its axons anew.
_TOLD = 64

# Groups that make up a cluster, in the order in which they are tried; 2^31 stands for single neurons.
_PARTS = (4, 2**31, 1, 8, 2)
# Synapses of a network that is taken as it is.
_SMALL = 5000

Ints = npt.NDArray[np.int64]


def twins(network: Network, most: int) -> Ints:
    """Group neurons that listen to the same neurons, and of those without inputs those to which the same listen.

    In a block of a partition, such neurons share all of their axons. ``most`` is the size of groups; what is left of a
    number of twins is cut into powers of two, so that blocks can be filled to the last neuron. Returns the group of
    each neuron, shape (neurons,), in the order of their first members.
    """
    wiring = network.connectivity
    # A sum of random numbers tells sets apart, but for one in 2^64.
    number = np.random.default_rng(0).integers(0, 2**64, network.neurons, dtype=np.uint64)
    name = _sums(wiring.fan_in_start, wiring.fan_in, number)
    free = np.diff(wiring.fan_in_start) == 0
    name[free] = ~_sums(wiring.fan_out_start, wiring.fan_out, number)[free]
    order = np.argsort(name, kind="stable")
    new = np.ones(len(order), bool)
    new[1:] = name[order[1:]] != name[order[:-1]]
    begin = np.flatnonzero(new)
    size = np.diff(np.append(begin, len(order)))
    rank = np.arange(len(order)) - np.repeat(begin, size)
    full = size - size % most
    over, of = rank - np.repeat(full, size), np.repeat(size - full, size)
    # What is left of 7 is 4 + 2 + 1.
    new |= np.where(over < 0, rank % most == 0, (over == 0) | (of - over < (over & -over)))
    first = np.empty(len(order), np.int64)
    first[order] = np.repeat(order[new], np.diff(np.append(np.flatnonzero(new), len(order))))
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


@compiled
def _sums(start: Ints, ids: npt.NDArray[np.int32], number: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    total = np.zeros(len(number), np.uint64)
    for neuron in range(len(number)):
        for i in range(start[neuron], start[neuron + 1]):
            total[neuron] += number[ids[i]]
    return total


def fewest_pins(network: Network, limits: ClusterLimits) -> int:
    """Pins of the smallest hypergraph that groups of twins make of a network, about."""
    if len(network.connectivity.fan_out) <= _SMALL:
        return len(network.connectivity.fan_out)
    return _pins(network, twins(network, max(1, limits.neurons // min(_PARTS))))


def _pins(network: Network, group: Ints) -> int:
    """Pairs of a group and one that listens to it, which is about what `Coarse.hyperedges` joins at most."""
    groups = int(group.max(initial=-1)) + 1
    start, _ = cluster_fan_out(network.connectivity, group, groups)
    first = np.unique(group, return_index=True)[1]
    return int(np.diff(start)[first].sum())


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
    def of(cls, network: Network, limits: ClusterLimits, effort: Effort, pins: int, number: int = 0) -> Coarse:
        """Group neurons that listen to the same (`twins`); leave small networks as they are.

        Groups are a quarter of a cluster, single neurons, a whole one, an eighth or a half, by a number, because no
        size is best for all networks; or larger, if that leaves more than so many pins. If the largest do, groups that
        share spikes are grown.
        """
        wiring = network.connectivity
        if len(wiring.fan_out) <= min(pins, _SMALL):
            return cls(np.arange(network.neurons), np.ones(network.neurons, np.int64))
        first = _PARTS[number % len(_PARTS)]
        for part in sorted((part for part in _PARTS if part <= first), reverse=True):
            group = twins(network, max(1, limits.neurons // part))
            if _pins(network, group) <= pins:
                return cls(group, np.bincount(group))
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
        from scipy import sparse  # slow to import

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
