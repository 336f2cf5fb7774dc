"""Spikes on their way down their synapses, in compiled form.

The weights that reach one neuron in one step are added in the order of the spikes, as the NumPy path does it.
"""

from __future__ import annotations

from typing import Any

from .jit import compile_loop

__all__ = ["deliver"]


@compile_loop
def _same_stretch(a: int, b: int, start: Any, offset: Any, weight: Any) -> bool:
    """Whether two rows have their synapses in the same places, and the same one weight or both weights of each."""
    alike = (weight[a] == weight[b]) or (weight[a] != weight[a] and weight[b] != weight[b])
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
def _add_rows(target: Any, spikes: Any, rows: int, row: int, start: Any, weight: Any) -> None:
    """Add the weights of neurons with the same targets, row after row."""
    length = len(target)
    s = 0
    while s + 4 <= len(spikes):
        a, b = start[spikes[s] * rows + row], start[spikes[s + 1] * rows + row]
        c, d = start[spikes[s + 2] * rows + row], start[spikes[s + 3] * rows + row]
        first, second = weight[a : a + length], weight[b : b + length]
        third, fourth = weight[c : c + length], weight[d : d + length]
        for n in range(length):
            target[n] = (((target[n] + first[n]) + second[n]) + third[n]) + fourth[n]
        s += 4
    while s < len(spikes):
        begin = start[spikes[s] * rows + row]
        own = weight[begin : begin + length]
        for n in range(length):
            target[n] += own[n]
        s += 1


@compile_loop
def deliver(
    spikes: Any,
    rows: int,
    row: int,
    flat: Any,
    base: int,
    start: Any,
    row_offset: Any,
    row_weight: Any,
    offset: Any,
    weight: Any,
) -> None:
    """Send spikes, in ascending order of neurons, down their synapses; see `loop.run` for the arrays.

    Every neuron has ``rows`` rows of synapses, of which those with the number ``row`` are meant. ``flat`` is the buffer
    of `RingBuffer`, and ``base`` the place in it from which delays are counted.
    """
    size = len(flat)
    s = 0
    while s < len(spikes):
        own = spikes[s] * rows + row
        begin, end = start[own], start[own + 1]
        stretch = row_offset[own]
        if stretch < 0:
            for synapse in range(begin, end):
                place = base + offset[synapse]
                place = place - size if place >= size else place
                flat[place] += weight[synapse]
            s += 1
            continue
        first = s
        s += 1
        while s < len(spikes) and _same_stretch(own, spikes[s] * rows + row, start, row_offset, row_weight):
            s += 1
        place = base + stretch
        place = place - size if place >= size else place
        target = flat[place : place + end - begin]
        if row_weight[own] == row_weight[own]:
            _add_constant(target, row_weight[own], s - first)
        else:
            _add_rows(target, spikes[first:s], rows, row, start, weight)
