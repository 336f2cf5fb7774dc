"""In which steps neurons were active: those in which they got a spike, or fired."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

from ..engines.base import Deliveries, Ints
from .steps import steps_of

__all__ = ["count_active", "count_active_on_tiles"]

_WINDOW_BYTES = 1 << 25
_EVENTS = 1 << 22
"""Spikes at synapses that are held at a time."""


def count_active_on_tiles(
    trace: Trace,
    tile: npt.NDArray[np.integer],
    deliveries: Deliveries,
    cycles_per_step: int,
    starts: Ints | None = None,
) -> int:
    """Count the pairs of a neuron and a step in which it was active, where each tile hears of spikes by packets.

    A spike that came to a tile in step k acts there on the neurons that listen to it, ``delay`` steps later; on its
    own tile it is there in the step in which it was fired. Spike sources are never counted.

    Parameters
    ----------
    trace
        The network's spikes and synapses.
    tile
        Shape (neurons,): the tile of each neuron.
    deliveries
        What arrived: a packet for each spike and other tile.
    cycles_per_step, starts
        As for `steps_of`.
    """
    tiles = int(tile.max(initial=0)) + 1
    computes = np.ones(trace.neurons, bool)
    for population in trace.populations:
        if population.is_source:
            computes[population.start : population.stop] = False
    home = tile.astype(np.int64)
    # Synapses in groups: those of a neuron on a tile.
    group = trace.pre.astype(np.int64) * tiles + home[trace.post]
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(trace.neurons * tiles + 1))
    spiking, when = trace.spike_neuron.astype(np.int64), trace.spike_step.astype(np.int64)
    on_grid = deliveries.destination < tiles  # others listen to nothing
    came = deliveries.neuron[on_grid] * tiles + deliveries.destination[on_grid]
    in_step = steps_of(deliveries.completed[on_grid], cycles_per_step, starts)
    fired = computes[spiking]
    return count_active(
        start,
        trace.post[order].astype(np.int64),
        trace.delay[order].astype(np.int64),
        np.concatenate([came, spiking * tiles + home[spiking]]),
        np.concatenate([in_step, when]),
        np.stack([spiking[fired], when[fired]]),
        cells=trace.neurons,
        steps=trace.steps,
    )


def count_active(
    start: Ints, target: Ints, delay: Ints, group: Ints, step: Ints, fired: Ints, *, cells: int, steps: int
) -> int:
    """Count the pairs of a cell and a step in which something acted on it, or it fired.

    Parameters
    ----------
    start
        Shape (groups + 1,): the synapses of group g are ``start[g]`` up to ``start[g + 1]``.
    target, delay
        Shape (synapses,): the cell that each acts on, and how many steps later.
    group, step
        Shape (events,): the group of synapses that is heard, and the step in which it is.
    fired
        Shape (2, spikes): cell and step of each spike.
    cells, steps
        Their numbers; what would act in a later step does not count.
    """
    longest = int(delay.max(initial=0))
    window = max(1, _WINDOW_BYTES // max(1, cells) - longest)
    order = np.argsort(step, kind="stable")
    group, step = group[order], step[order]
    own = np.argsort(fired[1], kind="stable")
    who, when = fired[0][own], fired[1][own]
    active = np.zeros((window + longest, cells), bool)
    total = 0
    for begin in range(0, steps, window):
        end = min(begin + window, steps)
        low, high = np.searchsorted(step, [begin, end])
        for first, last in _blocks(start, group[low:high]):
            events = slice(low + first, low + last)
            count = start[group[events] + 1] - start[group[events]]
            synapse = _ranges(start[group[events]], count)
            active[np.repeat(step[events], count) - begin + delay[synapse], target[synapse]] = True
        low, high = np.searchsorted(when, [begin, end])
        active[when[low:high] - begin, who[low:high]] = True
        total += int(np.count_nonzero(active[: end - begin]))
        # What acts in the next window is known already.
        active[:longest] = active[window:].copy()
        active[longest:] = False
    return total


def _blocks(start: Ints, group: Ints) -> list[tuple[int, int]]:
    """Part events into blocks of few synapses each, as far as one event has no more."""
    behind = np.cumsum(start[group + 1] - start[group])
    blocks, first = [], 0
    while first < len(group):
        before = int(behind[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(behind, before + _EVENTS, side="right")))
        blocks.append((first, last))
        first = last
    return blocks


def _ranges(first: Ints, count: Ints) -> Ints:
    """Return the numbers from each first one on, as many as counted, one range after the other."""
    return np.arange(int(count.sum())) + np.repeat(first - np.cumsum(count) + count, count)
