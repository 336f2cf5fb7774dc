"""Partitioning: which neurons share a crossbar, so that few spikes must leave it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import MappingError
from .connectivity import Connectivity, cluster_pairs
from .hypergraph import km1_blocks
from .repair import repair, split

if TYPE_CHECKING:
    from synaptile.swsim.trace import PopulationSlice

    from ..config import Crossbar

__all__ = ["METHODS", "Partition", "cut_cost", "partition_network"]

METHODS = ("auto", "in-order", "km1")
"""Partition methods."""


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
        The method whose result this is: "in-order" or "km1".
    cost
        Its packets (`cut_cost`).
    costs
        Packets of every method tried.
    failures
        Methods tried that found no partition that fits, and why.
    """

    cluster: npt.NDArray[np.int64]
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


def cut_cost(
    connectivity: Connectivity,
    cluster: npt.NDArray[np.integer],
    spike_counts: npt.NDArray[np.int64] | None = None,
) -> int:
    """Packets that a partition needs: Σ over neurons of spikes × clusters other than its own that listen to it.

    Without ``spike_counts`` every neuron counts one spike.
    """
    cluster = np.asarray(cluster, np.int64)
    neuron, target = cluster_pairs(connectivity, cluster, int(cluster.max(initial=-1)) + 1)
    remote = neuron[cluster[neuron] != target]
    return len(remote) if spike_counts is None else int(spike_counts[remote].sum())


def partition_network(
    connectivity: Connectivity,
    spike_counts: npt.NDArray[np.int64] | None,
    crossbar: Crossbar,
    mesh: tuple[int, int],
    *,
    method: str = "auto",
    seed: int = 0,
    populations: Sequence[PopulationSlice] = (),
) -> Partition:
    """Part the neurons into clusters that each fit a crossbar, at most one per tile.

    "in-order" fills crossbars in neuron order and opens the next one when neurons or axons run out. "km1" minimises
    the packets themselves: as a hypergraph with an edge from every neuron to all that listen to it, weighted with its
    spikes, whose connectivity minus one is the number of packets. "auto" does both and keeps the cheaper one.

    Parameters
    ----------
    connectivity
        The network.
    spike_counts
        Shape (neurons,): spikes of each neuron; None if unknown (each then counts one).
    crossbar
        Neurons and axons of a tile.
    mesh
        Rows and columns.
    seed
        The same seed gives the same partition.
    populations
        For messages.

    Raises
    ------
    MappingError
        If the network does not fit, or no partition that fits was found; the message says what would.
    ValueError
        If the method is unknown, or ``spike_counts`` has another length or a negative count.
    """
    if method not in METHODS:
        raise ValueError(f"partition must be one of {', '.join(METHODS)}, not {method!r}")
    if spike_counts is not None:
        if spike_counts.shape != (connectivity.neurons,):
            raise ValueError(f"spike_counts must have shape ({connectivity.neurons},), not {spike_counts.shape}")
        if len(spike_counts) and spike_counts.min() < 0:
            raise ValueError(f"spike_counts must not be negative, not {spike_counts.min()}")
    _check_fits(connectivity, crossbar, mesh, populations)
    tiles = mesh[0] * mesh[1]
    in_order = _in_order(connectivity, crossbar)
    in_order_clusters = int(in_order.max(initial=-1)) + 1
    found: dict[str, npt.NDArray[np.int64]] = {}
    failures: dict[str, str] = {}
    if method != "km1":
        if in_order_clusters <= tiles:
            found["in-order"] = in_order
        else:
            failures["in-order"] = _too_many_clusters(in_order_clusters, crossbar, mesh)
    optimal = "in-order" in found and cut_cost(connectivity, in_order, spike_counts) == 0
    if method == "km1" or (method == "auto" and not optimal):
        blocks = _km1(connectivity, spike_counts, crossbar, tiles, seed)
        if blocks is not None:
            found["km1"] = blocks
        else:
            failures["km1"] = (
                f"no partition into {tiles} clusters of at most {crossbar.neurons} neurons and {crossbar.axons} axons "
                f"was found; use a larger --mesh, or crossbars with more axons"
            )
    if not found:
        raise MappingError("; ".join(f"{name}: {reason}" for name, reason in failures.items()))
    costs = {name: cut_cost(connectivity, cluster, spike_counts) for name, cluster in found.items()}
    best = min(costs, key=costs.__getitem__)
    cluster = _renumber(found[best])
    return Partition(cluster, int(cluster.max(initial=-1)) + 1, best, costs[best], costs, failures)


def _check_fits(
    connectivity: Connectivity, crossbar: Crossbar, mesh: tuple[int, int], populations: Sequence[PopulationSlice]
) -> None:
    """Refuse what no partition could make fit."""
    neurons, tiles = connectivity.neurons, mesh[0] * mesh[1]
    needed = -(-neurons // crossbar.neurons)
    if needed > tiles:
        raise MappingError(
            f"{neurons} neurons need at least {needed} {_plural(needed, 'tile')} of {crossbar.neurons} neurons; "
            f"the {mesh[0]}x{mesh[1]} mesh has {tiles}: use --mesh {_mesh_for(needed)} or larger, "
            f"or crossbars of {-(-neurons // tiles)} neurons"
        )
    sizes = connectivity.fan_in_sizes
    if len(sizes) and sizes.max() > crossbar.axons:
        worst = int(sizes.argmax())
        home = next((p for p in populations if p.start <= worst < p.stop), None)
        who = f"neuron {worst}" if home is None else f"neuron {worst - home.start} of population {home.label!r}"
        raise MappingError(
            f"{who} has {sizes[worst]} presynaptic neurons, more than the {crossbar.axons} axons of a crossbar: "
            f"use crossbars of {sizes[worst]} axons or more"
        )


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else noun + "s"


def _mesh_for(tiles: int) -> str:
    rows = math.isqrt(tiles)
    return f"{rows}x{-(-tiles // rows)}"


def _too_many_clusters(clusters: int, crossbar: Crossbar, mesh: tuple[int, int]) -> str:
    return (
        f"crossbars of {crossbar.neurons} neurons and {crossbar.axons} axons, filled in order, run out of axons and "
        f"need {clusters} tiles; the {mesh[0]}x{mesh[1]} mesh has {mesh[0] * mesh[1]}: "
        f"use --mesh {_mesh_for(clusters)} or larger, or crossbars with more axons"
    )


def _in_order(connectivity: Connectivity, crossbar: Crossbar) -> npt.NDArray[np.int64]:
    """Cluster of each neuron when crossbars are filled in neuron order, however many they become."""
    cluster = np.empty(connectivity.neurons, np.int64)
    heard_by = np.full(connectivity.neurons, -1, np.int64)  # the last cluster that each neuron got an axon in
    now = members = axons = 0
    for neuron in range(connectivity.neurons):
        sources = connectivity.sources(neuron)
        new = int(np.count_nonzero(heard_by[sources] != now))
        if members == crossbar.neurons or axons + new > crossbar.axons:
            now, members, axons, new = now + 1, 0, 0, len(sources)
        cluster[neuron] = now
        heard_by[sources] = now
        members += 1
        axons += new
    return cluster


def _km1(
    connectivity: Connectivity,
    spike_counts: npt.NDArray[np.int64] | None,
    crossbar: Crossbar,
    tiles: int,
    seed: int,
) -> npt.NDArray[np.int64] | None:
    """Part into as few blocks as the neurons need, because fewer blocks mean fewer packets.

    Where that leaves a block without enough axons, the cheaper of splitting and of emptying such blocks is taken; if
    neither fits, twice as many blocks are tried, and so on.
    """
    most = min(tiles, connectivity.neurons)
    blocks = -(-connectivity.neurons // crossbar.neurons)
    while True:
        cluster = km1_blocks(connectivity, spike_counts, blocks, crossbar.neurons, seed)
        fitted = [
            candidate
            for candidate in (
                split(connectivity, cluster, tiles, crossbar, seed),
                repair(connectivity, cluster, tiles, crossbar),
            )
            if candidate is not None
        ]
        if fitted:
            return min(fitted, key=lambda candidate: cut_cost(connectivity, candidate, spike_counts))
        if blocks >= most:
            return None
        blocks = min(most, 2 * blocks)


def _renumber(cluster: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number the clusters by their first neurons, without gaps."""
    _, first, inverse = np.unique(cluster, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
