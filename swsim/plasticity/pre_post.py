"""Synapses that see the spikes of both sides, each at its own time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index
from ..base.group_by import Grouping
from ..synapses.dynamics import Dynamics
from ..synapses.edge_list import Synapses
from ..synapses.ring_buffer import RingBuffer
from .compiled_pre_post import Side

__all__ = ["PrePost"]


class PrePost(Dynamics):
    """Synapses whose delay is in part axonal and in part dendritic.

    A presynaptic spike is at the synapse after the axonal part of the delay, ``delay (1 - dendritic_delay_fraction)``
    to the nearest step, and a postsynaptic spike after the dendritic rest. At one step the synapse takes first the
    postsynaptic spikes that come through the dendrite, then the presynaptic one, and last a postsynaptic spike without
    dendritic delay. Several presynaptic spikes at one step are taken one after the other.

    Where inhibition is a current, and weights are ``negative``, all rules are about their size.

    Attributes
    ----------
    sign
        -1 where weights are negative, else 1.
    axonal, dendritic
        The parts of each delay in steps, shape (n,).
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = ("dendritic_delay_fraction",)

    def __init__(
        self,
        synapses: Synapses,
        parameters: Mapping[str, Floats],
        dt: float,
        stream: npt.NDArray[np.uint64],
        *,
        negative: bool = False,
    ) -> None:
        super().__init__(synapses, parameters, dt, stream)
        self.sign = -1.0 if negative else 1.0
        delay = synapses.delay.astype(np.int64)
        self.axonal = np.rint(delay * (1.0 - parameters.get("dendritic_delay_fraction", 1.0))).astype(np.int64)
        self.dendritic = delay - self.axonal
        self._due: dict[Side, dict[int, list[Index]]] = {"pre": {}, "post": {}}
        self.forget()

    def forget(self) -> None:
        """Begin with no spike on either side, from the present weights; called by the constructor and `restart`."""
        for calendar in self._due.values():
            calendar.clear()

    def due(self, side: Side) -> Mapping[int, Sequence[Index]]:
        """Return the synapses that will see spikes of a side, by grid point: lists of the spikes of a step each."""
        return self._due[side]

    def set_due(self, due: Mapping[Side, dict[int, list[Index]]]) -> None:
        """Replace what `due` returns, for both sides."""
        self._due = dict(due)

    def prepare(self, tile: npt.NDArray[np.int32], buffer: RingBuffer) -> None:
        """Make ready as `Dynamics.prepare`; the synapses may lie elsewhere now."""
        super().prepare(tile, buffer)
        self._columns: Grouping | None = None

    @property
    def _onto(self) -> Grouping:
        """The synapses by postsynaptic neuron; the compiled loop does not need them."""
        if self._columns is None:
            self._columns = Grouping(self.synapses.post.astype(np.int64))
        return self._columns

    def restart(self) -> None:
        """Forget all spikes, those between neuron and synapse included."""
        super().restart()
        self.forget()

    def begin(self, step: int, buffer: RingBuffer) -> None:
        """Take the spikes that are at the synapse at grid point ``step`` after a delay of their own."""
        for index in self._due["post"].pop(step, ()):
            self._take_post(step, index)
        for index in self._due["pre"].pop(step, ()):
            # The buffer is still at the step before.
            self._take_pre(step, buffer, index, self.dendritic[index] + 1)

    def transmit(self, step: int, buffer: RingBuffer, index: Index) -> None:
        """Take presynaptic spikes after the axonal part of their delay: now, or by a later `begin`."""
        now = self._schedule("pre", step, index, self.axonal[index])
        self._take_pre(step, buffer, now, self.dendritic[now])

    def fire(self, step: int, spikes: npt.NDArray[np.int32]) -> None:
        """Take postsynaptic spikes after the dendritic part of the delay: now, or by a later `begin`."""
        if not len(spikes):
            return
        index = self._onto.positions(spikes.astype(np.int64))
        self._take_post(step, self._schedule("post", step, index, self.dendritic[index]))

    def _schedule(self, side: Side, step: int, index: Index, delay: Index) -> Index:
        """Note when those synapses see a spike; return those that see it now."""
        calendar = self._due[side]
        for steps in np.unique(delay[delay > 0]):
            calendar.setdefault(step + int(steps), []).append(index[delay == steps])
        return index[delay == 0]

    def size(self, index: Index) -> Floats:
        """Return the weights of those synapses without their sign."""
        return self.sign * self.synapses.weight[index]

    def _take_pre(self, step: int, buffer: RingBuffer, index: Index, delay: Index) -> None:
        if len(index):
            self.send(buffer, index, self.on_presynaptic(step, index), delay)

    def _take_post(self, step: int, index: Index) -> None:
        if len(index):
            self.on_postsynaptic(step, index)

    @abstractmethod
    def on_presynaptic(self, step: int, index: Index) -> Floats:
        """Take a presynaptic spike at ``step`` at those synapses, all different; return the weights that act."""

    @abstractmethod
    def on_postsynaptic(self, step: int, index: Index) -> None:
        """Take a postsynaptic spike at ``step`` at those synapses, all different."""
