"""Partitioning: which neurons share a crossbar, so that few spikes must leave it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import MappingError
from .connectivity import Connectivity, cluster_pairs
from .hypergraph import km1_blocks
from .network import Network
from .repair import repair, split

if TYPE_CHECKING:
    from ..config import Crossbar

__all__ = ["AUTO", "METHODS", "SEARCHES", "Partition", "cut_cost", "partition_network"]

Clusters = npt.NDArray[np.int64]
"""Shape (neurons,): cluster of each neuron."""


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


def cut_cost(network: Network, cluster: npt.NDArray[np.integer]) -> int:
    """Packets that a partition needs: Σ over neurons of spikes × clusters other than its own that listen to it.

    If the spikes are unknown, every neuron counts one.
    """
    cluster = np.asarray(cluster, np.int64)
    neuron, target = cluster_pairs(network.connectivity, cluster, int(cluster.max(initial=-1)) + 1)
    remote = neuron[cluster[neuron] != target]
    return int(network.spike_weights[remote].sum())


def partition_network(
    network: Network, crossbar: Crossbar, mesh: tuple[int, int], *, method: str = "auto", seed: int = 0
) -> Partition:
    """Part the neurons into clusters that each fit a crossbar, at most one per tile.

    Parameters
    ----------
    network
        The network; if its spikes are unknown, each neuron counts one.
    crossbar
        Neurons and axons of a tile.
    mesh
        Rows and columns.
    method
        A name of `SEARCHES`, or "auto": all of them in turn, until one needs no packets, and the cheapest is taken.
    seed
        The same seed gives the same partition.

    Raises
    ------
    MappingError
        If the network does not fit, or no partition that fits was found; the message says what would.
    ValueError
        If the method is unknown.
    """
    if method != AUTO and method not in SEARCHES:
        raise ValueError(f"partition must be one of {', '.join((AUTO, *SEARCHES))}, not {method!r}")
    _check_fits(network, crossbar, mesh)
    found: dict[str, Clusters] = {}
    costs: dict[str, int] = {}
    failures: dict[str, str] = {}
    for name in SEARCHES if method == AUTO else (method,):
        try:
            found[name] = SEARCHES[name](network, crossbar, mesh, seed)
        except MappingError as error:
            failures[name] = str(error)
            continue
        costs[name] = cut_cost(network, found[name])
        if costs[name] == 0:
            break  # none can be cheaper
    if not found:
        raise MappingError("; ".join(f"{name}: {reason}" for name, reason in failures.items()))
    best = min(costs, key=costs.__getitem__)
    cluster = _renumber(found[best])
    return Partition(cluster, int(cluster.max(initial=-1)) + 1, best, costs[best], costs, failures)


def _check_fits(network: Network, crossbar: Crossbar, mesh: tuple[int, int]) -> None:
    """Refuse what no partition could make fit."""
    neurons, tiles = network.neurons, mesh[0] * mesh[1]
    needed = -(-neurons // crossbar.neurons)
    if needed > tiles:
        raise MappingError(
            f"{neurons} neurons need at least {needed} {_plural(needed, 'tile')} of {crossbar.neurons} neurons; "
            f"the {mesh[0]}x{mesh[1]} mesh has {tiles}: use --mesh {_mesh_for(needed)} or larger, "
            f"or crossbars of {-(-neurons // tiles)} neurons"
        )
    sizes = network.connectivity.fan_in_sizes
    if len(sizes) and sizes.max() > crossbar.axons:
        worst = int(sizes.argmax())
        home = next((p for p in network.populations if p.start <= worst < p.stop), None)
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


def fill_in_order(network: Network, crossbar: Crossbar, mesh: tuple[int, int], seed: int) -> Clusters:
    """Fill crossbars in neuron order; open the next one when neurons or axons run out."""
    cluster = _filled_in_order(network.connectivity, crossbar)
    needed = int(cluster.max(initial=-1)) + 1
    if needed > mesh[0] * mesh[1]:
        raise MappingError(_too_many_clusters(needed, crossbar, mesh))
    return cluster


def _filled_in_order(connectivity: Connectivity, crossbar: Crossbar) -> Clusters:
    """Cluster of each neuron when crossbars are filled in neuron order, however many they become."""
    cluster = np.empty(connectivity.neurons, np.int64)
    newest = np.full(connectivity.neurons, -1, np.int64)  # the last cluster in which each neuron got an axon
    now = members = axons = 0
    for neuron in range(connectivity.neurons):
        sources = connectivity.sources(neuron)
        new = int(np.count_nonzero(newest[sources] != now))
        if members == crossbar.neurons or axons + new > crossbar.axons:
            now, members, axons, new = now + 1, 0, 0, len(sources)
        cluster[neuron] = now
        newest[sources] = now
        members += 1
        axons += new
    return cluster


def minimise_km1(network: Network, crossbar: Crossbar, mesh: tuple[int, int], seed: int) -> Clusters:
    """Minimise the packets themselves, as a hypergraph's connectivity minus one (`km1_blocks`).

    The network is parted into as few blocks as the neurons need, because fewer blocks mean fewer packets. Where that
    leaves a block without enough axons, the cheaper of splitting and of emptying such blocks is taken; if neither
    fits, twice as many blocks are tried, and so on.
    """
    connectivity, tiles = network.connectivity, mesh[0] * mesh[1]
    limit = min(tiles, network.neurons)
    blocks = -(-network.neurons // crossbar.neurons)
    while True:
        cluster = km1_blocks(network, blocks, crossbar.neurons, seed)
        candidates = (
            split(connectivity, cluster, tiles, crossbar, seed),
            repair(connectivity, cluster, tiles, crossbar),
        )
        fitted = [candidate for candidate in candidates if candidate is not None]
        if fitted:
            return min(fitted, key=lambda candidate: cut_cost(network, candidate))
        if blocks >= limit:
            raise MappingError(
                f"no partition into {tiles} clusters of at most {crossbar.neurons} neurons and {crossbar.axons} axons "
                f"was found; use a larger --mesh, or crossbars with more axons"
            )
        blocks = min(limit, 2 * blocks)


def _renumber(cluster: Clusters) -> Clusters:
    """Number the clusters by their first neurons, without gaps."""
    _, first, inverse = np.unique(cluster, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


Search = Callable[[Network, "Crossbar", tuple[int, int], int], Clusters]

SEARCHES: dict[str, Search] = {"in-order": fill_in_order, "km1": minimise_km1}
"""Functions of (network, crossbar, mesh, seed) that find a partition that fits; `MappingError` says what would.

An entry is all that a new method takes: the command line, `Chip` and the messages know it by its name.
"""

AUTO = "auto"
METHODS = (AUTO, *SEARCHES)
"""Names of the partition methods."""
