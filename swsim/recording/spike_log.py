"""Every spike of the current segment, in compact arrays that grow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..kernels.cache import available, prepared

__all__ = ["SpikeLog"]

_FIRST_CAPACITY = 1024
_COMPILED_SELECTION = 1 << 20  # spikes, from which on loading the compiler pays


class SpikeLog:
    """Spikes in the order in which they were emitted: by step, then neuron. 12 bytes each.

    Several spikes of a source at one grid point are several entries.
    """

    def __init__(self) -> None:
        self._neuron = np.empty(_FIRST_CAPACITY, np.int32)
        self._step = np.empty(_FIRST_CAPACITY, np.int64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def neuron(self) -> npt.NDArray[np.int32]:
        """The neuron of each spike, shape (spikes,); a view that is out of date after the next `append`."""
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

    def of(self, first: int, size: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return neuron and grid point (a float) of all spikes of neurons ``first`` to ``first + size - 1``; copies."""
        if self._size > _COMPILED_SELECTION and available():
            from ..kernels import spike_selection

            (select,) = prepared(spike_selection, "select", what="the selection of spikes, once")
            # Memory that nothing is written to takes no room; what is too much of it is given back at once.
            ids, steps = np.empty(self._size + 1, np.int32), np.empty(self._size + 1)
            count = select(first, size, self.neuron, self.step, ids, steps)
            ids.resize(count, refcheck=False)
            steps.resize(count, refcheck=False)
            return ids, steps
        where = self.positions(first, size)
        return self.neuron[where], self.step[where].astype(np.float64)

    def positions(self, first: int, size: int) -> npt.NDArray[np.int64]:
        """Return the positions of all spikes of neurons ``first`` to ``first + size - 1``."""
        index = self.neuron - np.int32(first)
        # Ids before the first become numbers that are larger than any size.
        return np.flatnonzero(index.view(np.uint32) < np.uint32(size))

    def _add(self, steps: int | npt.NDArray[np.int64], neurons: npt.NDArray[np.int32]) -> None:
        if not len(neurons):
            return
        size = self._size + len(neurons)
        if size > len(self._neuron):
            capacity = max(size, 2 * len(self._neuron))
            # Memory that nothing is written to takes no room.
            neuron, step = np.empty(capacity, np.int32), np.empty(capacity, np.int64)
            neuron[: self._size] = self._neuron[: self._size]
            step[: self._size] = self._step[: self._size]
            self._neuron, self._step = neuron, step
        self._neuron[self._size : size] = neurons
        self._step[self._size : size] = steps
        self._size = size
