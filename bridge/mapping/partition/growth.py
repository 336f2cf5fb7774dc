"""Clusters grown one after the other, by the neuron that shares most with those in it: linear time, any size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..jit import compiled_for_much, compiled_part
from ..network import Network
from .effort import Clusters, Effort
from .limits import ClusterLimits
from .state import limit_array

__all__ = ["grow"]

Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]

# Listeners that are told of an axon: all of a small network, fewer of one with many synapses.
_TOLD = 2_000_000_000
_FEWEST_TOLD = 16
# An axon shared counts as a 16th of a spike, so that neurons that do not fire are grouped by their wiring.
_SPIKE = 16
# Added for neurons of the group that a cluster was begun for.
_SAME_GROUP = 2**56
# Scores that are added up between two looks at the clock, some ten milliseconds' work, and the most neurons for that.
_WORK, _NEURONS_A_CALL = 5_000_000, 4096
# A cluster that had no room for so many is full.
_MOST_REJECTIONS = 256


class _Growth(NamedTuple):
    """The network, and what is known of the cluster that grows; ``-1`` in ``cluster`` are neurons to be assigned."""

    in_start: Ints64
    in_ids: Ints32
    out_start: Ints64
    out_ids: Ints32
    weight: Ints64
    synapses: Ints64
    limits: Ints64
    group: Ints64
    cluster: Ints64
    score: Ints64
    common: Ints64  # its inputs that are axons or members, as far as it was told
    scored: Ints64  # the cluster for which the score is
    rejected: Ints64  # the last cluster that had no room for it
    axon: Ints64  # the last cluster of which it is an axon
    told: Ints64  # the last cluster for which its listeners were told
    candidates: Ints64
    after: Ints64  # the order of those still to be assigned, neurons + 1 being before the first and after the last
    before: Ints64


def grow(
    network: Network,
    limits: ClusterLimits,
    effort: Effort,
    order: npt.NDArray[np.integer],
    *,
    share: bool = True,
    look: int = 64,
    group: npt.NDArray[np.integer] | None = None,
    most_neurons: int | None = None,
    hurry_after: int | None = None,
    most_told: int | None = None,
) -> Clusters:
    """Fill one cluster after the other until neurons, axons or synapses run out.

    A cluster begins with the first neuron of an order. Then it takes, again and again, the neuron that shares most
    spikes with those in it: of the presynaptic neurons that are axons or members already, and its own if it is an
    axon. Ties go to the lower number. Without any that shares and fits, it takes the first in the order that fits, of
    those looked at. When the deadline passes, the rest is put in as the order says.

    Parameters
    ----------
    network, limits, effort
        The network, what clusters may hold (the number of clusters apart), and when to hurry.
    order
        The neurons to assign; each once.
    share
        False to take neurons as the order says.
    look
        How many of the order are looked at for one that fits.
    group
        Shape (neurons,): neurons of the group of a cluster's first neuron go before all others.
    most_neurons
        Neurons of a cluster, if fewer than ``limits.neurons``.
    hurry_after
        After so many clusters the rest is put in as the order says, because there are too many already.
    most_told
        Listeners of an axon, those whose numbers are next to a member's, that are told of it; None for nearly all.

    Returns
    -------
    Cluster of each neuron, shape (neurons,), as many as were needed; -1 for those not in the order.
    """
    wiring, neurons = network.connectivity, network.neurons
    after = np.full(neurons + 1, neurons, np.int64)
    before = np.full(neurons + 1, neurons, np.int64)
    ring = np.concatenate([[neurons], order, [neurons]]).astype(np.int64)
    after[ring[:-1]], before[ring[1:]] = ring[1:], ring[:-1]
    cluster = np.full(neurons, -2, np.int64)
    cluster[order] = -1
    weight = np.array(network.spike_weights, np.int64)
    growth = _Growth(
        wiring.fan_in_start,
        wiring.fan_in,
        wiring.fan_out_start,
        wiring.fan_out,
        weight * _SPIKE + 1 if weight.sum(dtype=float) < 2.0**50 else np.ones(neurons, np.int64) + weight // 2**12,
        np.array(network.synapses, np.int64),
        limit_array(limits),
        np.zeros(neurons, np.int64) if group is None else np.array(group, np.int64),
        cluster,
        np.zeros(neurons, np.int64),
        np.zeros(neurons, np.int64),
        np.full(neurons, -1, np.int64),
        np.full(neurons, -1, np.int64),
        np.full(neurons, -1, np.int64),
        np.full(neurons, -1, np.int64),
        np.empty(neurons, np.int64),
        after,
        before,
    )
    growth.limits[0] = min(limits.neurons, most_neurons or limits.neurons)
    told = max(_FEWEST_TOLD, _TOLD // max(1, len(wiring.fan_out)))
    told = min(told, most_told or told) if share else 0
    now, left = 0, len(order)
    pairs = len(wiring.fan_out) / max(1, neurons)
    step = int(max(1, min(_NEURONS_A_CALL, _WORK / max(1.0, pairs * min(pairs, told)))))
    hurry_after = neurons if hurry_after is None else hurry_after
    while left:
        now, taken = _grow(growth, now, 0 if effort.over or now > hurry_after else told, look, step)
        left -= taken
        effort.tell(f"growing clusters, {left} neurons left", None)
    return np.where(cluster < 0, -1, cluster).astype(np.int64)


@compiled_for_much
def _grow(g: _Growth, now: int, told: int, look: int, neurons: int) -> tuple[int, int]:
    """Grow clusters from number ``now`` until that many neurons are assigned; return the next, and how many were."""
    end = len(g.cluster)
    taken = 0
    while taken < neurons and g.after[end] != end:
        members, axons, load, listed, rejections = 0, 0, 0, 0, 0
        group = g.group[g.after[end]]
        while members < g.limits[0]:
            neuron, listed = _best(g, now, group, axons, listed)
            if neuron < 0:
                neuron = _first(g, now, look, group)
                if neuron < 0:
                    break
            new = 0
            for i in range(g.in_start[neuron], g.in_start[neuron + 1]):
                new += g.axon[g.in_ids[i]] != now
            if members and (axons + new > g.limits[1] or load + g.synapses[neuron] > g.limits[2]):
                g.rejected[neuron] = now
                rejections += 1
                if rejections >= _MOST_REJECTIONS:
                    break
                continue
            g.cluster[neuron] = now
            g.after[g.before[neuron]], g.before[g.after[neuron]] = g.after[neuron], g.before[neuron]
            members += 1
            axons += new
            load += g.synapses[neuron]
            if told:
                listed = _share(g, now, neuron, told, listed)
            else:
                for i in range(g.in_start[neuron], g.in_start[neuron + 1]):
                    g.axon[g.in_ids[i]] = now
        taken += members
        now += 1
    return now, taken


@compiled_part
def _best(g: _Growth, now: int, group: int, axons: int, listed: int) -> tuple[int, int]:
    """The candidate that shares most, -1 without any; those that are gone are taken off the list."""
    best, most = -1, -1
    i = 0
    while i < listed:
        neuron = g.candidates[i]
        new = g.in_start[neuron + 1] - g.in_start[neuron] - g.common[neuron]
        if axons + new > g.limits[1]:  # and so it stays: what is added to common is added to the axons
            g.rejected[neuron] = now
        if g.cluster[neuron] != -1 or g.rejected[neuron] == now:
            listed -= 1
            g.candidates[i] = g.candidates[listed]
            continue
        score = g.score[neuron] + (_SAME_GROUP if g.group[neuron] == group else 0)
        if score > most or (score == most and neuron < best):
            best, most = neuron, score
        i += 1
    if best >= 0 and g.group[best] != group:
        # Those of the group that share nothing come before all others.
        first = _first(g, now, 1, group)
        if first >= 0 and g.group[first] == group:
            return first, listed
    return best, listed


@compiled_part
def _first(g: _Growth, now: int, look: int, group: int) -> int:
    """The first in the order that was not rejected, -1 if there is none among those looked at."""
    end = len(g.cluster)
    neuron = g.after[end]
    while neuron != end and look:
        if g.rejected[neuron] != now:
            return neuron
        neuron = g.after[neuron]
        look -= 1
    return -1


@compiled_part
def _share(g: _Growth, now: int, neuron: int, told: int, listed: int) -> int:
    """Tell those who would share spikes with a new member; return how many candidates are listed."""
    if g.told[neuron] != now:
        g.told[neuron] = now
        listed = _tell(g, now, neuron, neuron, told, listed)
    for i in range(g.in_start[neuron], g.in_start[neuron + 1]):
        pre = np.int64(g.in_ids[i])
        if g.axon[pre] == now:
            continue
        g.axon[pre] = now
        listed = _add(g, now, pre, g.weight[pre], listed)
        if g.told[pre] != now:
            g.told[pre] = now
            listed = _tell(g, now, pre, neuron, told, listed)
    return listed


@compiled_part
def _tell(g: _Growth, now: int, pre: int, near: int, told: int, listed: int) -> int:
    """Add to the scores of a neuron's listeners; of too many, to those whose numbers are next to a member's."""
    begin, end = g.out_start[pre], g.out_start[pre + 1]
    if end - begin > told:
        at = begin + np.searchsorted(g.out_ids[begin:end], near)
        begin = max(begin, min(at - told // 2, end - told))
        end = begin + told
    for i in range(begin, end):
        listener = np.int64(g.out_ids[i])
        listed = _add(g, now, listener, g.weight[pre], listed)
        g.common[listener] += 1
    return listed


@compiled_part
def _add(g: _Growth, now: int, neuron: int, weight: int, listed: int) -> int:
    if g.cluster[neuron] != -1 or g.rejected[neuron] == now:
        return listed
    if g.scored[neuron] != now:
        g.scored[neuron] = now
        g.score[neuron] = 0
        g.common[neuron] = 0
        g.candidates[listed] = neuron
        listed += 1
    g.score[neuron] += weight
    return listed
