"""Synapses that have a state: their common ground, and how the engine drives them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index, Ints
from ..base.parameter_rules import Rule
from .compiled_group import Arrivals, CompiledGroup
from .edge_list import Synapses
from .fan_out import FanOut
from .ring_buffer import RingBuffer

__all__ = ["LONG_AGO", "Dynamics"]

LONG_AGO = -(2**40)
"""The step of the last spike where there was none: nothing is left of it."""


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
    holder
        What has the state while the compiled loop runs, and until it is asked for; None if it is here.
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = ()
    STATE: ClassVar[tuple[str, ...]] = ()
    VARIABLES: ClassVar[tuple[str, ...] | None] = None
    """State variables that a user may initialise and read, all of `STATE` by default; see `initialize` and `value`."""
    RULES: ClassVar[tuple[Rule, ...]] = ()
    KERNEL: ClassVar[str | None] = None
    """See `kernel`; a subclass does not inherit it, as it may do other things."""
    COMPILED: ClassVar[type[CompiledGroup] | None] = None
    """The group with its `kernel`, if there is one."""

    def __init__(
        self, synapses: Synapses, parameters: Mapping[str, Floats], dt: float, stream: npt.NDArray[np.uint64]
    ) -> None:
        self.synapses = synapses
        self.parameters = dict(parameters)
        self.dt = dt
        self.stream = stream
        self.state = {name: np.zeros(len(synapses)) for name in self.STATE}
        self.last = np.full(len(synapses), LONG_AGO, np.int64)
        self.holder: CompiledGroup | None = None
        self._routes: FanOut | None = None

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Return the names that `initialize` and `value` know."""
        return cls.STATE if cls.VARIABLES is None else cls.VARIABLES

    @classmethod
    def check(cls, parameters: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` naming the first rule that the parameters break."""
        for rule in cls.RULES:
            rule(parameters)

    def prepare(self, tile: npt.NDArray[np.int32], buffer: RingBuffer) -> None:
        """Make ready for a network with that tile of each neuron, and that ring buffer."""
        self.recall()
        self._tile, self._receptors, self._routes = tile, buffer.receptors, None
        self._port = self.synapses.receptor.astype(np.int64) * len(tile) + self.synapses.post

    @property
    def _fan_out(self) -> FanOut:
        """The synapses by presynaptic neuron and tile; the compiled loop does not need them."""
        if self._routes is None:
            self._routes = FanOut(self.synapses, self._tile, self._receptors)
        return self._routes

    @property
    def kernel(self) -> str | None:
        """The name of the kernel that does the same in the compiled loop, see `compiled_group`; None without one."""
        kernel: str | None = vars(type(self)).get("KERNEL")
        return kernel

    @property
    def has_kernel(self) -> bool:
        """Whether there is a `kernel`, or an `own_kernel`."""
        return self.kernel is not None

    def own_kernel(self) -> Any:
        """Return the kernel of synapses that have one and no name of one."""
        raise TypeError(f"{type(self).__name__} has no kernel of its own")

    def compiled(self, bounds: Ints, buffer: RingBuffer, arrivals: Arrivals | None = None) -> CompiledGroup:
        """Return the group for the compiled loop, with the neurons of each thread; it must have a kernel."""
        assert self.COMPILED is not None
        return self.COMPILED(self, bounds, buffer, arrivals)

    def refresh(self) -> None:
        """Bring the state up to date, if the compiled loop has it, which may go on with it."""
        if self.holder is not None:
            self.holder.give_back()

    def recall(self) -> None:
        """Take the state back, if the compiled loop has it."""
        self.refresh()
        self.holder = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        self.recall()
        copy = type(self).__new__(type(self))
        memo[id(self)] = copy
        copy.__dict__.update(deepcopy(self.__dict__, memo))
        return copy

    def restart(self) -> None:
        """Forget all spikes, those under way included; the initial state is set from outside."""
        self.holder = None
        self.last[:] = LONG_AGO
        for array in self.state.values():
            array[:] = 0.0

    def initialize(self, name: str, values: Floats, step: int) -> None:
        """Set a state variable of all synapses at grid point ``step``; ``ValueError`` if it cannot be so."""
        self.recall()
        self.state[name][:] = values

    def value(self, name: str, step: int) -> Floats:
        """Return a state variable of all synapses at grid point ``step``, as the last spike has left it."""
        self.refresh()
        return self.state[name].copy()

    def begin(self, step: int, buffer: RingBuffer) -> None:
        """Do what is due at grid point ``step``, before the buffer advances to it; by default nothing."""
        return

    def arrive(self, step: int, buffer: RingBuffer, neuron: npt.NDArray[np.int32], tile: npt.NDArray[np.int32]) -> None:
        """Take presynaptic spikes that arrive at grid point ``step``, shape (arrivals,) each.

        Several at one synapse are taken one after the other: of a source that fired so often, or of a packet that was
        held up and arrives together with the next one.
        """
        if not len(neuron):
            return
        index = self._fan_out.synapses(neuron, tile)
        while len(index):
            once, first = np.unique(index, return_index=True)
            if len(once) == len(index):
                self.transmit(step, buffer, index)
                return
            first.sort()
            self.transmit(step, buffer, index[first])
            index = np.delete(index, first)

    @abstractmethod
    def transmit(self, step: int, buffer: RingBuffer, index: Index) -> None:
        """Take a presynaptic spike at each of those synapses, all different, at grid point ``step``."""

    def fire(self, step: int, spikes: npt.NDArray[np.int32]) -> None:
        """Take all spikes at grid point ``step``, sorted neuron ids, as postsynaptic ones; by default nothing."""
        return

    def settle(self, step: int) -> None:
        """Bring state and weights up to grid point ``step`` before they are read; by default they always are."""
        return

    def send(self, buffer: RingBuffer, index: Index, weight: Floats, delay: Index) -> None:
        """Put weights on their way to the neurons, ``delay`` steps from where the buffer is."""
        buffer.add(delay * buffer.ports + self._port[index], weight)

    def reward(self, step: int, amount: float) -> None:
        """Raise the reward of all synapses at grid point ``step``; ``TypeError`` where there is none, as by default."""
        raise TypeError(f"{type(self).__name__} has no reward")

    def elapsed(self, step: int, index: Index) -> Floats:
        """Return the time in ms since the last spike that `transmit` took at those synapses."""
        return (step - self.last[index]).astype(np.float64) * self.dt
