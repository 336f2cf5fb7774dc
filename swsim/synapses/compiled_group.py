"""Synapses with a state in the compiled loop: a kernel, the arrays that it works on, and the way back to NumPy.

A kernel is called at the address of a *frame*, in which are numbers that the loop sets and, two words each, the
addresses and lengths of the arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats, Index, Ints
from .edge_list import Synapses
from .ring_buffer import RingBuffer

__all__ = ["HEADER", "Arrivals", "CompiledGroup", "StatefulSynapses", "frame_length"]

HEADER = ("phase", "step", "base", "line", "line_size", "ports", "spikes", "spike_count", "fired", "fired_count")
"""The numbers at the beginning of a frame: whether spikes arrive (1) or those of earlier steps are due (0), the grid
point, the index in the ring buffer from which delays are counted, the address and the size of that, the size of one of
its rows, the address and the number of the spikes that arrive, and those of the neurons that fire."""

_LINE = HEADER.index("line")
Ids = npt.NDArray[np.int32]


def frame_length(arrays: Sequence[str]) -> int:
    """Return the length of a frame with arrays of those names."""
    return len(HEADER) + 2 * len(arrays)


class Arrivals:
    """What presynaptic spikes are numbered by where hardware carries them: neuron and tile, instead of neuron.

    Parameters
    ----------
    neuron, tile
        See `cosim.Carrier`, shape (numbers,).
    of_neuron
        The tile of each neuron, shape (neurons,).
    """

    def __init__(self, neuron: Ids, tile: Ids, of_neuron: Ids) -> None:
        self._of_neuron = of_neuron.astype(np.int64)
        self._tiles = int(max(tile.max(initial=0), of_neuron.max(initial=0))) + 1
        self._keys = neuron.astype(np.int64) * self._tiles + tile

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, pre: Ids, post: Ids) -> Index:
        """Return the number of the arrivals at each synapse; ``ValueError`` if there is none."""
        wanted = pre.astype(np.int64) * self._tiles + self._of_neuron[post]
        found = np.searchsorted(self._keys, wanted)
        if len(wanted) and not (found.max() < len(self) and np.array_equal(self._keys[found], wanted)):
            raise ValueError("hardware must know of all tiles on which a neuron has synapses")
        return found


class StatefulSynapses(Protocol):
    """What a compiled group needs of its synapses, see `dynamics.Dynamics`."""

    PARAMETERS: ClassVar[tuple[str, ...]]
    STATE: ClassVar[tuple[str, ...]]
    synapses: Synapses
    parameters: dict[str, Floats]
    dt: float
    stream: npt.NDArray[np.uint64]
    state: dict[str, Floats]
    last: Ints
    holder: CompiledGroup | None

    @property
    def kernel(self) -> str | None:
        """The name of the kernel."""

    def own_kernel(self) -> Any:
        """Return the kernel, where there is no name of one."""

    def recall(self) -> None:
        """Take the state back, if the compiled loop has it."""


class CompiledGroup(ABC):
    """A group of synapses for its kernel, with a frame for each thread: that of the synapses onto its neurons.

    It has the state of the group from `take` to `give_back`; weights, and what else synapses have one by one, stay
    where they are, and the kernel writes to them there.

    Parameters
    ----------
    group
        The synapses, prepared.
    bounds
        The neurons at which one thread ends and the next begins, shape (threads + 1,).
    buffer
        The ring buffer, or one of the same size.
    arrivals
        What presynaptic spikes are numbered by; by default by neuron.

    Attributes
    ----------
    step
        The grid point that the kernel has reached; whoever runs it sets that.
    """

    ARRAYS: tuple[str, ...] = ()
    """The arrays of a frame, in its order."""

    def __init__(
        self, group: StatefulSynapses, bounds: Ints, buffer: RingBuffer, arrivals: Arrivals | None = None
    ) -> None:
        pre, post = group.synapses.pre, group.synapses.post
        self._pre: Index = pre.astype(np.int64) if arrivals is None else arrivals.of(pre, post)
        self._senders = buffer.neurons if arrivals is None else len(arrivals)
        self._group = group
        self._neurons = buffer.neurons
        self._ports = buffer.ports
        self.step = 0
        self._thread = np.searchsorted(bounds[1:-1], group.synapses.post, side="right")
        self._arrays: list[dict[str, Any]] = [{} for _ in bounds[1:]]
        self._seen: tuple[Any, ...] = ()
        self._frames: list[Ints] = []

    def edges(self, thread: int) -> Index:
        """Return the synapses onto the neurons of a thread."""
        return np.flatnonzero(self._thread == thread)

    @property
    def kernel(self) -> str | None:
        """The name of the kernel, if it has one, see `own_kernel`."""
        return self._group.kernel

    def own_kernel(self) -> Any:
        """Return the kernel, where there is no name of one."""
        return self._group.own_kernel()

    def hold(self, step: int) -> None:
        """Have the state of the group at grid point ``step``, with its parameters as they are now."""
        seen = (*self._group.parameters.values(), self._group.synapses.weight, self._group.stream)
        if self._group.holder is self and all(a is b for a, b in zip(seen, self._seen, strict=True)):
            return
        self._group.recall()
        self._seen = seen
        self.step = step
        for arrays in self._arrays:
            arrays.clear()
        self.take()
        self._frames = []
        self._group.holder = self

    def frames(self, line: Floats, most: int) -> list[Ints]:
        """Return a frame for each thread, for steps with at most so many spikes; good until the next call of `hold`.

        ``line`` is the array of the ring buffer.
        """
        if self.reserve(most) or not self._frames:
            self._frames = [_frame(arrays, self.ARRAYS) for arrays in self._arrays]
        for frame in self._frames:
            frame[_LINE : _LINE + 3] = line.ctypes.data, line.size, self._ports
        return self._frames

    def reserve(self, most: int) -> bool:
        """Make room for steps with at most so many spikes; return whether arrays have been replaced. By default not."""
        return False

    @property
    def has_due(self) -> bool:
        """Whether spikes may be at synapses later than in their own step; by default not."""
        return False

    @abstractmethod
    def take(self) -> None:
        """Write the arrays of each thread, `ARRAYS`, from the state of the group at grid point ``step``."""

    @abstractmethod
    def give_back(self) -> None:
        """Set the state of the group to that of grid point ``step``."""


def _frame(arrays: Mapping[str, Any], names: Sequence[str]) -> Ints:
    frame = np.zeros(frame_length(names), np.int64)
    for k, name in enumerate(names):
        array = arrays[name]
        assert array.flags.c_contiguous, name
        frame[len(HEADER) + 2 * k] = array.ctypes.data
        frame[len(HEADER) + 2 * k + 1] = array.size
    return frame
