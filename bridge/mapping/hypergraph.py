"""Partitioning by Mt-KaHyPar, whose km1 objective is exactly the number of packets."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import mtkahypar
import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity
from .network import Network

__all__ = ["graph_blocks", "halves", "hypergraph_blocks", "km1_blocks"]

Ints = npt.NDArray[np.int64]

# Edge weights are 32-bit in the library, and so are its sums over all edges and blocks.
_WEIGHT_LIMIT = 2**30


@functools.cache
def _library() -> Any:
    # One thread: the deterministic preset does not need it, but a library must not take all cores of its caller.
    return mtkahypar.initialize(1, print_warnings=False)


def km1_blocks(network: Network, blocks: int, block_size: int, seed: int) -> Ints:
    """Block of each neuron, minimising Σ over neurons of spikes × (blocks that it reaches - 1).

    A hyperedge joins a neuron and all that listen to it; its weight is the neuron's spikes. Neurons that never fire
    send no packets and have no edge, unless none is known to fire: then each counts one spike. Blocks hold at most
    ``block_size`` neurons, as far as the library keeps its limit. The same seed gives the same blocks.
    """
    connectivity, neurons = network.connectivity, network.neurons
    if blocks <= 1:
        return np.zeros(neurons, np.int64)
    weight = network.spike_weights
    if not weight.any():
        weight = np.ones(neurons, np.int64)
    start, listeners = connectivity.fan_out_start.tolist(), connectivity.fan_out.tolist()
    edges: list[list[int]] = []
    weights: list[int] = []
    for neuron in np.flatnonzero(weight).tolist():
        pins = listeners[start[neuron] : start[neuron + 1]]
        if neuron not in pins:
            pins.append(neuron)
        if len(pins) > 1:
            edges.append(pins)
            weights.append(int(weight[neuron]))
    return hypergraph_blocks([1] * neurons, edges, weights, [block_size] * blocks, seed)


def halves(connectivity: Connectivity, members: Ints, seed: int) -> npt.NDArray[np.bool_]:
    """Part some neurons into two halves that together need few axons: True for those of the second.

    A hyperedge joins the members that listen to the same neuron; cut, it costs an axon more. ``members`` has shape
    (members,), at least two, ascending. The same seed gives the same halves, neither of them empty.
    """
    sources = [connectivity.sources(int(neuron)) for neuron in members]
    pre = np.concatenate(sources)
    pin = np.repeat(np.arange(len(members)), [len(source) for source in sources])
    order = np.argsort(pre, kind="stable")
    cuts = np.flatnonzero(np.diff(pre[order])) + 1
    edges = [pins.tolist() for pins in np.split(pin[order], cuts) if len(pins) > 1]
    half = -(-len(members) // 2)
    found = hypergraph_blocks([1] * len(members), edges, [1] * len(edges), [half, half], seed)
    if found.min() == found.max():
        found = np.arange(len(members)) // half
    return found == 1


def hypergraph_blocks(
    sizes: Sequence[int], edges: list[list[int]], weights: Sequence[int], capacities: Sequence[int], seed: int
) -> Ints:
    """Block of each node of a hypergraph, minimising Σ over edges of weight × (blocks that it joins - 1).

    Parameters
    ----------
    sizes
        Weight of each node.
    edges, weights
        Nodes that each edge joins, and what it costs.
    capacities
        What each block may hold, as far as the library keeps its limit.
    seed
        The same seed gives the same blocks.
    """
    context = _context(capacities, mtkahypar.Objective.KM1, seed)
    graph = _library().create_hypergraph(
        context, len(sizes), len(edges), edges, sizes, _scaled(weights, len(capacities))
    )
    return np.asarray(graph.partition(context).get_partition(), np.int64)


def graph_blocks(
    sizes: Sequence[int], edges: list[tuple[int, int]], weights: Sequence[int], capacities: Sequence[int], seed: int
) -> Ints:
    """Block of each node of a graph, minimising the weights of edges between blocks; else as `hypergraph_blocks`."""
    context = _context(capacities, mtkahypar.Objective.CUT, seed)
    graph = _library().create_graph(context, len(sizes), len(edges), edges, sizes, _scaled(weights, len(capacities)))
    return np.asarray(graph.partition(context).get_partition(), np.int64)


def _context(capacities: Sequence[int], objective: Any, seed: int) -> Any:
    library = _library()
    mtkahypar.set_seed(seed % 2**31)
    context = library.context_from_preset(mtkahypar.PresetType.DETERMINISTIC)
    context.set_partitioning_parameters(len(capacities), 0.03, objective)
    context.set_individual_target_block_weights(list(capacities))
    context.logging = False
    return context


def _scaled(weights: Sequence[int], blocks: int) -> list[int]:
    """Return weights of which the library can take the sums."""
    scale = max(1.0, float(np.sum(weights, dtype=float)) * blocks / _WEIGHT_LIMIT)
    return [max(1, round(weight / scale)) for weight in weights]
