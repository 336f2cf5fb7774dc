"""The neurons that are refractory, and for how long."""

from __future__ import annotations

from collections import deque

import numpy as np

from ..base.arrays import Ints

__all__ = ["Refractory", "UniformRefractory"]


class Refractory:
    """Refractory neurons, each for a time of its own.

    Parameters
    ----------
    refractory
        The steps that every neuron has left, shape (neurons,); kept up to date here.
    steps
        The length of every neuron's refractory period in steps, shape (neurons,).

    Attributes
    ----------
    index
        The neurons that are refractory in the present step, in any order.
    """

    def __init__(self, refractory: Ints, steps: Ints) -> None:
        self._refractory = refractory
        self._steps = steps
        self.index = np.empty(0, np.int64)

    def advance(self) -> None:
        """Go on by one step."""
        self.index = (self._refractory > 0).nonzero()[0]  # faster than to look for nonzero integers
        if len(self.index):
            self._refractory[self.index] -= 1

    def add(self, index: Ints) -> None:
        """Note that these have fired: their period begins with the next step."""
        self._refractory[index] = self._steps[index]

    def settle(self) -> None:
        """Bring ``refractory`` up to date: nothing to do, as `advance` keeps it so."""
        return


class UniformRefractory(Refractory):
    """The same where all periods are of one length: a queue, in which only those at the ends are looked at.

    ``refractory`` is only up to date after `settle`.
    """

    def __init__(self, refractory: Ints, steps: Ints) -> None:
        super().__init__(refractory, steps)
        self._length = int(steps[0])
        present = refractory.nonzero()[0]
        present = present[np.argsort(refractory[present], kind="stable")]
        # No neuron is in it twice, so that the first half is free whenever the second half is used up.
        self._queue = np.empty(2 * len(refractory), np.int64)
        self._queue[: len(present)] = present
        self._begin, self._end = 0, len(present)
        self._now = 0
        last, count = np.unique(refractory[present], return_counts=True)
        self._last = deque(zip(last.tolist(), count.tolist(), strict=True))
        """The last step of those at the head of the queue, and how many they are; and so on."""

    @staticmethod
    def suits(refractory: Ints, steps: Ints) -> bool:
        """Return whether all periods to come are of one length, and none under way is longer."""
        return bool(len(steps)) and bool((steps == steps[0]).all() and (refractory <= steps[0]).all())

    def advance(self) -> None:
        """Go on by one step: take those whose period has ended from the head of the queue."""
        self._now += 1
        while self._last and self._last[0][0] < self._now:
            self._begin += self._last.popleft()[1]
        self.index = self._queue[self._begin : self._end]

    def add(self, index: Ints) -> None:
        """Append those that have fired to the queue."""
        if not self._length:
            return
        if self._end + len(index) > len(self._queue):
            left = self._end - self._begin
            self._queue[:left] = self._queue[self._begin : self._end]
            self._begin, self._end = 0, left
        end = self._end + len(index)
        self._queue[self._end : end] = index
        self._end = end
        self._last.append((self._now + self._length, len(index)))

    def settle(self) -> None:
        """Write the steps that are left to ``refractory``, from the queue."""
        self._refractory[:] = 0
        begin = self._begin
        for last, count in self._last:
            self._refractory[self._queue[begin : begin + count]] = max(0, last - self._now)
            begin += count
