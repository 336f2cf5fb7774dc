"""The base of all spike sources."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_PER_STEP", "SpikeSource"]

MAX_PER_STEP = 10_000
"""The mean number of spikes of a random source in a step is at most that: a higher one is a slip of the pen."""


class SpikeSource(ABC):
    """n sources of spikes, each of which may fire several times at one grid point."""

    size: int

    @property
    def mean_per_step(self) -> float:
        """About how many spikes all sources have in a step, for who makes room for them; 0 if they take it already."""
        return 0.0

    @abstractmethod
    def emit(self, step: int) -> npt.NDArray[np.int64]:
        """Return the sources that fire at that grid point, indices ascending, one for each spike.

        A source that fires k times is there k times. Each step is asked for once, in order.
        """

    def emit_between(self, first: int, last: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the spikes from grid point ``first`` to ``last``, both included: steps and indices, in that order.

        The same as asking `emit` for each.
        """
        indices = [self.emit(step) for step in range(first, last + 1)]
        steps = np.repeat(np.arange(first, last + 1), [len(index) for index in indices])
        return steps, np.concatenate([np.empty(0, np.int64), *indices])

    @abstractmethod
    def restart(self, seed: np.random.SeedSequence) -> None:
        """Begin anew at step 0, with random numbers from that seed."""
