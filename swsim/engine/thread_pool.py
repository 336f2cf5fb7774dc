"""The compiled loop on several threads: who has which neurons, and what each of them works on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import numpy as np

from ..base.arrays import LINE, Ints, zeros

__all__ = ["Threads", "shares"]

_PER_NEURON = 50  # the work of a neuron, in synapses onto it
_TOGETHER = LINE // 4  # neurons whose variables fill whole cache lines, be they of 4 bytes each
_PADDED = LINE // 8
_EVERYBODY = 2**62


def shares(arriving: Ints, threads: int) -> Ints:
    """The neurons at which one thread ends and the next begins, shape (threads + 1,).

    ``arriving`` is the number of synapses onto each neuron: the threads get about equally much to do, in whole cache
    lines.
    """
    neurons = len(arriving)
    if threads == 1:
        return np.array([0, neurons], np.int64)
    work = np.cumsum(_PER_NEURON + arriving) if neurons else np.zeros(1)
    bounds = np.searchsorted(work, work[-1] * np.arange(1, threads) / threads)
    bounds = np.minimum((bounds + _TOGETHER // 2) // _TOGETHER * _TOGETHER, neurons)
    return np.concatenate([[0], bounds, [neurons]]).astype(np.int64)


class Threads:
    """Threads with some of the neurons each, from one of the ``bounds`` to the next; see `shares`."""

    def __init__(self, bounds: Ints) -> None:
        self._bounds = bounds
        self._count = len(bounds) - 1
        neurons = int(bounds[-1])
        self._flags = [zeros(neurons, np.uint8) for _ in range(self._count)]
        room = -(-neurons // _TOGETHER) * _TOGETHER
        self._lists = zeros((2, self._count, room), np.int32)
        self._boards = zeros((2, self._count, _PADDED), np.int64)

    def together(
        self, run: Callable[..., tuple[int, int, int]], following: Ints, sampling: Ints, sampled: Ints
    ) -> Callable[..., tuple[int, int, int]]:
        """What calls `threaded_loop.run_threads` on all threads, with the arguments of `loop.run`.

        The places ``following`` of coming events and the table ``sampling`` are those of that call, written to as it
        does; ``sampled`` are the neurons of the columns.
        """
        own_following = [following.copy() for _ in range(self._count)]
        own_sampling = [self._columns(sampling, sampled, thread) for thread in range(self._count)]

        def call(*network: Any) -> tuple[int, int, int]:
            *first, place, rows, table, columns, sample, out_neuron, out_step = network
            assert place is following
            assert table is sampling
            self._boards[:] = 0
            before = own_sampling[0][:, 5].copy()

            def work(thread: int) -> tuple[int, int, int]:
                return run(
                    thread, self._bounds, *first, own_following[thread], rows, own_sampling[thread], columns,
                    sample, out_neuron, out_step, self._flags[thread], self._lists, self._boards,
                )  # fmt: skip

            result = _on_threads(work, self._count, self._boards)
            sampling[:, 5] += own_sampling[0][:, 5] - before
            return result

        return call

    def _columns(self, sampling: Ints, sampled: Ints, thread: int) -> Ints:
        """The table for those of the columns whose neurons a thread has; they lie side by side."""
        own = sampling.copy()
        low, high = self._bounds[thread], self._bounds[thread + 1]
        for row in own:
            neurons = sampled[row[3] : row[4]]
            first, last = np.searchsorted(neurons, [low, high])
            row[5] += first
            row[6] = len(neurons) - (last - first)
            row[3:5] = row[3] + first, row[3] + last
        return own


def _on_threads(work: Callable[[int], Any], count: int, boards: Ints) -> Any:
    """Do all parts of the work at once, this thread the first of them; what that returned."""
    others = [Thread(target=partial(work, thread), daemon=True) for thread in range(1, count)]
    begun = []
    try:
        for other in others:
            other.start()
            begun.append(other)
    except BaseException:
        # Nobody is to wait for those that did not begin.
        boards[..., 0] = _EVERYBODY
        for other in begun:
            other.join()
        raise
    result = work(0)
    for other in others:
        other.join()
    return result
