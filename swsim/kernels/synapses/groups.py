"""Groups of synapses with a state in the compiled loop: their kernels, called for what is due and for every spike."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from ..frame import call, pointer
from ..jit import compile_inline, compile_loop
from ..network import Groups
from .frame import ARRIVE, BASE, DUE, PHASE, SPIKE_COUNT, SPIKES, STEP

__all__ = ["in_rounds", "take_due", "take_spikes"]


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
            head = numba.carray(pointer(groups.frame[k]), (SPIKE_COUNT + 1,), np.int64)
            head[PHASE], head[STEP], head[BASE], head[SPIKE_COUNT] = DUE, step, base, 0
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
    for k in range(len(groups.frame)):
        head = numba.carray(pointer(groups.frame[k]), (SPIKE_COUNT + 1,), np.int64)
        head[PHASE], head[STEP], head[BASE] = ARRIVE, step, base
        head[SPIKES], head[SPIKE_COUNT] = begin, count
        call(groups.address[k], groups.frame[k])
