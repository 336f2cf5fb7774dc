"""Make a partition fit: split clusters that need more neurons or axons than a crossbar has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity
from .hypergraph import halves

if TYPE_CHECKING:
    from ..config import Crossbar

__all__ = ["split"]


def split(
    connectivity: Connectivity, cluster: npt.NDArray[np.int64], limit: int, crossbar: Crossbar, seed: int
) -> npt.NDArray[np.int64] | None:
    """Cut every cluster that needs too many neurons or axons into halves, again and again, until all clusters fit.

    Neurons that belong together stay together, at the price of more clusters. No neuron has more presynaptic neurons
    than ``crossbar.axons``. Return the cluster of each neuron, shape (neurons,), numbered anew; None if ``limit``
    clusters are not enough.
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
