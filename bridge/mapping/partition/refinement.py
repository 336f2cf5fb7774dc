"""Refinement: moves and exchanges of single neurons that save packets, under all limits, after any method."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..jit import compiled, compiled_part
from ..network import Network
from .costs import cut_cost
from .effort import Clusters, Effort
from .limits import ClusterLimits
from .state import State, gain_of, move, state_of

__all__ = ["refine"]

Ints64 = npt.NDArray[np.int64]

_MOST_SWEEPS = 50
# Of those that could come in exchange, so many are looked at; of neurons with many inputs, fewer.
_EXCHANGES, _FEWEST_EXCHANGES, _EXCHANGED_INPUTS = 64, 4, 8000
# Neighbours' entries that a call of compiled code looks at, some ten milliseconds': the deadline is looked at between
# them.
_WORK = 2_000_000
# Synapses above which sweeps that save less than a hundredth are not worth their time.
_LARGE = 5_000_000
# Entries, three to seven minutes' work, after which it ends where there is no deadline.
_MOST_WORK = 12_000_000_000


def refine(
    network: Network, limits: ClusterLimits, cluster: npt.NDArray[np.integer], effort: Effort | None = None
) -> Clusters:
    """Move and exchange neurons between clusters as long as that saves packets; never worse than what it is given.

    Every neuron in turn goes to the cluster in which its spikes and those that it listens to need fewest packets; if
    that is full, it takes the place of the neuron with which the exchange saves most. Ties go to the lowest numbers,
    so that there is nothing random in it. A partition that breaks limits is changed first so that it breaks them less,
    as far as single moves can do that.

    Parameters
    ----------
    network, limits
        The network, and what clusters may hold.
    cluster
        Shape (neurons,): cluster of each neuron.
    effort
        When to stop; without one, after ten sweeps when one saves less than a thousandth, and in networks of more
        than 5 million synapses after the second when one saves less than a hundredth. Without a deadline it ends after
        some minutes' work in any case, which is counted, so that the result does not depend on the machine.

    Returns
    -------
    Cluster of each neuron, shape (neurons,); some may have become empty. If all limits were kept, they still are.
    """
    effort = Effort() if effort is None else effort
    clusters = min(limits.clusters, int(cluster.max(initial=-1)) + 2)
    clusters = max(clusters, int(cluster.max(initial=-1)) + 1)
    if network.neurons == 0 or clusters < 2:
        return np.array(cluster, np.int64)
    state = state_of(network, limits, cluster, clusters)
    cost = cut_cost(network, cluster)
    scratch = (np.zeros(clusters, np.int64), np.zeros(clusters, np.int64), np.empty(clusters, np.int64))
    large = len(network.connectivity.fan_in) > _LARGE
    least, permille = (1, 10) if large else (10, 1)
    inputs = max(1, len(network.connectivity.fan_in) // network.neurons)
    exchanges = _FEWEST_EXCHANGES if large else max(_FEWEST_EXCHANGES, min(_EXCHANGES, _EXCHANGED_INPUTS // inputs))
    bounds, spent = _pieces(network, state, exchanges), 0
    for sweep in range(_MOST_SWEEPS):
        saved, before = 0, int(state.excess[0])
        if before:
            saved += int(_relieved(state, *scratch))
        for begin, end in pairwise(bounds):
            saved += int(_sweep(state, begin, end, exchanges, *scratch))
            effort.tell(f"refining, sweep {sweep + 1}", cost - saved)
            spent += _WORK
            if effort.over or (spent >= _MOST_WORK and effort.left == math.inf):
                return state.cluster.astype(np.int64)
        cost -= saved
        if state.excess[0] == before and (saved == 0 or (sweep >= least and saved * 1000 <= cost * permille)):
            break
    return state.cluster.astype(np.int64)


def _pieces(network: Network, state: State, exchanges: int) -> list[int]:
    """Neurons at which a sweep may be interrupted."""
    work = np.zeros(network.neurons + 1, np.int64)
    _work(state, work)
    work *= 1 + exchanges // 4
    cuts = np.searchsorted(work, np.arange(_WORK, work[-1], _WORK))
    return [0, *sorted(set(cuts.tolist()) - {0, network.neurons}), network.neurons]


@compiled
def _work(s: State, total: Ints64) -> None:
    for neuron in range(len(s.cluster)):
        total[neuron + 1] = total[neuron] + 1
        for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
            total[neuron + 1] += s.reach_size[s.in_ids[i]]


@compiled
def _sweep(s: State, begin: int, end: int, exchanges: int, value: Ints64, shared: Ints64, touched: Ints64) -> int:
    """Try to move or exchange each of some neurons; return the packets saved.

    ``value``, ``shared`` and ``touched`` have a place for every cluster; ``shared`` is zero.
    """
    saved = 0
    for neuron in range(begin, end):
        found = _values(s, neuron, value, shared, touched)
        source = s.cluster[neuron]
        stay = value[source]
        best, gain = -1, 0
        wish, wished = -1, 0
        fan_in = s.in_start[neuron + 1] - s.in_start[neuron]
        for i in range(found):
            target = touched[i]
            more = value[target] - stay
            if target == source or more <= 0:
                continue
            if more > wished or (more == wished and target < wish):
                wish, wished = target, more
            fits = (
                s.size[target] < s.limits[0]
                and s.axons[target] + fan_in - shared[target] + 1 <= s.limits[1]
                and s.load[target] + s.synapses[neuron] <= s.limits[2]
            )
            if fits and (more > gain or (more == gain and target < best)):
                best, gain = target, more
        for i in range(found):
            shared[touched[i]] = 0
        if wished > gain:
            exchanged = _exchange(s, neuron, wish, gain, exchanges)
            if exchanged > 0:
                saved += exchanged
                continue
        if best >= 0:
            excess = s.excess[0]
            packets = move(s, neuron, best)
            if s.excess[0] > excess:
                move(s, neuron, source)
            else:
                saved += packets
    return saved


@compiled_part
def _touch(here: int, value: Ints64, shared: Ints64, touched: Ints64, found: int) -> int:
    """Note a cluster as one that is looked at, unless it is already; return how many there are."""
    if shared[here] > 0:
        return found
    touched[found] = here
    shared[here] = 1
    value[here] = 0
    return found + 1


@compiled_part
def _values(s: State, neuron: int, value: Ints64, shared: Ints64, touched: Ints64) -> int:
    """Find what each cluster saves with the neuron in it, and one more than the axons for it that are there already.

    A cluster saves the spikes of those inputs that are axons of it or in it without the neuron, and the neuron's own
    spikes if others there listen to it. Return how many clusters were touched, the neuron's own among them.
    """
    source = s.cluster[neuron]
    found = _touch(source, value, shared, touched, 0)
    listens = False
    for i in range(s.in_start[neuron], s.in_start[neuron + 1]):
        pre = np.int64(s.in_ids[i])
        own = s.cluster[pre]
        has_own = False
        for at in range(s.reach_start[pre], s.reach_start[pre] + s.reach_size[pre]):
            here = np.int64(s.reach_cluster[at])
            found = _touch(here, value, shared, touched, found)
            shared[here] += 1
            has_own |= here == own
            if pre != neuron and (here != source or own == source or s.reach_count[at] > 1):
                value[here] += s.weight[pre]
        if pre == neuron:
            listens = True
        elif not has_own:
            found = _touch(own, value, shared, touched, found)
            value[own] += s.weight[pre]
    for at in range(s.reach_start[neuron], s.reach_start[neuron] + s.reach_size[neuron]):
        here = np.int64(s.reach_cluster[at])
        if s.reach_count[at] > (1 if listens and here == source else 0):
            found = _touch(here, value, shared, touched, found)
            value[here] += s.weight[neuron]
    return found


@compiled_part
def _exchange(s: State, neuron: int, target: int, least: int, exchanges: int) -> int:
    """Exchange a neuron with the one of a full cluster that saves most; return what is saved, 0 if nothing is done."""
    source, excess = s.cluster[neuron], s.excess[0]
    first = move(s, neuron, target)
    best, most = -1, least - first
    tried = 0
    other = s.after[neuron]
    while other >= 0 and tried < exchanges:
        following = s.after[other]
        more = gain_of(s, other, source)
        if more > most:
            move(s, other, source)
            if s.excess[0] <= excess:
                best, most = other, more
            move(s, other, target)
        tried += 1
        other = following
    if best < 0:
        move(s, neuron, source)
        return 0
    move(s, best, source)
    return first + most


@compiled
def _relieved(s: State, value: Ints64, shared: Ints64, touched: Ints64) -> int:
    """Move each neuron to where the limits are exceeded less, if there is such a place; return the packets saved."""
    saved = 0
    for neuron in range(len(s.cluster)):
        if s.excess[0] == 0:
            break
        found = min(64, _values(s, neuron, value, shared, touched))
        shared[:] = 0
        touched[found - 1] = np.argmin(s.size)
        source, best, least, most = s.cluster[neuron], np.int64(-1), s.excess[0], np.int64(0)
        for i in range(found):
            gain = move(s, neuron, touched[i])
            if s.excess[0] < least or (best >= 0 and s.excess[0] == least and gain > most):
                best, least, most = touched[i], s.excess[0], gain
            move(s, neuron, source)
        if best >= 0:
            saved += move(s, neuron, best)
    return saved
