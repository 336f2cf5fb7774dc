"""Every spike of the current segment, in compact arrays that grow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["SpikeLog"]

_FIRST_CAPACITY = 1024


class SpikeLog:
    """Spikes in the order in which they were emitted: by step, then neuron. 12 bytes each."""

    def __init__(self) -> None:
        self._neuron = np.empty(_FIRST_CAPACITY, np.int32)
        self._step = np.empty(_FIRST_CAPACITY, np.int64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def neuron(self) -> npt.NDArray[np.int32]:
        """Who fired, shape (spikes,); a view that the next `append` may leave behind."""
        return self._neuron[: self._size]

    @property
    def step(self) -> npt.NDArray[np.int64]:
        """The grid point of each spike, shape (spikes,); a view likewise."""
        return self._step[: self._size]

    def append(self, step: int, neurons: npt.NDArray[np.int32]) -> None:
        """Add the spikes of one step, neurons in ascending order."""
        self._add(step, neurons)

    def extend(self, steps: npt.NDArray[np.int64], neurons: npt.NDArray[np.int32]) -> None:
        """Add the spikes of several steps, shape (spikes,) each, in the order of step and neuron."""
        self._add(steps, neurons)

    def _add(self, step: int | npt.NDArray[np.int64], neurons: npt.NDArray[np.int32]) -> None:
        size = self._size + len(neurons)
        if size > len(self._neuron):
            capacity = max(size, 2 * len(self._neuron))
            self._neuron = np.concatenate([self.neuron, np.empty(capacity - self._size, np.int32)])
            self._step = np.concatenate([self.step, np.empty(capacity - self._size, np.int64)])
        self._neuron[self._size : size] = neurons
        self._step[self._size : size] = step
        self._size = size
