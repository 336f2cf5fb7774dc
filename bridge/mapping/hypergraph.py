"""Partitioning by Mt-KaHyPar, whose km1 objective is exactly the number of packets."""

from __future__ import annotations

import functools
from typing import Any

import mtkahypar
import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity
from .network import Network

__all__ = ["halves", "km1_blocks"]

# Edge weights are 32-bit in the library, and so are its sums over all edges and blocks.
_WEIGHT_LIMIT = 2**30


@functools.cache
def _library() -> Any:
    # One thread: the deterministic preset does not need it, but a library must not take all cores of its caller.
    return mtkahypar.initialize(1, print_warnings=False)


def km1_blocks(network: Network, blocks: int, block_size: int, seed: int) -> npt.NDArray[np.int64]:
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
    edges: list[list[int]] = []
    weights: list[int] = []
    scale = max(1.0, float(weight.sum()) * blocks / _WEIGHT_LIMIT)
    start = np.searchsorted(connectivity.pre, np.arange(neurons + 1))
    for neuron in np.flatnonzero(weight):
        listeners = connectivity.post[start[neuron] : start[neuron + 1]]
        pins = np.union1d(listeners, neuron)
        if len(pins) > 1:
            edges.append(pins.tolist())
            weights.append(max(1, round(float(weight[neuron]) / scale)))
    return _partition(neurons, edges, weights, [block_size] * blocks, seed)


def halves(connectivity: Connectivity, members: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.bool_]:
    """Part some neurons into two halves that together need few axons: True for those of the second.

    A hyperedge joins the members that listen to the same neuron; cut, it costs an axon more. ``members`` has shape
    (members,), at least two, ascending. The same seed gives the same halves, neither of them empty.
    """
    inside = np.isin(connectivity.post, members)
    pre, pin = connectivity.pre[inside], np.searchsorted(members, connectivity.post[inside])
    edges = [pins.tolist() for pins in np.split(pin, np.flatnonzero(np.diff(pre)) + 1) if len(pins) > 1]
    half = -(-len(members) // 2)
    found = _partition(len(members), edges, [1] * len(edges), [half, half], seed)
    if found.min() == found.max():
        found = np.arange(len(members)) // half
    return found == 1


def _partition(
    nodes: int, edges: list[list[int]], weights: list[int], capacities: list[int], seed: int
) -> npt.NDArray[np.int64]:
    library = _library()
    mtkahypar.set_seed(seed % 2**31)
    context = library.context_from_preset(mtkahypar.PresetType.DETERMINISTIC)
    context.set_partitioning_parameters(len(capacities), 0.03, mtkahypar.Objective.KM1)
    context.set_individual_target_block_weights(capacities)
    context.logging = False
    graph = library.create_hypergraph(context, nodes, len(edges), edges, [1] * nodes, weights)
    return np.asarray(graph.partition(context).get_partition(), np.int64)
