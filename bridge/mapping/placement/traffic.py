"""Traffic between clusters: packets by pair, and spikes by the set of clusters that they go to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..connectivity import cluster_pairs
from ..network import Network

__all__ = ["Groups", "Links", "Traffic", "traffic_matrix"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """Spikes of a cluster by the clusters that they go to: what one key of a multicast chip stands for.

    Attributes
    ----------
    source
        Shape (groups,): the cluster that the neurons of a group are in.
    spikes
        Shape (groups,): spikes of all of them together.
    start
        Shape (groups + 1,): group i goes to ``target[start[i]:start[i + 1]]``.
    target
        Shape (targets,): distinct clusters other than the source, ascending in each group.
    """

    source: Ints
    spikes: Ints
    start: Ints
    target: Ints


@dataclass(frozen=True)
class Links:
    """Packets between two clusters, in both directions together: a graph that has every edge from both its ends.

    Attributes
    ----------
    start
        Shape (clusters + 1,): cluster i talks with ``other[start[i]:start[i + 1]]``.
    other, weight
        Shape (ends,): the cluster at the other end, ascending for each cluster, and the packets.
    """

    start: Ints
    other: Ints
    weight: Ints

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.start) - 1

    @cached_property
    def total(self) -> Ints:
        """Packets from and to each cluster, shape (clusters,)."""
        owner = np.repeat(np.arange(self.clusters), np.diff(self.start))
        total = np.zeros(self.clusters, np.int64)
        np.add.at(total, owner, self.weight)
        return total


@dataclass(frozen=True)
class Traffic:
    """Packets between clusters; memory is in proportion to the pairs that have any.

    Attributes
    ----------
    start
        Shape (clusters + 1,): cluster i sends to ``target[start[i]:start[i + 1]]``.
    target, packets
        Shape (pairs,): the cluster that packets go to, another one, ascending for each source; and how many, at least
        1. A spike is one packet for each cluster other than its own that listens to it.
    groups
        The spikes, by the set of clusters that they go to; None where only the pairs are known.
    """

    start: Ints
    target: Ints
    packets: Ints
    groups: Groups | None = None

    @classmethod
    def of(cls, network: Network, cluster: npt.NDArray[np.integer], clusters: int) -> Traffic:
        """Take the traffic of a network that has been parted; a neuron of unknown spikes counts one.

        ``cluster`` has shape (neurons,) with values in ``range(clusters)``.
        """
        neuron, target = cluster_pairs(network.connectivity, cluster, clusters)
        source = np.asarray(cluster, np.int64)[neuron]
        sent = (source != target) & (network.spike_weights[neuron] > 0)
        neuron, source, target = neuron[sent], source[sent], target[sent]
        found = cls._of_pairs(source, target, network.spike_weights[neuron], clusters)
        return cls(found.start, found.target, found.packets, _groups(neuron, source, target, network.spike_weights))

    @classmethod
    def of_matrix(cls, matrix: npt.NDArray[np.integer]) -> Traffic:
        """Take a square matrix of packets from each cluster (row) to each other; the diagonal is left out.

        Raises ``ValueError`` if the matrix is not square, or has a negative number.
        """
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ValueError(f"traffic must be a square matrix, not of shape {matrix.shape}")
        if matrix.size and matrix.min() < 0:
            raise ValueError(f"traffic must not be negative, not {matrix.min()}")
        source, target = np.nonzero(matrix)
        apart = source != target
        source, target = source[apart], target[apart]
        return cls._of_pairs(source, target, matrix[source, target].astype(np.int64), len(matrix))

    @classmethod
    def _of_pairs(cls, source: Ints, target: Ints, packets: Ints, clusters: int) -> Traffic:
        pair, start = source * max(clusters, 1) + target, np.zeros(clusters + 1, np.int64)
        order = np.argsort(pair, kind="stable")
        pair, packets = pair[order], packets[order]
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        total = np.add.reduceat(packets, first) if len(first) else packets[:0]
        source, target = np.divmod(pair[first], max(clusters, 1))
        np.cumsum(np.bincount(source, minlength=clusters), out=start[1:])
        return cls(start, target, total)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.start) - 1

    @cached_property
    def source(self) -> Ints:
        """The cluster that each pair's packets come from, shape (pairs,)."""
        return np.repeat(np.arange(self.clusters, dtype=np.int64), np.diff(self.start))

    @cached_property
    def links(self) -> Links:
        """The packets between two clusters in both directions together."""
        both = Traffic._of_pairs(
            np.concatenate([self.source, self.target]),
            np.concatenate([self.target, self.source]),
            np.concatenate([self.packets, self.packets]),
            self.clusters,
        )
        return Links(both.start, both.target, both.packets)

    def to_matrix(self) -> Ints:
        """Return the packets from each cluster to each other, shape (clusters, clusters)."""
        matrix = np.zeros((self.clusters, self.clusters), np.int64)
        matrix[self.source, self.target] = self.packets
        return matrix


def _groups(neuron: Ints, source: Ints, target: Ints, spikes: Ints) -> Groups:
    """Join the neurons of a cluster that send to the same ones; pairs come sorted by neuron and target."""
    first = np.flatnonzero(np.diff(neuron, prepend=-1))
    ends = np.append(first, len(neuron))[1:]
    number: dict[tuple[int, bytes], int] = {}
    total: list[int] = []
    kept: list[int] = []
    for index, (begin, end) in enumerate(zip(first.tolist(), ends.tolist(), strict=True)):
        group = number.setdefault((int(source[begin]), target[begin:end].tobytes()), len(total))
        if group == len(total):
            total.append(0)
            kept.append(index)
        total[group] += int(spikes[neuron[begin]])
    sizes = (ends - first)[kept]
    start = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(sizes, out=start[1:])
    pairs = np.repeat(first[kept] - start[:-1], sizes) + np.arange(start[-1])
    return Groups(source[first[kept]], np.array(total, np.int64), start, target[pairs])


def traffic_matrix(network: Network, cluster: npt.NDArray[np.integer], clusters: int) -> Ints:
    """Packets from each cluster to each other as an array of shape (clusters, clusters): for few clusters."""
    return Traffic.of(network, cluster, clusters).to_matrix()
