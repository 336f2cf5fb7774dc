"""What partitioning found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .effort import Clusters

__all__ = ["Partition", "renumbered"]


@dataclass(frozen=True)
class Partition:
    """Neuron to cluster; a cluster is what one crossbar holds.

    Attributes
    ----------
    cluster
        Shape (neurons,): cluster of each neuron, numbered by their first neurons.
    clusters
        Number of clusters, none of them empty.
    method
        The method whose result this is, a name of `SEARCHES`.
    cost
        Its packets (`cut_cost`).
    costs
        Packets of every method tried.
    failures
        Methods tried that found no partition that fits, and why.
    """

    cluster: Clusters
    clusters: int
    method: str
    cost: int
    costs: dict[str, int]
    failures: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """JSON types; ``cluster`` is left out."""
        return {
            "method": self.method,
            "clusters": self.clusters,
            "packets": self.cost,
            "packets_by_method": dict(self.costs),
            "failures": dict(self.failures),
        }


def renumbered(cluster: Clusters) -> Clusters:
    """Number the clusters by their first neurons, without gaps."""
    _, first, inverse = np.unique(cluster, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
