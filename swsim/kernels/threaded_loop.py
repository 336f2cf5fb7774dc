"""The loop of `kernels` on several threads, each of which has some neurons and all synapses onto them.

What reaches a neuron is added by its own thread, in the order of the spikes: the same bits for any number of threads.
They meet once in a step. What a thread has fired in it lies in one of two lists, so that it can go on with the other
while the rest still read the first.
"""

from __future__ import annotations

from typing import Any

from .barrier import brought, meet
from .jit import compile_loop, compile_nogil
from .loop import SOURCE, advance, collect, take_samples
from .propagation import deliver

__all__ = ["run_threads", "run_threads_with_current"]


@compile_loop
def _emitted(a: int, z: int, step: int, last: int, event: int, steps: Any, neurons: Any, out: Any, count: int) -> Any:
    """Put the sources among neurons a to z that fire at a step into ``out``; return the new count and place."""
    while event < last and steps[event] <= step:
        if a <= neurons[event] < z:
            out[count] = neurons[event]
            count += 1
        event += 1
    return count, event


@compile_loop
def _take_over(step: int, fired: Any, board: Any, out_neuron: Any, out_step: Any, place: int) -> None:
    """Append what all threads have fired in a step, which is in the order of neurons."""
    for t in range(len(board)):
        for n in range(brought(board, t)):
            out_neuron[place] = fired[t, n]
            out_step[place] = step
            place += 1


@compile_loop
def _run(
    current: Any,
    thread: int,
    bounds: Any,
    first: int,
    steps: int,
    blocks: Any,
    alike: Any,
    coefficients: Any,
    states: Any,
    held: Any,
    refractory: Any,
    line: Any,
    position: int,
    event_step: Any,
    event_neuron: Any,
    event_next: Any,
    rows: Any,
    sampler: Any,
    sampled: Any,
    sample: Any,
    out_neuron: Any,
    out_step: Any,
    flag: Any,
    lists: Any,
    boards: Any,
) -> tuple[int, int, int]:
    row_count, receptors, neurons = line.shape
    flat = line.reshape(row_count * receptors * neurons)
    threads = len(bounds) - 1
    a, z = bounds[thread], bounds[thread + 1]
    count = pending = done = 0
    while done < steps and count + pending + neurons <= len(out_neuron):
        step = first + done + 1
        mine, theirs = done & 1, 1 - (done & 1)
        base = position * receptors * neurons
        position = position + 1 if position + 1 < row_count else 0
        if pending:
            if thread == 0:
                _take_over(step - 1, lists[theirs], boards[theirs], out_neuron, out_step, count)
            for t in range(threads):
                deliver(lists[theirs, t, : brought(boards[theirs], t)], threads, thread, flat, base, *rows)
            count += pending
        own, found = lists[mine, thread], 0
        for k in range(len(blocks)):
            begin, end = max(blocks[k, 1], a), min(blocks[k, 2], z)
            if begin >= end:
                continue
            if blocks[k, 0] == SOURCE:
                found, event_next[k] = _emitted(
                    begin, end, step, blocks[k, 4], event_next[k], event_step, event_neuron, own, found
                )
                continue
            advance(
                blocks[k, 0], begin, end, alike[k], coefficients, held, states, refractory, line[position], current,
                flag,
            )  # fmt: skip
            found = collect(begin, end, flag, own, found)
        take_samples(step, states, sampler, sampled, sample)
        done += 1
        meet(boards[mine], thread, done, found)
        pending = 0
        for t in range(threads):
            pending += brought(boards[mine], t)
    last = 1 - (done & 1)
    if pending:
        if thread == 0:
            _take_over(first + done, lists[last], boards[last], out_neuron, out_step, count)
        for t in range(threads):
            base = position * receptors * neurons
            deliver(lists[last, t, : brought(boards[last], t)], threads, thread, flat, base, *rows)
    return done, count + pending, position


@compile_nogil
def run_threads(*network: Any) -> tuple[int, int, int]:
    """What one thread does of `loop.run`.

    Before the arguments of that: the number of the ``thread``; ``bounds`` of shape (threads + 1,), from 0 to the number
    of neurons, the neurons at which one thread ends and the next begins. Behind them: ``flag`` of shape (neurons,),
    ``lists`` (2, threads, neurons or more) and two ``boards`` of `meet`, zeros of shape (2, threads, 16), the last two
    of all threads. Every neuron has a row of synapses for each thread. ``event_next``, ``sampler`` and
    ``flag`` are of the thread's own, and its sampler has only its neurons.
    """
    return _run(None, *network)


@compile_nogil
def run_threads_with_current(current: Any, *network: Any) -> tuple[int, int, int]:
    """`run_threads` with a current of electrodes into each neuron, the same in all steps."""
    return _run(current, *network)
