"""Synapses that have a state: what they share, and how the engine drives them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.parameter_rules import Rule
from .edge_list import Synapses
from .fan_out import FanOut
from .ring_buffer import RingBuffer

__all__ = ["Dynamics", "Index"]

Index = npt.NDArray[np.int64]
_NEVER = -(2**40)  # a step so long ago that nothing is left of it


class Dynamics(ABC):
    """n synapses of one kind.

    Parameters
    ----------
    synapses
        The connections. ``weight`` is kept as it is, not copied: plastic synapses write to it.
    parameters
        One array of shape (n,) for each of `PARAMETERS`.
    dt
        The time step in ms.
    stream
        Keys of shape (n,) for each synapse's own random numbers.

    Attributes
    ----------
    state
        Arrays of shape (n,) by name.
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = ()
    STATE: ClassVar[tuple[str, ...]] = ()
    RULES: ClassVar[tuple[Rule, ...]] = ()

    def __init__(
        self, synapses: Synapses, parameters: Mapping[str, Floats], dt: float, stream: npt.NDArray[np.uint64]
    ) -> None:
        self.synapses = synapses
        self.parameters = parameters
        self.dt = dt
        self.stream = stream
        self.state = {name: np.zeros(len(synapses)) for name in self.STATE}
        self.last = np.full(len(synapses), _NEVER, np.int64)

    @classmethod
    def check(cls, parameters: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` naming the first rule that the parameters break."""
        for rule in cls.RULES:
            rule(parameters)

    def prepare(self, tile: npt.NDArray[np.int32], line: RingBuffer) -> None:
        """Make ready for a network with that tile of each neuron, and that delay line."""
        self._routes = FanOut(self.synapses, tile, line.receptors)
        self._neurons = len(tile)
        self._port = self.synapses.receptor.astype(np.int64) * len(tile) + self.synapses.post

    def restart(self) -> None:
        """Forget all spikes, those under way included; the initial state is set from outside."""
        self.last[:] = _NEVER
        for array in self.state.values():
            array[:] = 0.0

    def initialize(self, name: str, values: Floats, step: int) -> None:
        """Set a state variable of all synapses at grid point ``step``."""
        self.state[name][:] = values

    def value(self, name: str, step: int) -> Floats:
        """A state variable of all synapses at grid point ``step``, as it was left by the last spike."""
        return self.state[name].copy()

    def begin(self, step: int, line: RingBuffer) -> None:
        """Do what is due at grid point ``step``, before the line advances to it; here nothing."""
        return

    def arrive(self, step: int, line: RingBuffer, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
        """Take presynaptic spikes that arrive at grid point ``step``, shape (arrivals,) each."""
        index = self._routes.synapses(neuron, tile)
        while len(index):
            # A packet that was held up may arrive together with the next one: one after the other.
            once, first = np.unique(index, return_index=True)
            if len(once) == len(index):
                self.transmit(step, line, index)
                return
            first.sort()
            self.transmit(step, line, index[first])
            index = np.delete(index, first)

    @abstractmethod
    def transmit(self, step: int, line: RingBuffer, index: Index) -> None:
        """Take a presynaptic spike at each of those synapses, all different, at grid point ``step``."""

    def fire(self, step: int, spikes: npt.NDArray[np.int32]) -> None:
        """Take all spikes at grid point ``step``, sorted neuron ids, as postsynaptic ones; here nothing."""
        return

    def settle(self, step: int) -> None:
        """Bring state and weights up to grid point ``step``, for somebody to look at; here they always are."""
        return

    def send(self, line: RingBuffer, index: Index, weight: Floats, delay: Index) -> None:
        """Put weights on their way to the neurons, ``delay`` steps from where the line is."""
        line.add(delay * line.ports + self._port[index], weight)

    def elapsed(self, step: int, index: Index) -> Floats:
        """Time in ms since the last spike that `transmit` took at those synapses."""
        return (step - self.last[index]).astype(np.float64) * self.dt
