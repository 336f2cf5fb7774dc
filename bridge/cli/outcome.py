"""Common parts of ``run``, ``replay`` and ``demo``: the chip, its waveforms, and the results written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import show
from .common import UsageError, print_json, say, shown
from .options import whole

if TYPE_CHECKING:
    from ..chip import Chip
    from ..config import ChipConfig
    from ..run import ChipRun
    from ..waves.neuron_recorder import NeuronRecorder
    from ..waves.recorder import VcdRecorder

__all__ = [
    "TABLES_FOLDER",
    "Recorders",
    "add_inferences",
    "add_wave_arguments",
    "chip_of",
    "print_result",
    "save_result",
    "wave_recorders",
    "write_results",
]


TABLES_FOLDER = "tables"
"""Where tables are, in the folder of a run."""


def chip_of(args: argparse.Namespace, config: ChipConfig, **more: Any) -> Chip:
    """Return the chip with the engine and the mapping that the options ask for; ``more`` goes to `Chip`, too."""
    from ..chip import Chip

    inferences: dict[str, Any] = {"inferences": getattr(args, "inferences", None)}
    return Chip(
        config,
        engine=args.engine,
        threads=args.threads,
        port=args.port,
        baud=args.baud,
        partition=args.partition,
        placement=args.placement,
        seed=args.seed,
        **{**inferences, **more},
    )


def add_inferences(parser: argparse.ArgumentParser) -> None:
    """Add the option for the number of inferences; `chip_of` reads it."""
    parser.add_argument(
        "--inferences",
        type=whole(1),
        metavar="N",
        help="inferences in the run, such as images shown, for the energy of one (default: not known)",
    )


def add_wave_arguments(parser: argparse.ArgumentParser) -> None:
    """Add options that choose what is recorded as waveforms; `wave_recorders` reads them."""
    waves = parser.add_argument_group("waveforms (need --out)")
    waves.add_argument(
        "--vcd",
        action="store_true",
        help="record the chip's signals, with a GTKWave save; on-chip its neurons, and these with amaranth only",
    )
    waves.add_argument("--vcd-cycles", metavar="FROM:TO", help="only these cycles, TO excluded; either may be left out")
    waves.add_argument("--vcd-tiles", metavar="R,C", nargs="+", help="only these tiles, such as 0,0 0,1")


_DIGITS = 15


def _count(text: str) -> int | None:
    """Return a number from 0 on, written in digits; None if it is none, or too large to be meant."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _window(text: str | None) -> tuple[int, int | None]:
    if text is None:
        return 0, None
    first, colon, last = text.partition(":")
    start, stop = _count(first or "0"), _count(last)
    if not colon or start is None or (last and stop is None) or (stop is not None and stop <= start):
        raise UsageError(f"--vcd-cycles must be FROM:TO with 0 <= FROM < TO < {10**_DIGITS:,}, not {show(text)}")
    return start, stop


def _tiles(texts: list[str] | None, rows: int, cols: int) -> list[tuple[int, int]] | None:
    if texts is None:
        return None
    tiles = []
    for text in texts:
        parts = text.split(",")
        place = [count for count in map(_count, parts) if count is not None]
        if not len(parts) == len(place) == 2:
            raise UsageError(f"--vcd-tiles must be ROW,COLUMN, not {show(text)}")
        row, col = place
        if row >= rows or col >= cols:
            raise UsageError(f"--vcd-tiles must lie on the {rows}x{cols} mesh, not {text}")
        tiles.append((row, col))
    return tiles


class Recorders(NamedTuple):
    """What records waveforms: the signals of the chip and, on-chip, its neurons; None for what is not recorded."""

    chip: VcdRecorder | None = None
    neurons: NeuronRecorder | None = None

    def finish(self) -> list[Path]:
        """Complete all files, and return their paths."""
        return [path for recorder in self if recorder is not None for path in recorder.finish()]


def wave_recorders(
    args: argparse.Namespace, config: ChipConfig, folder: Path | None, name: str, *, neurons: bool = False
) -> Recorders:
    """Return the recorders that the options ask for, of the chip and where it has any of its neurons.

    Raises `UsageError`.
    """
    if not args.vcd:
        if args.vcd_cycles or args.vcd_tiles:
            raise UsageError("--vcd-cycles and --vcd-tiles need --vcd")
        return Recorders()
    if folder is None:
        raise UsageError("--vcd needs --out DIR to write to")
    if args.engine == "model":
        raise UsageError("--vcd needs an engine that has gates, not model")
    from ..engines import fastest
    from ..waves.neuron_recorder import NeuronRecorder
    from ..waves.recorder import VcdRecorder

    start, stop = _window(args.vcd_cycles)
    tiles = _tiles(args.vcd_tiles, config.rows, config.cols)
    window: dict[str, Any] = {"clock_hz": config.clock_hz, "start": start, "stop": stop}
    of_chip = None
    if not neurons or fastest(args.engine) == "amaranth":
        of_chip = VcdRecorder(folder / f"{name}.vcd", tiles=tiles, **window)
    elif tiles is not None:
        raise UsageError("--vcd-tiles needs --engine amaranth on-chip: the compiled engine records neurons only")
    return Recorders(of_chip, NeuronRecorder(folder / f"{name}.neurons.vcd", **window) if neurons else None)


def write_results(
    run: ChipRun, folder: Path, *, title: str, links: Sequence[Path] = (), tables: str | None = None, **report: Any
) -> list[Path]:
    """Write metrics, trace and log, which need no pictures, then pictures and page; return the paths of all.

    With ``tables``, a format, those are written too.
    """
    from ..report import write_report
    from ..report.pictures import draw_all

    written = run.save(folder, page=False)
    more = [] if tables is None else run.save_tables(folder / TABLES_FOLDER, tables)
    pictures = draw_all(run, folder)
    page = write_report(run, folder, title=title, pictures=pictures, links=[*written, *links], **report)
    return [*written, *more, *links, *pictures, page]


def save_result(
    args: argparse.Namespace,
    run: ChipRun,
    folder: Path | None,
    *,
    title: str,
    waves: Recorders,
    recorded: Sequence[Path] = (),
) -> None:
    """Write the results and the waveforms to the folder, if there is one, and print what has been written.

    ``recorded`` are the files of waveforms that are finished already.
    """
    if folder is None:
        return
    links = recorded or waves.finish()
    written = write_results(run, folder, title=title, links=links, tables=args.tables)
    say(args, "\nwrote " + ", ".join(map(shown, written)))


def print_result(args: argparse.Namespace, run: ChipRun) -> None:
    """Print the results as a table or as JSON."""
    if args.json:
        print_json(run.to_dict())
    else:
        print(run)
