"""The crossbars of a run: how many weights they hold, and how often plasticity wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np

from synaptile.swsim.trace import Trace

from ..run_data import RunData
from .crossbar import Crossbar

__all__ = ["crossbar_of", "weight_changes"]


def crossbar_of(run: RunData) -> Crossbar | None:
    """Return the crossbars of a run's chip with its network; None if the chip names no technology.

    Each synapse of the network is a weight of a crossbar, multapses apart.
    """
    config, trace = run.config, run.trace
    if config.technology is None:
        return None
    of_tile = np.bincount(run.mapped.mapping.tile[trace.post], minlength=1)
    changes = weight_changes(trace)
    return Crossbar(
        technology=config.technology,
        cells_per_weight=config.technology.cells(run.weight_bits),
        tiles=config.tiles,
        crosspoints=config.tiles * config.crossbar.axons * config.crossbar.neurons,
        weights=trace.synapses,
        most_weights=int(of_tile.max()),
        changes=None if changes is None else changes[0],
        most_changes=None if changes is None else changes[1],
    )


def weight_changes(trace: Trace) -> tuple[int, int] | None:
    """Return how often plasticity wrote weights: all of them, and that with the most.

    A plastic weight is written at every spike of either of its neurons, which is when its rule reads and changes it.
    None if the trace does not say which synapses are plastic, as none does that is from another simulator.
    """
    ranges = _ranges(trace.meta.get("plastic"), trace.synapses)
    if ranges is None:
        return None
    spikes = trace.spike_counts()
    total = most = 0
    for start, stop in ranges:
        each = spikes[trace.pre[start:stop]] + spikes[trace.post[start:stop]]
        total += int(each.sum())
        most = max(most, int(each.max(initial=0)))
    return total, most


def _ranges(value: Any, synapses: int) -> list[tuple[int, int]] | None:
    """Return ranges of synapses, as a trace's file may have them; None if they are no such."""
    if not isinstance(value, list | tuple):
        return None
    found = []
    for pair in value:
        if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(type(end) is int for end in pair)):
            return None
        start, stop = pair
        if not 0 <= start <= stop <= synapses:
            return None
        found.append((start, stop))
    return found
