"""Groups of synapses with a state in the compiled loop: their kernels, called for what is due and for every spike."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from ..frame import call, pointer
from ..jit import compile_inline, compile_loop
from ..network import Groups
from .frame import ARRIVE, BASE, DUE, FIRED, FIRED_COUNT, PHASE, SPIKE_COUNT, SPIKES, STEP

__all__ = ["in_rounds", "take_arrivals", "take_due", "take_spikes"]


@compile_loop
def in_rounds(spikes: Any, work: Any) -> int:
    """Put the first spike of each neuron into ``work[0]``, then the second of those that have one, and so on.

    ``spikes`` are in ascending order of neurons. Returns 0, with nothing done, where no neuron has a second spike;
    else how many there are. ``work`` is of shape (3, spikes or more); ``spikes`` may be its first row.
    """
    neurons = 0
    for k in range(len(spikes)):
        if k and spikes[k] == spikes[k - 1]:
            work[2, neurons - 1] += 1
        else:
            work[1, neurons], work[2, neurons] = spikes[k], 1
            neurons += 1
    if neurons == len(spikes):
        return 0
    count = 0
    while neurons:
        left = 0
        for k in range(neurons):
            work[0, count] = work[1, k]
            count += 1
            if work[2, k] > 1:
                work[1, left], work[2, left] = work[1, k], work[2, k] - 1
                left += 1
        neurons = left
    return count


@compile_inline
def take_due(groups: Groups, step: int, base: int) -> None:
    """Take the spikes of earlier steps that are at synapses at a step; the ring buffer is at the step before."""
    for k in range(len(groups.frame)):
        if groups.due[k]:
            head = numba.carray(pointer(groups.frame[k]), (FIRED_COUNT + 1,), np.int64)
            head[PHASE], head[STEP], head[BASE] = DUE, step, base
            head[SPIKE_COUNT], head[FIRED_COUNT] = 0, 0
            call(groups.address[k], groups.frame[k])


@compile_loop
def take_spikes(groups: Groups, step: int, base: int, spikes: Any, first: int, last: int) -> None:
    """Take the spikes ``first`` to ``last`` of a list, all of a step, at the synapses of all groups."""
    if first == last or not len(groups.frame):
        return
    begin, count = spikes.ctypes.data + 4 * first, last - first
    several = in_rounds(spikes[first:last], groups.work)
    if several:
        begin, count = groups.work.ctypes.data, several
    _call_all(groups, step, base, begin, count, begin, count)


@compile_loop
def take_arrivals(groups: Groups, step: int, base: int, arrivals: Any, fired: Any, first: int, last: int) -> None:
    """Take what arrives in a step at the synapses of all groups, and the neurons ``fired[first:last]`` that fire.

    There must be room for the arrivals in ``groups.work``.
    """
    if (first == last and not len(arrivals)) or not len(groups.frame):
        return
    begin, count = arrivals.ctypes.data, len(arrivals)
    several = in_rounds(arrivals, groups.work)
    if several:
        begin, count = groups.work.ctypes.data, several
    _call_all(groups, step, base, begin, count, fired.ctypes.data + 4 * first, last - first)


@compile_inline
def _call_all(groups: Groups, step: int, base: int, spikes: int, count: int, fired: int, fired_count: int) -> None:
    """Call the kernels of all groups for spikes that arrive and neurons that fire, by address and number."""
    for k in range(len(groups.frame)):
        head = numba.carray(pointer(groups.frame[k]), (FIRED_COUNT + 1,), np.int64)
        head[PHASE], head[STEP], head[BASE] = ARRIVE, step, base
        head[SPIKES], head[SPIKE_COUNT], head[FIRED], head[FIRED_COUNT] = spikes, count, fired, fired_count
        call(groups.address[k], groups.frame[k])
