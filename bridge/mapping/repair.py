"""Make a partition fit: split clusters that need more neurons or axons than a crossbar has, or empty them a little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity
from .hypergraph import halves

if TYPE_CHECKING:
    from ..config import Crossbar

__all__ = ["repair", "split"]


def split(
    connectivity: Connectivity, cluster: npt.NDArray[np.int64], limit: int, crossbar: Crossbar, seed: int
) -> npt.NDArray[np.int64] | None:
    """Cut every cluster that needs too many neurons or axons into halves, again and again, until all clusters fit.

    Neurons that belong together stay together, at the price of more clusters. Parameters and result as `repair`
    (clusters are numbered anew); None if ``limit`` clusters are not enough.
    """
    done = 0
    out = np.full(connectivity.neurons, -1, np.int64)
    waiting = [np.flatnonzero(cluster == number) for number in np.unique(cluster)]
    while waiting:
        if done + len(waiting) > limit:
            return None
        members = waiting.pop()
        axons = np.unique(np.concatenate([connectivity.sources(int(neuron)) for neuron in members]))
        if len(axons) <= crossbar.axons and len(members) <= crossbar.neurons:
            out[members] = done
            done += 1
        else:
            second = halves(connectivity, members, seed)
            waiting += [members[~second], members[second]]
    return out


class _Clusters:
    """Neurons of each cluster, and how many of them listen to each neuron; the last cluster is always empty, if the
    limit leaves room for one.
    """

    def __init__(self, connectivity: Connectivity, cluster: npt.NDArray[np.int64], limit: int) -> None:
        self.connectivity = connectivity
        self.limit = limit
        self.of = cluster.copy()
        opened = min(limit, int(cluster.max(initial=-1)) + 2)
        self.sizes = np.bincount(cluster, minlength=opened)
        self.listeners = np.zeros((opened, connectivity.neurons), np.int32)
        np.add.at(self.listeners, (cluster[connectivity.post], connectivity.pre), 1)
        self.axons = np.count_nonzero(self.listeners, axis=1)

    def move(self, neuron: int, target: int) -> None:
        sources, source = self.connectivity.sources(neuron), self.of[neuron]
        for cluster, change in ((source, -1), (target, 1)):
            self.listeners[cluster, sources] += change
            self.sizes[cluster] += change
            self.axons[cluster] = np.count_nonzero(self.listeners[cluster])
        self.of[neuron] = target
        if self.sizes[-1] and len(self.sizes) < self.limit:
            self.sizes = np.append(self.sizes, 0)
            self.axons = np.append(self.axons, 0)
            self.listeners = np.vstack([self.listeners, np.zeros_like(self.listeners[:1])])

    def freed(self, neuron: int) -> int:
        """Axons that the neuron's cluster would save without it."""
        return int(np.count_nonzero(self.listeners[self.of[neuron], self.connectivity.sources(neuron)] == 1))

    def added(self, neuron: int) -> npt.NDArray[np.int64]:
        """Axons that each cluster would need more with the neuron."""
        return np.count_nonzero(self.listeners[:, self.connectivity.sources(neuron)] == 0, axis=1)


def repair(
    connectivity: Connectivity, cluster: npt.NDArray[np.int64], limit: int, crossbar: Crossbar
) -> npt.NDArray[np.int64] | None:
    """Move neurons, the one that frees most axons first, to where they need fewest new ones, until all clusters fit.

    A cluster never takes more than it can hold, and each move shrinks one that holds too much, so this ends.

    Parameters
    ----------
    connectivity
        The network; no neuron has more presynaptic neurons than ``crossbar.axons``.
    cluster
        Shape (neurons,): cluster of each neuron.
    limit
        Number of clusters that there may be; empty ones are opened when no other has room.
    crossbar
        Neurons and axons that a cluster may have.

    Returns
    -------
    Cluster of each neuron, shape (neurons,), in ``range(limit)``; None if some neuron fits nowhere.
    """
    state = _Clusters(connectivity, cluster, limit)
    while True:
        over = np.flatnonzero((state.axons > crossbar.axons) | (state.sizes > crossbar.neurons))
        if not len(over):
            return state.of
        members = np.flatnonzero(state.of == over[0])
        order = np.argsort([-state.freed(int(neuron)) for neuron in members], kind="stable")
        for neuron in members[order]:
            added = state.added(neuron)
            fits = (state.sizes < crossbar.neurons) & (state.axons + added <= crossbar.axons)
            fits[over[0]] = False
            if fits.any():
                # An empty cluster is the last resort: it may be the one that another neuron has to have.
                cost = np.where(fits, added + np.where(state.sizes == 0, connectivity.neurons, 0), np.inf)
                state.move(int(neuron), int(cost.argmin()))
                break
        else:
            return None
