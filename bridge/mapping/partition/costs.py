"""What a partition costs: packets, spikes on global synapses, and how few packets there could be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..jit import compiled_for_much
from ..network import Network

__all__ = ["cut_cost", "unicast_cost"]

Ints = npt.NDArray[np.int64]


def cut_cost(network: Network, cluster: npt.NDArray[np.integer]) -> int:
    """Packets that a partition needs: Σ over neurons of spikes × clusters other than its own that listen to it.

    If the spikes are unknown, every neuron counts one.
    """
    wiring, of = network.connectivity, np.array(cluster, np.int32)
    clusters = int(of.max(initial=-1)) + 1
    remote = _remote(wiring.fan_out_start, wiring.fan_out, of, clusters)
    return int(remote @ network.spike_weights)


def unicast_cost(network: Network, cluster: npt.NDArray[np.integer]) -> int:
    """Spikes on global synapses: Σ over pairs of neurons in two clusters of the presynaptic one's spikes.

    So many packets there would be if each went to one neuron. Multapses count once; if the spikes are unknown, every
    neuron counts one.
    """
    wiring = network.connectivity
    cut = _cut(wiring.fan_out_start, wiring.fan_out, np.array(cluster, np.int32))
    return int(cut @ network.spike_weights)


@compiled_for_much
def _remote(start: Ints, fan_out: npt.NDArray[np.int32], cluster: npt.NDArray[np.int32], clusters: int) -> Ints:
    seen = np.full(clusters, -1, np.int32)
    count = np.zeros(len(start) - 1, np.int64)
    for neuron in range(len(start) - 1):
        seen[cluster[neuron]] = neuron
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if seen[here] != neuron:
                seen[here] = neuron
                count[neuron] += 1
    return count


@compiled_for_much
def _cut(start: Ints, fan_out: npt.NDArray[np.int32], cluster: npt.NDArray[np.int32]) -> Ints:
    count = np.zeros(len(start) - 1, np.int64)
    for neuron in range(len(start) - 1):
        own = cluster[neuron]
        for i in range(start[neuron], start[neuron + 1]):
            count[neuron] += cluster[fan_out[i]] != own
    return count
