"""The compiled loop on several threads: the neurons of each, and the arrays that it works on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import numpy as np

from ..base.arrays import LINE, Ints, zeros
from ..kernels.network import Network, Recording, Team

__all__ = ["Threads", "shares"]

Steps = tuple[int, int, int]
"""The result of `loop.run`: steps done, spikes, and the position in the ring buffer."""

_WORK_OF_NEURON = 50  # in synapses onto it
_GRANULE = LINE // 4  # neurons whose variables fill whole cache lines, be they of 4 bytes each
_BOARD = LINE // 8  # numbers of 8 bytes of each thread on a board
_ALL_CAME = 2**62  # above the number of any meeting


def shares(arriving: Ints, threads: int) -> Ints:
    """Return the neurons at which one thread ends and the next begins, shape (threads + 1,).

    ``arriving`` is the number of synapses onto each neuron: the threads get about equally much to do, in whole cache
    lines.
    """
    neurons = len(arriving)
    if threads == 1:
        return np.array([0, neurons], np.int64)
    work = np.cumsum(_WORK_OF_NEURON + arriving) if neurons else np.zeros(1)
    bounds = np.searchsorted(work, work[-1] * np.arange(1, threads) / threads)
    bounds = np.minimum((bounds + _GRANULE // 2) // _GRANULE * _GRANULE, neurons)
    return np.concatenate([[0], bounds, [neurons]]).astype(np.int64)


class Threads:
    """Threads with some of the neurons each, from one of the ``bounds`` to the next; see `shares`."""

    def __init__(self, bounds: Ints) -> None:
        self._bounds = bounds
        self._count = len(bounds) - 1
        neurons = int(bounds[-1])
        self._fired = [zeros(neurons, np.uint8) for _ in range(self._count)]
        self._spikes = zeros((2, self._count, 0), np.int32)
        self._make_room(neurons)
        self._boards = zeros((2, self._count, _BOARD), np.int64)

    def _make_room(self, most: int) -> None:
        """Make room for the spikes of each thread in a step, at most so many."""
        if self._spikes.shape[2] < most:
            self._spikes = zeros((2, self._count, -(-most // _GRANULE) * _GRANULE), np.int32)

    def together(self, run: Callable[..., Steps]) -> Callable[..., Steps]:
        """Return a function of the arguments of `loop.run` that calls `threaded_loop.run_threads` on all threads.

        The next events and samplers of the network are written to as that does.
        """

        def call(first: int, steps: int, position: int, network: Network) -> Steps:
            self._make_room(network.most)
            networks = [self._share(network, thread) for thread in range(self._count)]
            teams = [Team(thread, self._bounds, self._spikes, self._boards) for thread in range(self._count)]
            before = networks[0].recording.samplers["next_sample"].copy()
            self._boards[:] = 0

            def work(thread: int) -> Steps:
                return run(first, steps, position, networks[thread], teams[thread])

            result = _on_threads(work, self._count, self._boards)
            # A thread goes through the events of those populations only of which it has neurons.
            np.max([own.events.next for own in networks], axis=0, out=network.events.next)
            samplers, done = network.recording.samplers, networks[0].recording.samplers
            samplers["due"] = done["due"]
            samplers["next_sample"] += done["next_sample"] - before
            return result

        return call

    def _share(self, network: Network, thread: int) -> Network:
        """Return the network for a thread: what it writes to is its own, or only its neurons are in it."""
        return network._replace(
            neurons=network.neurons._replace(fired=self._fired[thread]),
            groups=network.groups[thread],
            events=network.events._replace(next=network.events.next.copy()),
            recording=network.recording._replace(samplers=self._columns(network.recording, thread)),
        )

    def _columns(self, recording: Recording, thread: int) -> Any:
        """Return samplers for those of the columns whose neurons a thread has; they lie side by side."""
        own = recording.samplers.copy()
        bounds = self._bounds[thread], self._bounds[thread + 1]
        for sampler in own:
            begin = sampler["first_column"]
            neurons = recording.neurons[begin : sampler["last_column"]]
            first, last = np.searchsorted(neurons, bounds)
            sampler["next_sample"] += first
            sampler["skip"] = len(neurons) - (last - first)
            sampler["first_column"], sampler["last_column"] = begin + first, begin + last
        return own


def _on_threads(work: Callable[[int], Any], count: int, boards: Ints) -> Any:
    """Do all parts of the work at once, this thread the first of them, and return what that returned."""
    others = [Thread(target=partial(work, thread), daemon=True) for thread in range(1, count)]
    begun = []
    try:
        for other in others:
            other.start()
            begun.append(other)
    except BaseException:
        # No thread is to wait for those that did not begin.
        boards[..., 0] = _ALL_CAME
        for other in begun:
            other.join()
        raise
    result = work(0)
    for other in others:
        other.join()
    return result
