"""Synapses that see the spikes of both sides, each at its own time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.group_by import Grouping
from ..synapses.dynamics import Dynamics, Index
from ..synapses.edge_list import Synapses
from ..synapses.ring_buffer import RingBuffer

__all__ = ["PrePost"]


class PrePost(Dynamics):
    """Synapses whose delay is in part axonal and in part dendritic.

    A presynaptic spike is at the synapse after the axonal part of the delay, ``delay (1 - dendritic_delay_fraction)``
    to the nearest step, and a postsynaptic spike after the dendritic rest. At one step the synapse takes first the
    postsynaptic spikes that come through the dendrite, then the presynaptic one, and last a postsynaptic spike without
    dendritic delay.
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = ("dendritic_delay_fraction",)

    def __init__(
        self, synapses: Synapses, parameters: Mapping[str, Floats], dt: float, stream: npt.NDArray[np.uint64]
    ) -> None:
        super().__init__(synapses, parameters, dt, stream)
        delay = synapses.delay.astype(np.int64)
        self._axonal = np.rint(delay * (1.0 - parameters["dendritic_delay_fraction"])).astype(np.int64)
        self._dendritic = delay - self._axonal
        self._due: dict[str, dict[int, list[Index]]] = {"pre": {}, "post": {}}

    def prepare(self, tile: npt.NDArray[np.int32], line: RingBuffer) -> None:
        """See `Dynamics.prepare`."""
        super().prepare(tile, line)
        self._onto = Grouping(self.synapses.post.astype(np.int64))

    def restart(self) -> None:
        """See `Dynamics.restart`."""
        super().restart()
        for calendar in self._due.values():
            calendar.clear()

    def begin(self, step: int, line: RingBuffer) -> None:
        """See `Dynamics.begin`."""
        for index in self._due["post"].pop(step, ()):
            self._take_post(step, index)
        for index in self._due["pre"].pop(step, ()):
            # The line is still at the step before.
            self._take_pre(step, line, index, self._dendritic[index] + 1)

    def transmit(self, step: int, line: RingBuffer, index: Index) -> None:
        """See `Dynamics.transmit`."""
        now = self._schedule("pre", step, index, self._axonal[index])
        self._take_pre(step, line, now, self._dendritic[now])

    def fire(self, step: int, spikes: npt.NDArray[np.int32]) -> None:
        """See `Dynamics.fire`."""
        index = self._onto.positions(spikes.astype(np.int64))
        self._take_post(step, self._schedule("post", step, index, self._dendritic[index]))

    def _schedule(self, side: str, step: int, index: Index, delay: Index) -> Index:
        """Note when those synapses see a spike; return those that see it now."""
        calendar = self._due[side]
        for steps in np.unique(delay[delay > 0]):
            calendar.setdefault(step + int(steps), []).append(index[delay == steps])
        return index[delay == 0]

    def _take_pre(self, step: int, line: RingBuffer, index: Index, delay: Index) -> None:
        if len(index):
            self.send(line, index, self.on_presynaptic(step, index), delay)

    def _take_post(self, step: int, index: Index) -> None:
        if len(index):
            self.on_postsynaptic(step, index)

    @abstractmethod
    def on_presynaptic(self, step: int, index: Index) -> Floats:
        """Take a presynaptic spike at ``step`` at those synapses, all different; return the weights that act."""

    @abstractmethod
    def on_postsynaptic(self, step: int, index: Index) -> None:
        """Take a postsynaptic spike at ``step`` at those synapses, all different."""
