"""What a partition holds and costs, counted by plain loops, and the best there is of a small network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.partition import ClusterLimits

__all__ = ["best_cost", "breaks", "packets", "spikes_on_global_synapses"]


def pairs(network: Network) -> list[tuple[int, int]]:
    wiring = network.connectivity
    return list(zip(wiring.pre.tolist(), wiring.post.tolist(), strict=True))


def packets(network: Network, cluster: Sequence[int]) -> int:
    spikes = network.spike_weights.tolist()
    reached = {(pre, cluster[post]) for pre, post in pairs(network)}
    return sum(spikes[pre] for pre, there in reached if there != cluster[pre])


def spikes_on_global_synapses(network: Network, cluster: Sequence[int]) -> int:
    spikes = network.spike_weights.tolist()
    return sum(spikes[pre] for pre, post in pairs(network) if cluster[pre] != cluster[post])


def breaks(network: Network, limits: ClusterLimits, cluster: Sequence[int]) -> bool:
    """Whether a partition breaks any limit."""
    if len(set(cluster)) > limits.clusters:
        return True
    inside, synapses = network.inside.tolist(), network.synapses.tolist()
    for here in set(cluster):
        members = [neuron for neuron, there in enumerate(cluster) if there == here]
        axons = {pre for pre, post in pairs(network) if cluster[post] == here}
        entries = {
            (pre, cluster[post])
            for pre, post in pairs(network)
            if cluster[pre] == here and cluster[post] != here and inside[pre]
        }
        for held, limit in (
            (len(members), limits.neurons),
            (len(axons), limits.axons),
            (sum(synapses[neuron] for neuron in members), limits.synapses),
            (len(entries), limits.axons_out),
        ):
            if limit is not None and held > limit:
                return True
    if limits.fan_out is not None:
        for neuron in range(network.neurons):
            reached = {cluster[post] for pre, post in pairs(network) if pre == neuron}
            if inside[neuron] and len(reached) > limits.fan_out:
                return True
    return False


def _partitions(neurons: int, most: int) -> Iterator[tuple[int, ...]]:
    """All ways to part neurons into at most so many clusters, numbered by their first neurons."""
    for choice in itertools.product(*(range(min(i + 1, most)) for i in range(neurons))):
        if all(number <= max(choice[:i], default=-1) + 1 for i, number in enumerate(choice)):
            yield choice


def best_cost(network: Network, limits: ClusterLimits) -> int | None:
    """Fewest packets of all partitions that fit, None if none does; for very few neurons."""
    costs = [
        packets(network, choice)
        for choice in _partitions(network.neurons, limits.clusters)
        if not breaks(network, limits, choice)
    ]
    return min(costs, default=None)
