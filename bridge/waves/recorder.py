"""Waveforms: the chip's signals, decoded, as a VCD with true time stamps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from amaranth.hdl import Cat, Value
from vcd.writer import VCDWriter

from ..engines.probes import ARRIVAL, SPIKE, Nodes, Probe, views
from .decoder import NOTHING, Decoder, Variable, decoder_of
from .gtkwave import write_save
from .timebase import Timebase

__all__ = ["VcdRecorder", "decoders_of"]

_CYCLE_BITS = 64


def decoders_of(mesh: Nodes, tiles: Collection[tuple[int, int]] | None = None) -> list[list[Decoder]]:
    """Make decoders for all views of each node that has some tiles (row, col) in it, by default of all nodes.

    Raises ``ValueError`` for a tile that is not on the mesh.
    """
    rows, cols = mesh.params.rows, mesh.params.cols
    for row, col in tiles or ():
        if not (0 <= row < rows and 0 <= col < cols):
            raise ValueError(f"tiles must lie on the {rows}x{cols} mesh, not {(row, col)}")
    chosen = range(rows * cols) if tiles is None else sorted({row * cols + col for row, col in tiles})
    members: dict[int, list[int]] = {}
    for node, member in sorted(map(mesh.params.interconnect.locate, chosen)):
        members.setdefault(node, []).append(member)
    return [[decoder_of(view) for view in views(mesh, node, some)] for node, some in members.items()]


class VcdRecorder:
    """Writes signals to a VCD as the run goes on; give it to an engine, or a chip, as ``waves``.

    The value that a signal has in cycle c is written at the true time of the clock edge with which the cycle begins
    (see `Timebase`); the clock falls half a period later. Where the engine skips idle cycles, the clock stands still.
    Only changes are written, so the file grows with the traffic and memory does not grow at all. ``chip.cycle`` is
    the number of the cycle; every other variable belongs to a tile (see `synaptile.bridge.waves.decoder`).

    A variable is ``z`` where it has no meaning: a payload without a flit, a neuron in a body flit, the owner of an
    output that is not held.

    Parameters
    ----------
    path
        The VCD to be written. If the recorder is given to a second engine, the file starts anew.
    clock_hz
        Clock frequency in Hz.
    start, stop
        The window: cycles from ``start`` on, before ``stop``; ``None`` for all.
    tiles
        (row, col) of the tiles to be recorded; ``None`` for all.

    Attributes
    ----------
    first_activity, first_delivery
        The first cycles in the window in which a tile sends a spike, and in which one receives one; ``None`` before.

    Raises
    ------
    ValueError
        If the window or the clock makes no sense; with an engine, if a tile is not on its mesh.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        clock_hz: float,
        start: int = 0,
        stop: int | None = None,
        tiles: Collection[tuple[int, int]] | None = None,
    ) -> None:
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        if stop is not None and stop <= start:
            raise ValueError(f"stop must be greater than start, {start}, not {stop}")
        if tiles is not None and not tiles:
            raise ValueError("tiles must name at least one tile, or be None for all")
        self.path = Path(path).absolute()  # a script may change the folder
        self.start = start
        self.stop = stop
        self.timebase = Timebase(clock_hz)
        self.first_activity: int | None = None
        self.first_delivery: int | None = None
        self._tiles = tiles
        self._decoders: list[list[Decoder]] = []
        self._read: list[list[Decoder]] = []  # those whose signals are not also another decoder's
        self._seen: list[list[int | None]] = []
        self._file: IO[str] | None = None
        self._writer: Any = None
        self._last: int | None = None

    @property
    def variables(self) -> list[Variable]:
        """Every variable of every recorded tile."""
        return [variable for tile in self._decoders for decoder in tile for variable in decoder.variables]

    # What an engine calls.

    @property
    def probes(self) -> list[list[Probe]]:
        """The probes of which each value that `begin` returned is made, the first in its lowest bits."""
        return [[probe for decoder in tile for probe in decoder.view.probes] for tile in self._read]

    def begin(self, mesh: Nodes) -> Sequence[Value]:
        """Open the file; return one value for each tile, with all its probes in it."""
        self.close()
        self._decoders = decoders_of(mesh, self._tiles)
        shown = {decoder.view.scope for tile in self._decoders for decoder in tile}
        self._read = [[decoder for decoder in tile if decoder.view.sender not in shown] for tile in self._decoders]
        self._seen = [[None] * len(tile) for tile in self._read]
        self.first_activity = self.first_delivery = self._last = None
        self._file = self.path.open("w", encoding="ascii")
        return [Cat(probe.signal for probe in tile) for tile in self.probes]

    def sample(self, cycle: int, values: Sequence[int]) -> None:
        """Write the changes of a cycle. Raises ``OSError`` with the file's name."""
        try:
            self._sample(cycle, values)
        except OSError as error:
            error.filename = str(self.path)
            raise

    def _sample(self, cycle: int, values: Sequence[int]) -> None:
        time = self.timebase.rise(cycle)
        if self._file is None:
            raise RuntimeError(f"{self.path} is complete: nothing more can be recorded in it")
        if self._writer is None:
            self._register(self._file, time)
        change = self._writer.change
        change(self._clock, time, 1)
        change(self._cycle, time, cycle)
        self._last = cycle
        for decoders, variables, seen, value in zip(self._read, self._written, self._seen, values, strict=True):
            for i, decoder in enumerate(decoders):
                bits = value & (1 << decoder.width) - 1
                value >>= decoder.width
                if bits == seen[i] and not decoder.moving:
                    continue
                seen[i] = bits
                for variable, now in zip(variables[i], decoder.decode(bits), strict=True):
                    change(variable, time, now)
                if decoder.transfer:
                    self._note(decoder, cycle)
        change(self._clock, self.timebase.fall(cycle), 0)

    # What the user calls.

    def close(self) -> None:
        """Complete the file; before, it is a valid VCD that may lack the last changes."""
        if self._file is None:
            return
        try:
            if self._writer is None:
                self._register(self._file, self.timebase.rise(self.start))
            self._writer.close(None if self._last is None else self.timebase.rise(self._last + 1))
        finally:
            file, self._file, self._writer = self._file, None, None
            file.close()

    def finish(self) -> list[Path]:
        """Complete the file, write a GTKWave save beside it, and return all files written; none without an engine.

        The save has the name of the VCD with the suffix ``.gtkw``; ``gtkwave NAME.gtkw`` in its folder opens both.
        """
        self.close()
        if not self._decoders:
            return []
        save = write_save(
            self.path.with_suffix(".gtkw"),
            self.path.name,
            self.variables,
            self.timebase,
            first_activity=self.first_activity,
            first_delivery=self.first_delivery,
        )
        return [self.path, *save]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()

    # Inside.

    def _register(self, file: IO[str], time: int) -> None:
        writer = VCDWriter(
            file,
            timescale=self.timebase.unit,
            date="",
            version="synaptile",
            check_values=False,
            init_timestamp=time,
        )
        self._writer = writer
        self._clock = writer.register_var("chip", "clk", "wire", 1)
        self._cycle = writer.register_var("chip", "cycle", "integer", _CYCLE_BITS)
        made: dict[str, Any] = {}
        for tile in self._read:
            for variable in (variable for decoder in tile for variable in decoder.variables):
                scope, name = f"chip.{variable.scope}", variable.name
                made[variable.path] = writer.register_var(scope, name, "wire", variable.width, NOTHING)
        # A link's incoming flits are those that go out at its other end: another name for the same variable.
        for tile in self._decoders:
            for decoder in tile:
                for variable in decoder.variables:
                    if variable.path not in made:
                        same = made[f"chip.{decoder.view.sender}.{variable.name}"]
                        writer.register_alias(f"chip.{variable.scope}", variable.name, same)
        self._written = [
            [[made[variable.path] for variable in decoder.variables] for decoder in tile] for tile in self._read
        ]

    def _note(self, decoder: Decoder, cycle: int) -> None:
        if decoder.view.kind == SPIKE and self.first_activity is None:
            self.first_activity = cycle
        if decoder.view.kind == ARRIVAL and self.first_delivery is None:
            self.first_delivery = cycle
