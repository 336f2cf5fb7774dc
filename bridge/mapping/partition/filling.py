"""Methods that look at limits only: in order, at random, and synapses balanced over all tiles."""

from __future__ import annotations

import heapq

import numpy as np

from ...errors import MappingError
from ..network import Network
from .effort import Clusters, Effort
from .fitting import fitted, none_found, too_many
from .growth import grow
from .limits import ClusterLimits
from .rng import generator

__all__ = ["balance_synapses", "fill_at_random", "fill_in_order"]


def fill_in_order(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Fill crossbars in neuron order; open the next one when neurons, axons or synapses run out."""
    order = np.arange(network.neurons)
    cluster = grow(network, limits, effort, order, share=False, look=1, most_neurons=limits.share(network.neurons))
    needed = int(cluster.max(initial=-1)) + 1
    if needed > limits.clusters:
        raise MappingError(too_many(needed, limits, "filled in order"))
    broken = limits.broken(network, cluster)
    if broken is not None:
        raise MappingError(none_found(limits, f"filled in order, {broken}"))
    return cluster


def fill_at_random(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Fill crossbars in an order drawn at random; where that breaks a limit, neurons move to the nearest room."""
    order = generator(effort.seed).permutation(network.neurons)
    cluster = grow(network, limits, effort, order, share=False, most_neurons=limits.share(network.neurons))
    return fitted(network, limits, cluster, effort)


def balance_synapses(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Give neurons, those of most synapses first, to the tile with the fewest synapses so far: the longest job first.

    That is the load balancing which mappers of spiking networks are compared with, by the rule of R. L. Graham,
    "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17 (1969). All tiles take part. Of equal neurons
    the first comes first, of equal tiles the one with fewer neurons; those without inputs are spread by their number.
    Axons are looked at last: where a tile has too many, neurons move to the nearest room.
    """
    tiles, synapses = min(limits.clusters, max(1, network.neurons)), network.synapses
    order = np.argsort(-synapses, kind="stable").tolist()
    loads = [(0, 0, tile) for tile in range(tiles)]
    cluster = np.empty(network.neurons, np.int64)
    turned = False
    for neuron in order:
        if synapses[neuron] == 0 and not turned:
            loads = [(0, members, tile) for _, members, tile in loads]
            heapq.heapify(loads)
            turned = True
        load, members, tile = loads[0]
        cluster[neuron] = tile
        if members + 1 < limits.neurons:
            heapq.heapreplace(loads, (load + int(synapses[neuron]), members + 1, tile))
        else:
            heapq.heappop(loads)
    return fitted(network, limits, cluster, effort)
