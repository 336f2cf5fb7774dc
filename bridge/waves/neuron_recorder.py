"""Waveforms of the neurons of a chip of cores: potentials, spikes and axon events under the network's own names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt
from vcd.writer import VCDWriter

from synaptile.swsim.base.whole_file import write_bytes

from .neuron_save import NeuronName, NeuronVariables, neuron_save_text
from .timebase import Timebase

__all__ = ["NeuronRecorder", "TickEvents"]

Ints = npt.NDArray[np.int64]
_TICK_BITS = 64
NOTHING = "z"


@dataclass(frozen=True)
class TickEvents:
    """What happened in a tick, in the order of the clock cycles.

    Attributes
    ----------
    number
        The tick's number.
    begin, end
        Its first clock cycle, and that of the next tick.
    spike_cycle, spike_neuron
        Shape (spikes,) each: the cycle in which a recorded neuron fired, and its number among the recorded ones.
    axon_cycle, axon_tile, axon
        Shape (events,) each: the cycle in which an event's packet arrived completely, its tile and its axon there.
    potentials
        Shape (recorded neurons,), in the unit of the potentials, as they are after the tick.
    """

    number: int
    begin: int
    end: int
    spike_cycle: Ints
    spike_neuron: Ints
    axon_cycle: Ints
    axon_tile: Ints
    axon: Ints
    potentials: npt.NDArray[np.float64]


class NeuronRecorder:
    """Writes a VCD with the neurons of a chip of cores; give it to a `Chip` on-chip as ``neuron_waves``.

    ``chip.tick`` is the number of the tick; it changes with a tick's first clock edge. Every recorded neuron has a
    scope ``chip.POPULATION.nINDEX`` with its potential ``v``, in mV or in the cell's own unit, as the core's memory has
    it from the end of a tick on, and ``spike``, which is 1 for the clock cycle in which the neuron fired. Every tile
    has ``chip.tile_ROW_COL.axon``: the axon for which an event arrives in a cycle, ``z`` without one. Only changes are
    written.

    Parameters
    ----------
    path
        The VCD to be written.
    clock_hz
        Clock frequency in Hz.
    start, stop
        The window: ticks whose first clock cycle is ``start`` or later, and before ``stop``; ``None`` for all.
    neurons
        How many neurons of each population are recorded, at most.

    Raises
    ------
    ValueError
        If the window, the clock or ``neurons`` makes no sense.
    """

    def __init__(
        self, path: str | Path, *, clock_hz: float, start: int = 0, stop: int | None = None, neurons: int = 16
    ) -> None:
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        if stop is not None and stop <= start:
            raise ValueError(f"stop must be greater than start, {start}, not {stop}")
        if neurons < 1:
            raise ValueError(f"neurons must be at least 1, not {neurons}")
        self.path = Path(path).absolute()  # a script may change the folder
        self.start, self.stop, self.neurons = start, stop, neurons
        self.timebase = Timebase(clock_hz)
        self._variables: NeuronVariables | None = None
        self._file: IO[str] | None = None
        self._writer: Any = None
        self._later: list[_Change] = []  # what changes in the first cycle of the next tick
        self._begin: int | None = None  # the first cycle written
        self._end = 0  # the first cycle of the tick after the last one written
        self._first_spike: int | None = None

    def chosen(self, names: Sequence[NeuronName]) -> Ints:
        """Return which of the neurons are recorded: the first ones of every population, shape (recorded,)."""
        count: dict[str, int] = {}
        chosen = []
        for number, name in enumerate(names):
            count[name.population] = count.get(name.population, 0) + 1
            if count[name.population] <= self.neurons:
                chosen.append(number)
        return np.array(chosen, dtype=np.int64)

    def wants(self, cycle: int) -> bool:
        """Whether a tick that begins in this cycle lies in the window."""
        return cycle >= self.start and (self.stop is None or cycle < self.stop)

    def begin(self, names: Sequence[NeuronName], rows: int, cols: int, axon_bits: int) -> None:
        """Open the file for these neurons, all of them recorded, on a chip of ``rows`` × ``cols`` tiles."""
        self.close()
        self._file = self.path.open("w", encoding="ascii")
        writer = self._writer = VCDWriter(
            self._file, timescale=self.timebase.unit, date="", version="synaptile", check_values=False
        )
        self._variables = variables = NeuronVariables.of(names, rows, cols, axon_bits)
        self._tick = writer.register_var("chip", "tick", "integer", _TICK_BITS)
        self._v = [writer.register_var(scope, "v", "real", init=0.0) for scope in variables.neurons]
        self._spike = [writer.register_var(scope, "spike", "wire", 1, 0) for scope in variables.neurons]
        self._axon = [writer.register_var(scope, "axon", "wire", axon_bits, NOTHING) for scope in variables.tiles]
        self._later, self._begin, self._end, self._first_spike = [], None, 0, None

    def tick(self, events: TickEvents) -> None:
        """Write a tick; one outside the window is left out. Raises ``OSError`` with the file's name."""
        if self._writer is None or not self.wants(events.begin):
            return
        changes = [*self._later, _Change(events.begin, self._tick, events.number)]
        for cycle, neuron in zip(events.spike_cycle.tolist(), events.spike_neuron.tolist(), strict=True):
            changes += _pulse(cycle, self._spike[neuron], 1, 0)
        for cycle, tile, axon in zip(
            events.axon_cycle.tolist(), events.axon_tile.tolist(), events.axon.tolist(), strict=True
        ):
            changes += _pulse(cycle, self._axon[tile], axon, NOTHING)
        changes += [_Change(events.end, v, mv) for v, mv in zip(self._v, events.potentials.tolist(), strict=True)]
        # Where a pulse begins as the one before ends, only the beginning is written.
        changes = list({(change.cycle, id(change.variable)): change for change in changes}.values())
        changes.sort(key=lambda change: change.cycle)
        self._later = [change for change in changes if change.cycle >= events.end]
        self._write([change for change in changes if change.cycle < events.end])
        self._begin = events.begin if self._begin is None else self._begin
        self._end = events.end
        if self._first_spike is None and len(events.spike_cycle):
            self._first_spike = events.begin

    def _write(self, changes: Sequence[_Change]) -> None:
        try:
            for change in changes:
                self._writer.change(change.variable, self.timebase.rise(change.cycle), change.value)
        except OSError as error:
            error.filename = str(self.path)
            raise

    def close(self) -> None:
        """Complete the file; before, it is a valid VCD that may lack the last changes."""
        if self._file is None:
            return
        try:
            self._write(self._later)
            self._writer.close(self.timebase.rise(self._end))
        finally:
            file, self._file, self._writer = self._file, None, None
            file.close()

    def finish(self) -> list[Path]:
        """Complete the file, write a GTKWave save beside it, and return both; none if nothing was begun.

        The save has the name of the VCD with the suffix ``.gtkw``; ``gtkwave NAME.gtkw`` in its folder opens both.
        """
        self.close()
        if self._variables is None:
            return []
        save = self.path.with_suffix(".gtkw")
        window = (self._begin or 0, self._end)
        text = neuron_save_text(self.path.name, self._variables, self.timebase, window, first_spike=self._first_spike)
        return [self.path, write_bytes(save, os.fsencode(text))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()


@dataclass(frozen=True)
class _Change:
    cycle: int
    variable: Any
    value: int | float | str


def _pulse(cycle: int, variable: Any, on: int, off: int | str) -> tuple[_Change, _Change]:
    """A value that a variable has for one cycle."""
    return _Change(cycle, variable, on), _Change(cycle + 1, variable, off)
