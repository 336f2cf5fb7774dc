"""The loop of `kernels` on several threads, each of which has some neurons and all synapses onto them.

What reaches a neuron is added by its own thread, in the order of the spikes: the same bits for any number of threads.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from .compiling import compile_loop, compile_parallel
from .kernel_delivery import deliver
from .kernels import SOURCE, advance, collect, take_samples

__all__ = ["run_threads", "run_threads_with_current"]


@compile_parallel
def _step(
    bounds: Any,
    blocks: Any,
    alike: Any,
    coefficients: Any,
    states: Any,
    held: Any,
    refractory: Any,
    line: Any,
    position: int,
    current: Any,
    rows: Any,
    before: Any,
    base: int,
    fired: Any,
    own: Any,
    counts: Any,
) -> None:
    """Every thread sends the spikes ``before``, of the last step, to its neurons, and takes these one step further."""
    threads = len(bounds) - 1
    flat = line.reshape(line.size)
    for t in numba.prange(threads):
        deliver(before, threads, t, flat, base, *rows)
        count = 0
        for k in range(len(blocks)):
            if blocks[k, 0] != SOURCE:
                a, z = max(blocks[k, 1], bounds[t]), min(blocks[k, 2], bounds[t + 1])
                if a < z:
                    advance(
                        blocks[k, 0], a, z, alike[k], coefficients, held, states, refractory, line[position], current,
                        fired,
                    )  # fmt: skip
                    count = collect(a, z, fired, own[t], count)
            counts[t, k] = count


@compile_parallel
def _deliver_all(threads: int, line: Any, base: int, spikes: Any, rows: Any) -> None:
    flat = line.reshape(line.size)
    for t in numba.prange(threads):
        deliver(spikes, threads, t, flat, base, *rows)


@compile_loop
def _run(
    current: Any,
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
) -> tuple[int, int, int]:
    row_count, receptors, neurons = line.shape
    threads = len(bounds) - 1
    fired = np.zeros(neurons, np.uint8)
    own = np.empty((threads, neurons), np.int32)
    counts = np.zeros((threads, len(blocks)), np.int64)
    before = count = done = 0
    while done < steps and count + neurons <= len(out_neuron):
        step = first + done + 1
        base = position * receptors * neurons
        position = position + 1 if position + 1 < row_count else 0
        _step(
            bounds, blocks, alike, coefficients, states, held, refractory, line, position, current, rows,
            out_neuron[before:count], base, fired, own, counts,
        )  # fmt: skip
        before = count
        for k in range(len(blocks)):
            if blocks[k, 0] == SOURCE:
                event = event_next[k]
                while event < blocks[k, 4] and event_step[event] <= step:
                    out_neuron[count] = event_neuron[event]
                    count += 1
                    event += 1
                event_next[k] = event
                continue
            for t in range(threads):
                for place in range(counts[t, k - 1] if k else 0, counts[t, k]):
                    out_neuron[count] = own[t, place]
                    count += 1
        out_step[before:count] = step
        take_samples(step, states, sampler, sampled, sample)
        done += 1
    _deliver_all(threads, line, position * receptors * neurons, out_neuron[before:count], rows)
    return done, count, position


@compile_loop
def run_threads(*network: Any) -> tuple[int, int, int]:
    """`kernels.run` with one argument more, the first: the neurons at which one thread ends and the next begins.

    ``bounds`` is of shape (threads + 1,), from 0 to the number of neurons, and every neuron has a row of synapses for
    each thread.
    """
    return _run(None, *network)


@compile_loop
def run_threads_with_current(current: Any, *network: Any) -> tuple[int, int, int]:
    """`run_threads` with a current of electrodes into each neuron, the same in all steps."""
    return _run(current, *network)
