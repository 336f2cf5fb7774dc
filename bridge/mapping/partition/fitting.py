"""Make a partition keep all limits, changing as little as it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...errors import MappingError
from ..jit import compiled, compiled_part
from ..network import Network
from .costs import cut_cost
from .effort import Clusters, Effort
from .growth import grow
from .limits import ClusterLimits, plural
from .refinement import refine
from .state import State, count_of, move, state_of

__all__ = ["HopelessError", "fitted", "hopeless", "mesh_for", "none_found", "sources_last", "too_many"]

Ints64 = npt.NDArray[np.int64]

# Partitions into no more clusters than this are tried in all ways.
_FEW = 64


class HopelessError(MappingError):
    """More than twice the clusters that there may be are needed, so that no other start will do."""


def mesh_for(tiles: int) -> str:
    """Return the most nearly square mesh of so many tiles or a few more, as ``--mesh`` takes it."""
    rows = math.isqrt(tiles)
    return f"{rows}x{-(-tiles // rows)}"


def hopeless(limits: ClusterLimits) -> int:
    """Clusters of which so many are too many that dissolving them would not help."""
    return limits.clusters + limits.clusters // 2


def _room(limits: ClusterLimits) -> str:
    """What there is, for messages."""
    if limits.mesh is None or limits.mesh[0] * limits.mesh[1] != limits.clusters:
        return f"{limits.clusters} {plural(limits.clusters, 'cluster')} {'is' if limits.clusters == 1 else 'are'} asked"
    return f"the {limits.mesh[0]}x{limits.mesh[1]} mesh has {limits.clusters}"


def too_many(needed: int, limits: ClusterLimits, how: str) -> str:
    """Say that a way of filling crossbars takes more tiles than there are, and what would do."""
    return (
        f"crossbars of {limits.text()}, {how}, run out of them and need {needed} tiles; {_room(limits)}: "
        f"use --mesh {mesh_for(needed)} or larger, or crossbars with more axons"
    )


def none_found(limits: ClusterLimits, why: str = "") -> str:
    """Say that no partition was found."""
    return (
        f"no partition into {limits.clusters} clusters of at most {limits.text()} was found"
        f"{f' ({why})' if why else ''}; use a larger --mesh, or crossbars with more axons"
    )


def fitted(
    network: Network, limits: ClusterLimits, cluster: Clusters, effort: Effort, *, cheapest: bool = False
) -> Clusters:
    """Change a partition until it keeps all limits.

    Tried in turn are: moving neurons out of clusters that hold too much to where they need fewest new axons; growing
    clusters anew (`grow`), out of the neurons of one cluster as far as possible; the same with neurons without inputs
    put into the places that are left (`sources_last`), first those of most inputs; and the last without looking at
    the partition given.

    Parameters
    ----------
    network, limits, effort
        The network, what clusters may hold, and when to stop.
    cluster
        Shape (neurons,): cluster of each neuron; there may be too many clusters.
    cheapest
        True to try all and take the one of fewest packets, instead of the first.

    Raises
    ------
    MappingError
        If none fits; the message says how many tiles would do.
    """
    if limits.broken(network, cluster) is None:
        return cluster
    best, cost, needed, reason = None, 0, 0, ""
    for candidate in _candidates(network, limits, cluster, effort):
        if best is not None and effort.over:
            break
        broken = limits.broken(network, candidate)
        if broken is not None and candidate.max() < limits.clusters:
            candidate = refine(network, limits, candidate, effort)
            broken = limits.broken(network, candidate)
        if broken is None:
            packets = cut_cost(network, candidate) if cheapest else 0
            if best is None or packets < cost:
                best, cost = candidate, packets
            if not cheapest:
                break
        elif candidate.max() >= limits.clusters:
            count = int(candidate.max()) + 1
            needed = count if not needed else min(needed, count)
            if count > _FEW and count > 2 * limits.clusters:
                break  # no other way halves it
        else:
            reason = broken
    if best is not None:
        return best
    if needed and not reason:
        kind = HopelessError if needed > max(_FEW, 2 * limits.clusters) else MappingError
        raise kind(f"{none_found(limits)}: {needed} tiles would do, as of --mesh {mesh_for(needed)}")
    raise MappingError(none_found(limits, reason))


def _candidates(network: Network, limits: ClusterLimits, cluster: Clusters, effort: Effort) -> Iterator[Clusters]:
    """Partitions that may fit."""
    moved = _moved(network, limits, cluster)
    if moved is not None:
        yield moved
    by_cluster = np.argsort(cluster, kind="stable")
    yield _packed(
        network, limits, grow(network, limits, effort, by_cluster, group=cluster, hurry_after=hopeless(limits))
    )
    fan_in = network.connectivity.fan_in_sizes
    yield _packed(network, limits, sources_last(network, limits, effort, np.lexsort((-fan_in, cluster)), cluster))
    yield _packed(network, limits, sources_last(network, limits, effort, np.argsort(-fan_in, kind="stable"), None))


def sources_last(
    network: Network,
    limits: ClusterLimits,
    effort: Effort,
    order: npt.NDArray[np.integer],
    group: npt.NDArray[np.integer] | None,
    most_neurons: int | None = None,
) -> Clusters:
    """Grow clusters out of the neurons that have inputs, and put the others into the places that are left.

    Those of most spikes choose first, a place with their listeners if there is one, and the emptiest of those.
    """
    listens = network.connectivity.fan_in_sizes > 0
    chosen = np.asarray(order)[listens[order]]
    cluster = grow(
        network, limits, effort, chosen, group=group, most_neurons=most_neurons, hurry_after=hopeless(limits)
    )
    free = np.flatnonzero(~listens)
    free = free[np.argsort(-network.spike_weights[free], kind="stable")]
    clusters = max(int(cluster.max(initial=-1)) + 1, -(-network.neurons // limits.neurons))
    size = np.bincount(cluster[chosen], minlength=clusters)
    wiring = network.connectivity
    _place(wiring.fan_out_start, wiring.fan_out, cluster, free, size, limits.neurons)
    return cluster


@compiled
def _place(
    start: Ints64, fan_out: npt.NDArray[np.int32], cluster: Ints64, free: Ints64, size: Ints64, most: int
) -> None:
    """Put neurons without inputs where there is room, ``size`` being the neurons of each cluster."""
    emptiest = 0
    for neuron in free:
        best = -1
        for i in range(start[neuron], start[neuron + 1]):
            here = cluster[fan_out[i]]
            if here >= 0 and size[here] < most and (best < 0 or size[here] < size[best]):
                best = here
        if best < 0:
            while size[emptiest] >= most:
                emptiest += 1
            best = emptiest
        cluster[neuron] = best
        size[best] += 1


def _moved(network: Network, limits: ClusterLimits, cluster: Clusters) -> Clusters | None:
    """Move neurons out of what is over its limits; None if some fit nowhere."""
    clusters = max(limits.clusters, int(cluster.max(initial=-1)) + 1)
    # The last cluster is where neurons wait.
    state = state_of(network, limits, cluster, clusters + 1)
    _empty(state, limits.clusters)
    waiting = np.flatnonzero(state.cluster == clusters)
    waiting = waiting[np.argsort(-network.connectivity.fan_in_sizes[waiting], kind="stable")]
    return state.cluster.copy() if _refill(state, waiting, limits.clusters) else None


def _packed(network: Network, limits: ClusterLimits, cluster: Clusters) -> Clusters:
    """Dissolve the clusters that are too many into the others, where their neurons have room."""
    if cluster.max(initial=-1) < limits.clusters or cluster.max() >= hopeless(limits):
        return cluster
    size = np.bincount(cluster)
    rank = np.empty(len(size), np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    moved = _moved(network, limits, rank[cluster])
    return cluster if moved is None else moved


@compiled
def _empty(s: State, clusters: int) -> None:
    """Take neurons out of clusters that hold too much or are too many, into the last cluster."""
    waiting = len(s.size) - 1
    for here in range(waiting):
        while s.size[here] and (here >= clusters or _over(s, here)):
            _evict(s, here, waiting, here >= clusters)


@compiled
def _refill(s: State, waiting: Ints64, clusters: int) -> bool:
    """Put neurons where they need fewest new axons; False if one fits nowhere."""
    shared = np.zeros(len(s.size), np.int64)
    for neuron in waiting:
        target = _roomiest(s, neuron, clusters, shared)
        if target < 0:
            return False
        move(s, neuron, target)
    return True


@compiled_part
def _over(s: State, here: int) -> bool:
    return s.size[here] > s.limits[0] or s.axons[here] > s.limits[1] or s.load[here] > s.limits[2]


@compiled_part
def _evict(s: State, here: int, waiting: int, everyone: bool) -> None:
    """Take an eighth of a cluster's neurons out of it, those whose going frees most axons."""
    count = s.size[here]
    members = np.empty(count, np.int64)
    freed = np.zeros(count, np.int64)
    sign = 1 if s.axons[here] > s.limits[1] else -1  # where only places are short, those that free least: they fit in
    neuron = s.first[here]
    for i in range(count):
        members[i] = neuron
        for j in range(s.in_start[neuron], s.in_start[neuron + 1]):
            freed[i] += sign * (count_of(s, np.int64(s.in_ids[j]), here) == 1)
        neuron = s.after[neuron]
    for _ in range(count if everyone else max(1, count // 8)):
        if not everyone and not _over(s, here):
            return
        most = 0
        for i in range(1, count):
            if freed[i] > freed[most]:
                most = i
        move(s, members[most], waiting)
        freed[most] = -(2**62)


@compiled_part
def _roomiest(s: State, neuron: int, clusters: int, shared: Ints64) -> int:
    """Where a neuron fits with the fewest new axons, -1 for nowhere; an empty cluster is the last resort."""
    begin, end = s.in_start[neuron], s.in_start[neuron + 1]
    for i in range(begin, end):
        pre = np.int64(s.in_ids[i])
        for at in range(s.reach_start[pre], s.reach_start[pre] + s.reach_size[pre]):
            shared[s.reach_cluster[at]] += 1
    best, least = -1, 0
    for here in range(clusters):
        new = end - begin - shared[here]
        if (
            s.size[here] < s.limits[0]
            and s.axons[here] + new <= s.limits[1]
            and s.load[here] + s.synapses[neuron] <= s.limits[2]
        ):
            cost = new + (len(s.cluster) if s.size[here] == 0 else 0)
            if best < 0 or cost < least:
                best, least = here, cost
    shared[:] = 0
    return best
