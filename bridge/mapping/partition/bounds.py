"""Bounds: how few tiles a network can need, and how few packets any partition of it has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..jit import compiled_for_much
from ..network import Network
from .limits import ClusterLimits

__all__ = ["packets_lower_bound", "tiles_lower_bound"]

Ints = npt.NDArray[np.int64]


def tiles_lower_bound(network: Network, limits: ClusterLimits) -> int:
    """Tiles that no partition can do without, by neurons, by axons and by synapses.

    A neuron that d others listen to is an axon of at least d / (neurons of a tile) tiles.
    """
    if not network.neurons:
        return 0
    listening = int((network.connectivity.fan_in_sizes > 0).sum())
    bounds = [-(-network.neurons // limits.neurons), 1]
    if listening and limits.axons:
        axons = int((-(-network.connectivity.fan_out_sizes // limits.neurons)).sum())
        bounds.append(-(-axons // limits.axons))
    if limits.synapses:
        bounds.append(-(-int(network.synapses.sum()) // limits.synapses))
    return max(bounds)


def packets_lower_bound(network: Network, limits: ClusterLimits) -> int:
    """Packets that no partition can do without; the largest of three bounds, each by the neurons n of a cluster.

    1. Of d listeners of a neuron, n - 1 can be in its cluster and n in every other: its spikes × ⌈(d - n + 1) / n⌉.
    2. Of d inputs of a neuron, n - 1 can be in its cluster; each of the others sends a packet for every spike, at
       least those d - n + 1 of fewest spikes. A cluster needs as much as its most demanding neuron, and clusters of
       the most demanding neurons together need least: of all demands in falling order, the first of each n.
    3. The k = ⌈s / n⌉ clusters or more of a connected part of s neurons must be joined by k - 1 pairs of a neuron and
       a cluster that listens to it, at least those of fewest spikes.

    It is a bound, not an estimate: a cluster that needs exactly so many is rarely there.
    """
    wiring, weight, most = network.connectivity, np.array(network.spike_weights, np.int64), limits.neurons
    if not network.neurons:
        return 0
    listeners = _without_itself(wiring.fan_out_start, wiring.fan_out)
    by_listeners = int((weight * -(-np.maximum(listeners - most + 1, 0) // most)).sum())
    demand = np.sort(_demands(network, weight, most))[::-1]
    # Where all neurons have room in one cluster, no part of the network has to be divided.
    joining = _joining(network, listeners, most) if network.neurons > most else 0
    return max(by_listeners, int(demand[::most].sum()), joining)


def _joining(network: Network, listeners: Ints, most: int) -> int:
    from scipy import sparse  # slow to import
    from scipy.sparse import csgraph

    wiring, weight, neurons = network.connectivity, network.spike_weights, network.neurons
    graph = sparse.csr_array(
        (np.ones(len(wiring.fan_out), np.int8), wiring.fan_out, wiring.fan_out_start), shape=(neurons, neurons)
    )
    _, part = csgraph.connected_components(graph, directed=False)
    size = np.bincount(part)
    needed = -(-size // most) - 1
    total = 0
    order = np.lexsort((weight, part))
    first = np.searchsorted(part[order], np.arange(len(size)))
    for number in np.flatnonzero(needed).tolist():
        members = order[first[number] : first[number] + size[number]]
        pairs = np.minimum(np.cumsum(listeners[members]), needed[number])
        total += int(np.diff(pairs, prepend=0) @ weight[members])
    return total


@compiled_for_much
def _without_itself(start: Ints, ids: npt.NDArray[np.int32]) -> Ints:
    """Entries of each neuron, itself not counted."""
    count = np.empty(len(start) - 1, np.int64)
    for neuron in range(len(start) - 1):
        count[neuron] = start[neuron + 1] - start[neuron]
        for i in range(start[neuron], start[neuron + 1]):
            if ids[i] == neuron:
                count[neuron] -= 1
    return count


def _demands(network: Network, weight: Ints, most: int) -> Ints:
    """Spikes of those inputs of each neuron that cannot be in its cluster, if these are the ones of fewest spikes."""
    wiring = network.connectivity
    outside = _without_itself(wiring.fan_in_start, wiring.fan_in) - most + 1
    return _lightest(wiring.fan_out_start, wiring.fan_out, np.argsort(weight, kind="stable"), weight, outside)


@compiled_for_much
def _lightest(start: Ints, fan_out: npt.NDArray[np.int32], order: Ints, weight: Ints, count: Ints) -> Ints:
    """Add up the spikes of the first so many inputs of each neuron in an order, itself not among them."""
    total = np.zeros(len(count), np.int64)
    for neuron in order:
        for i in range(start[neuron], start[neuron + 1]):
            listener = fan_out[i]
            if listener != neuron and count[listener] > 0:
                count[listener] -= 1
                total[listener] += weight[neuron]
    return total
