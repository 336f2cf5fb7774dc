"""The input that is under way to the neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .aligned import zeros

__all__ = ["DelayLine"]


class DelayLine:
    """Synaptic input that has not arrived yet: one row per coming step, one column per (receptor, neuron).

    The rows are a ring. That of now has been looked at and is cleared when the line advances; the one at a delay of d
    lies d rows further on.
    """

    def __init__(self, neurons: int, max_delay: int, receptors: int = 2) -> None:
        self.neurons = neurons
        self.max_delay = max_delay
        self.receptors = receptors
        self.ports = receptors * neurons
        self._rows = max_delay + 1
        self._flat = zeros(self._rows * self.ports)
        self.position = 0
        """The row of `buffer` that is now."""

    @property
    def buffer(self) -> npt.NDArray[np.float64]:
        """All rows, shape (rows, receptors, neurons): a window, to be written to."""
        return self._flat.reshape(self._rows, self.receptors, self.neurons)

    @property
    def coming(self) -> npt.NDArray[np.float64]:
        """What will arrive in the coming steps, shape (max_delay, receptors, neurons); a copy."""
        return self.buffer[(self.position + 1 + np.arange(self.max_delay)) % self._rows]

    def add(self, offset: npt.NDArray[Any], weight: npt.NDArray[np.float64], delay: int | None = None) -> None:
        """Add weights at ``delay * ports + receptor * neurons + neuron``, the delay counted from now.

        ``delay`` is that of all of them, if it is the same.
        """
        if delay is not None:
            row = (self.position + delay) % self._rows
            np.add.at(self._flat, offset + (row - delay) * self.ports, weight)
            return
        place = np.add(offset, self.position * self.ports, dtype=np.int64)
        np.subtract(place, len(self._flat), out=place, where=place >= len(self._flat))
        np.add.at(self._flat, place, weight)

    def stretch(self, offset: int, length: int) -> npt.NDArray[np.float64]:
        """The places side by side from ``delay * ports + receptor * neurons + neuron`` on, within one delay."""
        start = (offset + self.position * self.ports) % len(self._flat)
        return self._flat[start : start + length]

    def advance(self) -> npt.NDArray[np.float64]:
        """Go on by one step; return what arrives in it, shape (receptors, neurons), valid until the next call."""
        start = self.position * self.ports
        self._flat[start : start + self.ports] = 0.0
        self.position = self.position + 1 if self.position + 1 < self._rows else 0
        start = self.position * self.ports
        return self._flat[start : start + self.ports].reshape(self.receptors, self.neurons)

    def resized(self, neurons: int, max_delay: int, receptors: int = 2) -> DelayLine:
        """A line for at least as many neurons, receptors and as long delays, with the same input under way."""
        line = DelayLine(neurons, max(max_delay, self.max_delay), max(receptors, self.receptors))
        line.buffer[1 : self._rows, : self.receptors, : self.neurons] = self.coming
        return line
