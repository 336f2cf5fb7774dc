"""Methods that look at spikes: hyper-edge overlap, refinement of the order, packets (km1) and spikes (unicast)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...errors import MappingError
from ..hypergraph import graph_blocks, hypergraph_blocks
from ..network import Network
from .coarse import Coarse
from .costs import cut_cost
from .effort import Clusters, Effort
from .filling import fill_in_order
from .fitting import HopelessError, fitted, hopeless, sources_last
from .growth import grow
from .limits import ClusterLimits
from .refinement import refine

__all__ = ["grow_by_overlap", "minimise_km1", "minimise_unicast", "refine_in_order"]

# Pins, or edges, that Mt-KaHyPar is given, which cannot be interrupted: some seconds' work, and so many a second.
_PINS, _PINS_A_SECOND = 150_000, 20_000


def refine_in_order(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Refine what filling in order gives."""
    return refine(network, limits, fill_in_order(network, limits, effort), effort)


def grow_by_overlap(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Grow each cluster by the neuron that shares most spikes with it (`grow`), and refine what comes of it.

    Neurons without inputs take part; if there are any, the same is done with them put last into the places left, and
    the cheaper is taken. Time and memory are in proportion to the synapses.
    """
    share, order = limits.share(network.neurons), np.arange(network.neurons)
    found = grow(network, limits, effort, order, most_neurons=share, hurry_after=hopeless(limits))
    if (network.connectivity.fan_in_sizes == 0).any() and not effort.over:
        other = sources_last(network, limits, effort, order, None, share)
        if limits.broken(network, other) is None and (
            limits.broken(network, found) is not None or cut_cost(network, other) < cut_cost(network, found)
        ):
            found = other
    found = fitted(network, limits, found, effort, cheapest=True)
    effort.best.offer("overlap", found, cut_cost(network, found))
    return refine(network, limits, found, effort)


def minimise_km1(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Minimise the packets themselves, as a hypergraph's connectivity minus one, and refine what comes of it.

    A hyperedge joins a neuron and all that listen to it, its weight is the neuron's spikes, and Mt-KaHyPar's km1
    objective is then the packets (L. Gottesbüren, T. Heuer, N. Maas, P. Sanders, S. Schlag, "Scalable High-Quality
    Hypergraph Partitioning", ACM Trans. Algorithms 20 (2024)). A large network is contracted first (`Coarse`). There
    are as few blocks as the neurons need, because fewer blocks mean fewer packets. Where that leaves a block without
    enough axons, the cheapest of several ways to fit it is taken (`fitted`); if none fits, twice as many blocks are
    tried, and so on.
    """
    pins = _pins(effort)
    coarse = Coarse.of(network, limits, effort, pins)
    edges, weights = coarse.hyperedges(network, pins)
    sizes = coarse.sizes.tolist()
    return _blocks(
        network,
        limits,
        effort,
        coarse,
        lambda capacities: hypergraph_blocks(sizes, edges, weights, capacities, effort.seed),
    )


def minimise_unicast(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
    """Minimise spikes on global synapses (`unicast_cost`), as the cut of a graph, as most published mappers do.

    An edge joins two neurons, or groups of a large network (`Coarse`); its weight is the spikes between them. The
    rest is as `minimise_km1`, but nothing is refined, which would lower the packets instead.
    """
    pins = _pins(effort)
    coarse = Coarse.of(network, limits, effort, pins)
    edges, weights = coarse.edges(network, pins)
    sizes = coarse.sizes.tolist()
    return _blocks(
        network,
        limits,
        effort,
        coarse,
        lambda capacities: graph_blocks(sizes, edges, weights, capacities, effort.seed),
        refined=False,
    )


def _pins(effort: Effort) -> int:
    """Pins that there is time for."""
    return int(max(1000, min(_PINS, effort.left * _PINS_A_SECOND)))


def _blocks(
    network: Network,
    limits: ClusterLimits,
    effort: Effort,
    coarse: Coarse,
    parted: Callable[[list[int]], Clusters],
    *,
    refined: bool = True,
) -> Clusters:
    """Part a network into blocks and make them fit; into more blocks if they do not."""
    most = min(limits.clusters, network.neurons)
    blocks = limits.target or -(-network.neurons // limits.neurons)
    while True:
        effort.tell(f"parting into {blocks} blocks", None)
        capacities = [limits.neurons] * blocks
        cluster = np.zeros(network.neurons, np.int64) if blocks <= 1 else parted(capacities)[coarse.group]
        try:
            found = fitted(network, limits, cluster, effort, cheapest=True)
        except HopelessError:
            raise
        except MappingError:
            if blocks >= most or effort.over:
                raise
            blocks = min(most, 2 * blocks)
            continue
        if not refined:
            return found
        effort.best.offer("km1", found, cut_cost(network, found))
        return refine(network, limits, found, effort)
