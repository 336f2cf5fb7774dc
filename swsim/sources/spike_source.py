"""The base of all spike sources."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

__all__ = ["SpikeSource"]


class SpikeSource(ABC):
    """n sources of spikes."""

    size: int

    @abstractmethod
    def emit(self, step: int) -> npt.NDArray[np.int64]:
        """Return the sources that fire at that grid point, indices ascending. Each step is asked for once, in order."""

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
