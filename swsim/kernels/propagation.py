"""Spikes on their way down their synapses, in compiled form.

The weights that reach one neuron in one step are added in the order of the spikes, as the NumPy path does it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import compile_loop
from .network import Rows

__all__ = ["deliver"]


@compile_loop
def _same_stretch(a: int, b: int, start: Any, offset: Any, weight: Any) -> bool:
    """Return whether two rows have the same targets, and both the same weight for all or both `fan_out.UNEQUAL`."""
    alike = (weight[a] == weight[b]) or (np.isnan(weight[a]) and np.isnan(weight[b]))
    return alike and offset[a] == offset[b] and start[a + 1] - start[a] == start[b + 1] - start[b]


@compile_loop
def _add_constant(target: Any, w: float, times: int) -> None:
    """Add a weight so many times: each time on its own, as the sum of rounded sums is not the rounded product."""
    while times >= 8:
        for n in range(len(target)):
            x = target[n] + w
            x = x + w
            x = x + w
            x = x + w
            x = x + w
            x = x + w
            x = x + w
            target[n] = x + w
        times -= 8
    while times >= 2:
        for n in range(len(target)):
            target[n] = (target[n] + w) + w
        times -= 2
    if times:
        for n in range(len(target)):
            target[n] += w


@compile_loop
def _add_rows(target: Any, spikes: Any, threads: int, thread: int, start: Any, weight: Any) -> None:
    """Add the weights of neurons with the same targets, row after row."""
    length = len(target)
    s = 0
    while s + 4 <= len(spikes):
        a, b = start[spikes[s] * threads + thread], start[spikes[s + 1] * threads + thread]
        c, d = start[spikes[s + 2] * threads + thread], start[spikes[s + 3] * threads + thread]
        first, second = weight[a : a + length], weight[b : b + length]
        third, fourth = weight[c : c + length], weight[d : d + length]
        for n in range(length):
            target[n] = (((target[n] + first[n]) + second[n]) + third[n]) + fourth[n]
        s += 4
    while s < len(spikes):
        begin = start[spikes[s] * threads + thread]
        own = weight[begin : begin + length]
        for n in range(length):
            target[n] += own[n]
        s += 1


@compile_loop
def deliver(spikes: Any, threads: int, thread: int, flat: Any, base: int, rows: Rows) -> None:
    """Send spikes, in ascending order of neurons, down their synapses; several of one neuron add up.

    Every neuron has a row of synapses for each thread, of which those of ``thread`` are meant. ``flat`` is the buffer
    of `RingBuffer`, and ``base`` the index in it from which delays are counted.
    """
    start, row_offset, row_weight, offset, weight = rows
    size = len(flat)
    s = 0
    while s < len(spikes):
        own = spikes[s] * threads + thread
        begin, end = start[own], start[own + 1]
        stretch = row_offset[own]
        if stretch < 0:
            for synapse in range(begin, end):
                index = base + offset[synapse]
                index = index - size if index >= size else index
                flat[index] += weight[synapse]
            s += 1
            continue
        first = s
        s += 1
        while s < len(spikes) and _same_stretch(own, spikes[s] * threads + thread, start, row_offset, row_weight):
            s += 1
        index = base + stretch
        index = index - size if index >= size else index
        target = flat[index : index + end - begin]
        if np.isnan(row_weight[own]):
            _add_rows(target, spikes[first:s], threads, thread, start, weight)
        else:
            _add_constant(target, row_weight[own], s - first)
