"""Methods that look at spikes: hyper-edge overlap, refinement of the order, packets (km1) and spikes (unicast)."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from ...errors import MappingError
from ..hypergraph import graph_blocks, hypergraph_blocks
from ..network import Network
from .coarse import Coarse, fewest_pins
from .costs import cut_cost
from .effort import Clusters, Effort
from .filling import fill_in_order
from .fitting import HopelessError, fitted, hopeless, sources_last
from .growth import grow
from .limits import ClusterLimits
from .refinement import refine

__all__ = ["grow_by_overlap", "km1_seconds", "minimise_km1", "minimise_unicast", "refine_in_order"]

# Pins, or edges, that Mt-KaHyPar is given: some seconds' work, and so many a second after its start.
_PINS, _PINS_A_SECOND, _START_S = 150_000, 20_000, 0.1
# What it may take of the time that is left, so that something else can be done if that is not enough.
_SHARE = 0.9


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
    Hypergraph Partitioning", ACM Trans. Algorithms 20 (2024)). A large network is contracted first (`Coarse`), in two
    ways, if they differ, the cheaper of which is taken. There are as few blocks as the neurons need, because fewer
    blocks mean fewer packets. Where that leaves a block without enough axons, the cheapest of several ways to fit it is
    taken (`fitted`); if none fits, twice as many blocks are tried, and so on. If the library is not done when the
    deadline is near, clusters are grown by overlap instead.
    """
    best: Clusters | None = None
    cost, groups, took = 0, set(), 0.0
    for number in (2 * effort.seed, 2 * effort.seed + 1):
        begin = time.monotonic()
        if best is not None and effort.left < 2 * took:
            break
        coarse = Coarse.of(network, limits, effort, _pins(effort), number)
        if len(coarse.sizes) in groups:
            continue
        groups.add(len(coarse.sizes))
        try:
            found = refine(network, limits, _km1(network, limits, effort, coarse), effort)
        except TimeoutError:
            break
        packets = cut_cost(network, found)
        effort.best.offer("km1", found, packets)
        if best is None or packets < cost:
            best, cost = found, packets
        took = time.monotonic() - begin
    return grow_by_overlap(network, limits, effort) if best is None else best


def _km1(network: Network, limits: ClusterLimits, effort: Effort, coarse: Coarse) -> Clusters:
    edges, weights = coarse.hyperedges(network, _pins(effort))
    sizes = coarse.sizes.tolist()
    return _blocks(
        network,
        limits,
        effort,
        coarse,
        lambda capacities: hypergraph_blocks(
            sizes, edges, weights, capacities, effort.seed, seconds=_SHARE * effort.left
        ),
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

    def parted(capacities: list[int]) -> Clusters:
        return graph_blocks(sizes, edges, weights, capacities, effort.seed, seconds=_SHARE * effort.left)

    try:
        return _blocks(network, limits, effort, coarse, parted)
    except TimeoutError:
        return grow_by_overlap(network, limits, effort)


def km1_seconds(network: Network, limits: ClusterLimits) -> float:
    """About how long `minimise_km1` takes to part a network as well as it can."""
    return _START_S + min(_PINS, fewest_pins(network, limits)) / _PINS_A_SECOND


def _pins(effort: Effort) -> int:
    """Pins that there is time for."""
    return int(max(1000, min(_PINS, (_SHARE * effort.left - _START_S) * _PINS_A_SECOND)))


def _blocks(
    network: Network, limits: ClusterLimits, effort: Effort, coarse: Coarse, parted: Callable[[list[int]], Clusters]
) -> Clusters:
    """Part a network into blocks and make them fit; into more blocks if they do not.

    Raises ``TimeoutError`` if the time is up before there are blocks.
    """
    most = min(limits.clusters, network.neurons)
    blocks = limits.target or -(-network.neurons // limits.neurons)
    while True:
        effort.tell(f"parting into {blocks} blocks", None)
        capacities = [limits.neurons] * blocks
        cluster = np.zeros(network.neurons, np.int64) if blocks <= 1 else parted(capacities)[coarse.group]
        try:
            return fitted(network, limits, cluster, effort, cheapest=True)
        except HopelessError:
            raise
        except MappingError:
            if blocks >= most or effort.over:
                raise
            blocks = min(most, 2 * blocks)
