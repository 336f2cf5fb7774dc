"""The input that is under way to the neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.arrays import zeros

__all__ = ["RingBuffer"]


class RingBuffer:
    """Synaptic input that has not arrived yet: one row per coming step, one column per (receptor, neuron).

    The row of the present step has been read and is cleared when the buffer advances; that at a delay of d lies d rows
    further on, and after the last row comes the first.
    """

    def __init__(self, neurons: int, max_delay: int, receptors: int = 2) -> None:
        self.neurons = neurons
        self.max_delay = max_delay
        self.receptors = receptors
        self.ports = receptors * neurons
        self._rows = max_delay + 1
        self._flat = zeros(self._rows * self.ports)
        self.buffer = self._flat.reshape(self._rows, receptors, neurons)
        """All rows, shape (rows, receptors, neurons): a window, to be written to."""
        # Each row as it is read, written to, and cleared, which is fastest byte by byte.
        self._read = list(self.buffer)
        self._written = list(self._flat.reshape(self._rows, self.ports))
        self._bytes = [row.view(np.uint8) for row in self._written]
        self.position = 0
        """The row of `buffer` of the present step."""

    @property
    def coming(self) -> npt.NDArray[np.float64]:
        """The input of the coming steps, shape (max_delay, receptors, neurons); a copy."""
        return self.buffer[(self.position + 1 + np.arange(self.max_delay)) % self._rows]

    def add_at(self, delay: int, port: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]) -> None:
        """Add weights at ``receptor * neurons + neuron``, all of one delay from now."""
        np.add.at(self._written[(self.position + delay) % self._rows], port, weight)

    def add(self, offset: npt.NDArray[Any], weight: npt.NDArray[np.float64]) -> None:
        """Add weights at ``delay * ports + receptor * neurons + neuron``, the delay counted from now."""
        # Indices below 0 are counted from the end: no need to look for those that go beyond it.
        index = offset.astype(np.int64, copy=False) + (self.position * self.ports - len(self._flat))
        np.add.at(self._flat, index, weight)

    def stretch(self, offset: int, length: int) -> npt.NDArray[np.float64]:
        """Return a window on ``length`` neighbours from ``delay * ports + receptor * neurons + neuron`` on."""
        start = (offset + self.position * self.ports) % len(self._flat)
        return self._flat[start : start + length]

    def advance(self) -> npt.NDArray[np.float64]:
        """Go on by one step; return its input, shape (receptors, neurons), valid until the next call."""
        self._bytes[self.position].fill(0)
        self.position = self.position + 1 if self.position + 1 < self._rows else 0
        return self._read[self.position]

    def resized(self, neurons: int, max_delay: int, receptors: int = 2) -> RingBuffer:
        """Return a buffer for at least as many neurons, receptors and as long delays, with the same input under way."""
        buffer = RingBuffer(neurons, max(max_delay, self.max_delay), max(receptors, self.receptors))
        buffer.buffer[1 : self._rows, : self.receptors, : self.neurons] = self.coming
        return buffer
