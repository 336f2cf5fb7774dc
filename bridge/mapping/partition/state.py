"""A partition that can be changed neuron by neuron, with its cost and what it holds of every limit kept up to date."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..jit import compiled, compiled_part
from ..network import Network
from .limits import ClusterLimits

__all__ = ["NO_LIMIT", "State", "count_of", "gain_of", "limit_array", "move", "state_of"]

Ints32 = npt.NDArray[np.int32]
Ints64 = npt.NDArray[np.int64]

NO_LIMIT = 2**62
_NEURONS, _AXONS, _SYNAPSES, _FAN_OUT, _AXONS_OUT = range(5)


class State(NamedTuple):
    """The arrays of a partition; compiled loops change them in place.

    Attributes
    ----------
    in_start, in_ids
        What each neuron listens to.
    weight
        Spikes of each neuron.
    inside
        Which neurons are of the chip.
    synapses
        Synapses onto each neuron.
    cluster
        Cluster of each neuron.
    reach_start, reach_size, reach_cluster, reach_count
        The clusters that listen to each neuron, unsorted, and how many of their neurons do:
        ``reach_cluster[reach_start[i]:reach_start[i] + reach_size[i]]``. A table of neurons × clusters would not fit
        into memory.
    size, axons, load, axons_out
        Neurons, axons, synapses and axons elsewhere of each cluster.
    first, after, before
        Members of each cluster as linked lists, -1 at their ends.
    excess
        Shape (1,): by how much the limits are exceeded, all of them together.
    limits
        Shape (5,): neurons, axons, synapses, fan-out, axons elsewhere.
    """

    in_start: Ints64
    in_ids: Ints32
    weight: Ints64
    inside: npt.NDArray[np.bool_]
    synapses: Ints64
    cluster: Ints64
    reach_start: Ints64
    reach_size: Ints64
    reach_cluster: Ints32
    reach_count: Ints32
    size: Ints64
    axons: Ints64
    load: Ints64
    axons_out: Ints64
    first: Ints64
    after: Ints64
    before: Ints64
    excess: Ints64
    limits: Ints64


def limit_array(limits: ClusterLimits) -> Ints64:
    """Return the limits of a cluster as `State` has them."""
    values = (limits.neurons, limits.axons, limits.synapses, limits.fan_out, limits.axons_out)
    return np.array([NO_LIMIT if value is None else value for value in values], np.int64)


def state_of(network: Network, limits: ClusterLimits, cluster: npt.NDArray[np.integer], clusters: int) -> State:
    """Build it for a partition into clusters of which some may be empty; it may break limits."""
    wiring, of = network.connectivity, np.array(cluster, np.int64)
    most = np.minimum(wiring.fan_out_sizes, clusters)
    start = np.zeros(len(most) + 1, np.int64)
    np.cumsum(most, out=start[1:])
    state = State(
        wiring.fan_in_start,
        wiring.fan_in,
        np.array(network.spike_weights, np.int64),
        network.inside,
        np.array(network.synapses, np.int64),
        of,
        start,
        np.zeros(network.neurons, np.int64),
        np.empty(start[-1], np.int32),
        np.empty(start[-1], np.int32),
        np.zeros(clusters, np.int64),
        np.zeros(clusters, np.int64),
        np.zeros(clusters, np.int64),
        np.zeros(clusters, np.int64),
        np.full(clusters, -1, np.int64),
        np.full(network.neurons, -1, np.int64),
        np.full(network.neurons, -1, np.int64),
        np.zeros(1, np.int64),
        limit_array(limits),
    )
    _fill(state, wiring.fan_out_start, wiring.fan_out)
    return state


@compiled
def _fill(s: State, out_start: Ints64, out_ids: Ints32) -> None:
    clusters, neurons = len(s.size), len(s.cluster)
    place = np.full(clusters, -1, np.int64)
    for neuron in range(neurons):
        begin = s.reach_start[neuron]
        for i in range(out_start[neuron], out_start[neuron + 1]):
            here = s.cluster[out_ids[i]]
            at = place[here]
            if at < begin or at >= begin + s.reach_size[neuron] or s.reach_cluster[at] != here:
                at = begin + s.reach_size[neuron]
                place[here] = at
                s.reach_cluster[at] = here
                s.reach_count[at] = 0
                s.reach_size[neuron] += 1
                s.axons[here] += 1
            s.reach_count[at] += 1
    for neuron in range(neurons - 1, -1, -1):
        own = s.cluster[neuron]
        s.size[own] += 1
        s.load[own] += s.synapses[neuron]
        _link(s, neuron, own)
        if s.inside[neuron]:
            s.axons_out[own] += _elsewhere(s, neuron)
            s.excess[0] += max(0, s.reach_size[neuron] - s.limits[_FAN_OUT])
    for here in range(clusters):
        s.excess[0] += max(0, s.size[here] - s.limits[_NEURONS])
        s.excess[0] += max(0, s.axons[here] - s.limits[_AXONS])
        s.excess[0] += max(0, s.load[here] - s.limits[_SYNAPSES])
        s.excess[0] += max(0, s.axons_out[here] - s.limits[_AXONS_OUT])


@compiled_part
def _link(s: State, neuron: int, here: int) -> None:
    head = s.first[here]
    s.after[neuron] = head
    s.before[neuron] = -1
    if head >= 0:
        s.before[head] = neuron
    s.first[here] = neuron


@compiled_part
def _unlink(s: State, neuron: int, here: int) -> None:
    after, before = s.after[neuron], s.before[neuron]
    if before >= 0:
        s.after[before] = after
    else:
        s.first[here] = after
    if after >= 0:
        s.before[after] = before


@compiled_part
def _find(s: State, neuron: int, here: int) -> int:
    for at in range(s.reach_start[neuron], s.reach_start[neuron] + s.reach_size[neuron]):
        if s.reach_cluster[at] == here:
            return at
    return -1


@compiled_part
def count_of(s: State, neuron: int, here: int) -> int:
    """Listeners of a neuron in a cluster."""
    at = _find(s, neuron, here)
    return s.reach_count[at] if at >= 0 else 0


@compiled_part
def _elsewhere(s: State, neuron: int) -> int:
    """Clusters other than its own that listen to a neuron."""
    return s.reach_size[neuron] - (_find(s, neuron, s.cluster[neuron]) >= 0)


@compiled_part
def _change(s: State, values: Ints64, at: int, by: int, limit: int) -> None:
    """Add to a count, and to the excess what it then exceeds its limit by."""
    most = s.limits[limit]
    s.excess[0] -= max(0, values[at] - most)
    values[at] += by
    s.excess[0] += max(0, values[at] - most)


@compiled_part
def move(s: State, neuron: int, target: int) -> int:
    """Move a neuron into another cluster; return the packets that it saves, negative if it costs some."""
    source = s.cluster[neuron]
    saved = s.weight[neuron] * _elsewhere(s, neuron)
    if s.inside[neuron]:
        _change(s, s.axons_out, source, -_elsewhere(s, neuron), _AXONS_OUT)
    for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
        pre = np.int64(s.in_ids[i])
        own = s.cluster[pre]
        begin, sent = s.reach_start[pre], s.reach_size[pre]
        at = _find(s, pre, source)
        s.reach_count[at] -= 1
        if s.reach_count[at] == 0:
            last = begin + s.reach_size[pre] - 1
            s.reach_cluster[at], s.reach_count[at] = s.reach_cluster[last], s.reach_count[last]
            s.reach_size[pre] -= 1
            _change(s, s.axons, source, -1, _AXONS)
            if pre != neuron and own != source:
                saved += s.weight[pre]
                if s.inside[pre]:
                    _change(s, s.axons_out, own, -1, _AXONS_OUT)
        at = _find(s, pre, target)
        if at < 0:
            at = begin + s.reach_size[pre]
            s.reach_cluster[at], s.reach_count[at] = target, 0
            s.reach_size[pre] += 1
            _change(s, s.axons, target, 1, _AXONS)
            if pre != neuron and own != target:
                saved -= s.weight[pre]
                if s.inside[pre]:
                    _change(s, s.axons_out, own, 1, _AXONS_OUT)
        s.reach_count[at] += 1
        if s.inside[pre]:
            most = s.limits[_FAN_OUT]
            s.excess[0] += max(0, s.reach_size[pre] - most) - max(0, sent - most)
    _unlink(s, neuron, source)
    _link(s, neuron, target)
    s.cluster[neuron] = target
    _change(s, s.size, source, -1, _NEURONS)
    _change(s, s.size, target, 1, _NEURONS)
    _change(s, s.load, source, -s.synapses[neuron], _SYNAPSES)
    _change(s, s.load, target, s.synapses[neuron], _SYNAPSES)
    if s.inside[neuron]:
        _change(s, s.axons_out, target, _elsewhere(s, neuron), _AXONS_OUT)
    return saved - s.weight[neuron] * _elsewhere(s, neuron)


@compiled_part
def gain_of(s: State, neuron: int, target: int) -> int:
    """Return the packets that `move` would save, without moving anything."""
    source = s.cluster[neuron]
    saved = 0
    listens = False
    for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
        pre = np.int64(s.in_ids[i])
        if pre == neuron:
            listens = True
            continue
        own = s.cluster[pre]
        if own != source and count_of(s, pre, source) == 1:
            saved += s.weight[pre]
        if own != target and count_of(s, pre, target) == 0:
            saved -= s.weight[pre]
    # Without itself among its listeners: a neuron hears itself wherever it sits.
    here = count_of(s, neuron, source) > (1 if listens else 0)
    there = count_of(s, neuron, target) > 0
    if there and not here:
        saved += s.weight[neuron]
    if here and not there:
        saved -= s.weight[neuron]
    return saved
