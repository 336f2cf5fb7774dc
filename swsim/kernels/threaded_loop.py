"""The loop of `loop` on several threads, each of which has some neurons and all synapses onto them.

What reaches a neuron is added by its own thread, in the order of the spikes: the same bits for any number of threads.
They meet once in a step. What a thread has fired in it lies in one of two lists, so that it can go on with the other
while the rest still read the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .barrier import meet, message_of
from .frame import FRAME
from .jit import compile_loop, compile_nogil
from .loop import fire, flowing, take_samples
from .network import Groups, Network, Rows, Team
from .propagation import deliver
from .synapses.groups import take_due, take_spikes

__all__ = ["run_threads"]


@compile_loop
def _copy_spikes(step: int, fired: Any, board: Any, out_neuron: Any, out_step: Any, index: int) -> None:
    """Append what all threads have fired in a step, which is in the order of neurons, to the spikes of the network."""
    for thread in range(len(board)):
        for n in range(message_of(board, thread)):
            out_neuron[index] = fired[thread, n]
            out_step[index] = step
            index += 1


@compile_loop
def _deliver_all(team: Team, side: int, step: int, flat: Any, base: int, rows: Rows, groups: Groups) -> None:
    """Send what all threads have fired in a step down the synapses onto this thread's neurons."""
    threads = len(team.bounds) - 1
    for other in range(threads):
        spikes = team.spikes[side, other, : message_of(team.boards[side], other)]
        deliver(spikes, threads, team.thread, flat, base, rows)
    if len(groups.frame):
        count = 0
        for other in range(threads):
            for n in range(message_of(team.boards[side], other)):
                groups.work[0, count] = team.spikes[side, other, n]
                count += 1
        take_spikes(groups, step, base, groups.work[0], 0, count)


@compile_nogil
def run_threads(first: int, steps: int, position: int, network: Network, team: Team) -> tuple[int, int, int]:
    """Do one thread's share of `loop.run`.

    Every neuron has a row of synapses for each thread. ``network.events.next`` and ``network.recording.samplers`` are
    of the thread's own, and its samplers have only its neurons.
    """
    blocks, neurons, line, electrodes, rows, groups, events, recording, out, out_step, most, _ = network
    states = neurons.states
    row_count, receptors, size = line.shape
    flat = line.reshape(row_count * receptors * size)
    frame = np.empty(FRAME, np.int64)
    threads = len(team.bounds) - 1
    a, z = team.bounds[team.thread], team.bounds[team.thread + 1]
    none: Any = np.int64(0)  # not a literal, see `loop.run`
    count = pending = done = none
    while done < steps and count + pending + most <= len(out):
        step = first + done + 1
        side, before = done & 1, 1 - (done & 1)
        base = position * receptors * size
        position = position + 1 if position + 1 < row_count else 0
        if pending:
            if team.thread == 0:
                _copy_spikes(step - 1, team.spikes[before], team.boards[before], out, out_step, count)
            _deliver_all(team, before, step - 1, flat, base, rows, groups)
            count += pending
        take_due(groups, step, base)
        own = team.spikes[side, team.thread]
        current = flowing(electrodes, states, step - 1, a, z)
        found = fire(a, z, step, blocks, neurons, events, line[position], current, frame, own, none)
        take_samples(step, states, recording)
        done += 1
        meet(team.boards[side], team.thread, done, found)
        pending = 0
        for other in range(threads):
            pending += message_of(team.boards[side], other)
    if pending:
        side = 1 - (done & 1)
        if team.thread == 0:
            _copy_spikes(first + done, team.spikes[side], team.boards[side], out, out_step, count)
        _deliver_all(team, side, first + done, flat, position * receptors * size, rows, groups)
    return done, count + pending, position
