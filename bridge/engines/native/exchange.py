"""A network in lock-step with a compiled chip, as Python and other compiled code call it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..base import Ints, Packets
from ..ledger import HardwareFault
from .library import NativeChip, pointer_to

__all__ = ["NativeExchange", "SpikeTable"]

Ids = npt.NDArray[np.int32]

_REFUSED, _BROKEN, _PAUSED = 1, 2, 3
_PAUSE = ctypes.CFUNCTYPE(ctypes.c_int)
_STATE, _STEP, _SPIKES, _SPIKE_COUNT, _OUTCOME, _ARRIVALS, _ARRIVAL_COUNT = range(7)


@dataclass(frozen=True)
class SpikeTable:
    """Where the spikes of a network go.

    Attributes
    ----------
    start, tile
        Shapes (neurons + 1,) and (pairs,): those of neuron i go to ``tile[start[i]:start[i + 1]]``, ascending, its own
        tile included where it has synapses there. The numbers of these pairs are those of arrivals.
    own
        Shape (neurons,): each neuron's tile.
    rank
        Shape (neurons,): the order of the spikes of a step, all different.
    key
        Shape (neurons,): each neuron's multicast key; None without.
    cycles_per_step
        Cycles of a step.
    """

    start: Ints
    tile: Ids
    own: Ids
    rank: Ids
    key: Ints | None
    cycles_per_step: int


class NativeExchange:
    """A chip that takes a network's spikes, and gives back what arrives, step by step.

    Parameters
    ----------
    chip
        The chip; packets may be injected and cycles run besides.
    table
        Where spikes go.
    most
        Number of packets that can wait or be in the network at a time.
    milliseconds
        Time after which ``pause`` is called, and again after as much.
    pause
        What to do then; what it raises ends the step, and is raised by `check`.
    """

    def __init__(
        self, chip: NativeChip, table: SpikeTable, *, most: int, milliseconds: int, pause: Callable[[], None]
    ) -> None:
        self._handle: int | None = None
        self._most = most
        self._chip = chip
        self._errors: list[BaseException] = []
        self._library = chip.library

        errors = self._errors  # not this object, which would be in a cycle then

        def call() -> int:
            # An exception cannot go through compiled code.
            try:
                pause()
            except BaseException as error:
                errors.append(error)
                return 1
            return 0

        self._pause = _PAUSE(call)
        columns = [
            np.ascontiguousarray(values, kind)
            for values, kind in (
                (table.start, np.int64), (table.tile, np.int32), (table.own, np.int32), (table.rank, np.int32),
            )
        ]  # fmt: skip
        key = None if table.key is None else np.ascontiguousarray(table.key, np.int64)
        self._handle = self._library.exchange_new(
            chip.handle,
            table.cycles_per_step,
            len(table.own),
            *map(pointer_to, columns),
            None if key is None else pointer_to(key),
            most,
            milliseconds,
            ctypes.cast(self._pause, ctypes.c_void_p),
        )
        if not self._handle:
            raise MemoryError(f"not enough memory for the destinations of {len(table.own)} neurons")
        self._desk = np.zeros(7, np.int64)
        self._desk[_STATE] = self._handle

    def __del__(self) -> None:
        if self._handle:
            self._library.exchange_free(self._handle)

    @property
    def address(self) -> int:
        """The address of the function, see `synaptile.swsim.cosim.Carrier`."""
        return ctypes.cast(self._library.exchange_step, ctypes.c_void_p).value or 0

    @property
    def state(self) -> int:
        """What the function is called for."""
        return self._handle or 0

    def __call__(self, step: int, spikes: Ids) -> Ids:
        """Send a step's spikes, run to its end, and return the numbers of the pairs that arrived, ascending.

        Raises as `check` does.
        """
        spikes = np.ascontiguousarray(spikes, np.int32)
        desk = self._desk
        desk[_STEP], desk[_SPIKES], desk[_SPIKE_COUNT] = step, spikes.ctypes.data, len(spikes)
        self._library.exchange_step(pointer_to(desk))
        self.check(int(desk[_OUTCOME]))
        count = int(desk[_ARRIVAL_COUNT])
        if not count:
            return np.empty(0, np.int32)
        return np.ctypeslib.as_array(ctypes.cast(int(desk[_ARRIVALS]), ctypes.POINTER(ctypes.c_int32)), (count,)).copy()

    def check(self, outcome: int) -> None:
        """Raise what kept a step from its end, by what the function left as its outcome.

        Raises
        ------
        ValueError
            If the packets would be more than can be under way.
        HardwareFault
            If the circuit is at fault.
        MemoryError
            If there is not enough memory.
        """
        if outcome == _REFUSED:
            raise ValueError(f"at most {self._most} packets can wait or be in the network at a time")
        if outcome == _BROKEN:
            raise HardwareFault(self._chip.fault)
        if outcome == _PAUSED:
            raise self._errors.pop()
        if outcome:
            raise MemoryError("not enough memory for the packets of a step")

    def take_packets(self) -> Packets:
        """The packets sent since the last call, in their order."""
        count = self._library.exchange_packets(self._handle)
        columns = np.empty((7, count), np.int64)
        self._library.exchange_take_packets(self._handle, count, pointer_to(columns))
        return Packets(*columns)

    @property
    def spikes_sent(self) -> int:
        """The number of spikes whose packets have not been taken."""
        return int(self._library.exchange_sent(self._handle))
