"""A chip onto a board: the whole way from its parameters to a folder with bitstream and report."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from synaptile.rtl.core_tile import identity_of
from synaptile.swsim.base.whole_file import whole_file, write_text

from ..json_text import write_json
from ..versions import versions
from .design import TOP, BoardDesign, board_design
from .errors import ClockNotMet, DoesNotFit, ToolError
from .fitting import Usage, check_fits, check_size, usage_after_synthesis, usage_of_log, usage_of_report
from .flow import place_and_route, synthesise
from .report import BuildReport
from .timing import Timing, timing_of
from .tools import Progress, require, tool_versions, tools_of

if TYPE_CHECKING:
    from synaptile.rtl import NetworkParams
    from synaptile.rtl.core import CoreParams

    from .boards import Board

__all__ = ["Progress", "build"]

_TIGHT = 0.9
"""The part of an FPGA beyond which place and route fails for lack of room."""

Notify = Callable[[str], None]


def build(
    board: Board,
    network: NetworkParams,
    core: CoreParams,
    folder: Path | None,
    *,
    clock_hz: float | None = None,
    baud: float | None = None,
    host_tile: int = 0,
    host_key: int = 0,
    seed: int = 1,
    dry_run: bool = False,
    cache: bool = True,
    must_meet: bool = True,
    progress: Progress = lambda what: None,
    notify: Notify = lambda line: None,
) -> BuildReport:
    """Build the bitstream of a chip for a board, and write it to a folder with all that belongs to it.

    For a board that is not built here, the project for the vendor's tools is written.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `CoreMesh`.
    folder
        Where to write; None for nowhere.
    clock_hz, baud
        The chip's clock in Hz and the rate of the serial line in bits per second; by default the board's.
    seed
        Seed of place and route.
    dry_run
        Stop after synthesis.
    cache
        Whether steps that were made before may be taken from the cache.
    must_meet
        Whether a bitstream that is slower than its clock is an error.
    progress
        Called now and then with what is being done.
    notify
        Called with a line when a step is done.

    Raises
    ------
    ValueError
        If there is no such chip, or its clock or its rate cannot be made on this board.
    DoesNotFit
        If the FPGA is too small.
    ClockNotMet
        If the clock is not met and must be; the report and all files but the bitstream have been written.
    ToolUnavailable, ToolError
        If a tool is not there, or fails.
    OSError
        If the folder or the cache cannot be written.
    """
    check_size(board, network, core)
    tools = tools_of(board.family, routed=not dry_run) if board.is_built_here else ()
    require(*tools)
    start = time.monotonic()
    progress("elaboration")
    design = board_design(board, network, core, clock_hz=clock_hz, baud=baud, host_tile=host_tile, host_key=host_key)
    seconds, cached = {"elaboration": time.monotonic() - start}, []
    writer = _Writer(folder)
    writer.text("constraints", *design.constraints)
    usage: tuple[Usage, ...] = ()
    timing: Timing | None = None
    bitstream: tuple[Path, str] | None = None
    if board.is_built_here:
        netlist = synthesise(design, cache=cache, progress=_step("synthesis", progress))
        seconds["synthesis"] = netlist.seconds
        cached += ["synthesis"] if netlist.cached else []
        notify(_done("synthesis", netlist.seconds, netlist.cached))
        writer.copy("Verilog", netlist.folder / "top.v", f"{TOP}.v")
        writer.copy("log of synthesis", netlist.folder / "synthesis.log", "synthesis.log")
        usage = usage_after_synthesis(netlist.cells, board)
        check_fits(usage, board, network, core)
        if not dry_run:
            try:
                routed = place_and_route(
                    design, netlist, seed=seed, cache=cache, progress=_step("place and route", progress)
                )
            except ToolError as error:
                check_fits(usage_of_log(error.log, board), board, network, core)
                _check_room(error, usage, board, network, core)
                raise
            seconds["place and route"] = routed.seconds
            cached += ["place and route"] if routed.cached else []
            notify(_done("place and route", routed.seconds, routed.cached))
            usage, timing = usage_of_report(routed.report, board), timing_of(routed.report)
            writer.copy("log of place and route", routed.folder / "place-and-route.log", "place-and-route.log")
            bitstream = routed.folder / routed.bitstream, routed.bitstream
    else:
        writer.project(design)
    missed = timing is not None and not timing.is_met and must_meet
    if bitstream is not None and not missed:
        writer.copy("bitstream", *bitstream)
    elif folder is not None and bitstream is not None:
        (folder / bitstream[1]).unlink(missing_ok=True)  # one of an older build would not belong to this report
    report = BuildReport(
        board=board,
        asked_hz=board.clock_hz if clock_hz is None else clock_hz,
        clock_hz=design.pll.output_hz,
        baud=design.baud,
        network=dataclasses.asdict(network),
        core=dataclasses.asdict(core),
        identity=identity_of(core, network, host_tile, host_key),
        seed=seed,
        usage=usage,
        timing=timing,
        seconds=seconds,
        cached=tuple(cached),
        files=writer.files,
        versions=versions() | tool_versions(*tools),
    )
    writer.report(report)
    if missed:
        assert timing is not None
        raise ClockNotMet(_not_met(timing, board, core, seed))
    return report


def _done(step: str, seconds: float, cached: bool) -> str:
    return f"{step}: kept from before ({seconds:,.0f} s then)" if cached else f"{step}: {seconds:,.0f} s"


def _step(name: str, progress: Progress) -> Progress:
    return lambda what: progress(f"{name}: {what}")


def _check_room(
    error: ToolError, usage: tuple[Usage, ...], board: Board, network: NetworkParams, core: CoreParams
) -> None:
    """Raise `DoesNotFit` if place and route has failed because the FPGA is too full."""
    fullest = max(usage, key=lambda part: part.used / part.has)
    about_room = any(word in str(error).lower() for word in ("place", "rout"))
    if not about_room or fullest.used < _TIGHT * fullest.has:
        return
    tight = tuple(dataclasses.replace(part, has=int(part.has * _TIGHT)) for part in usage)
    try:
        check_fits(tight, board, network, core)
    except DoesNotFit as advice:
        _, _, reduce = str(advice).rpartition(": ")
        raise DoesNotFit(
            f"the chip does not fit {board.name}: with {fullest.used:,} of {fullest.has:,} {fullest.name} there is no "
            f"room left to place and route it: {reduce}"
        ) from None


def _not_met(timing: Timing, board: Board, core: CoreParams, seed: int) -> str:
    """Return why the clock is not met, and what can be done."""
    clock = timing.worst
    options = [f"--clock-hz {int(clock.reached_mhz) * 1_000_000:.0f}", f"another --seed than {seed}"]
    if core.lanes > 1:
        options.append(f"--core-lanes {core.lanes // 2}")
    options.append("--link-stages 1 if the path runs between tiles")
    return (
        f"the clock is not met on {board.name}: {clock.reached_mhz:.1f} MHz of {clock.asked_mhz:g}; the slowest path "
        f"is {timing.path_text()}; try {', '.join(options)}, or take the bitstream all the same with --allow-slow"
    )


class _Writer:
    """Writes the files of a build, if there is a folder, and notes which."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.files: dict[str, str] = {}

    def text(self, what: str, name: str, text: str) -> None:
        if self._folder is not None:
            write_text(self._folder / name, text)
            self.files[what] = name

    def copy(self, what: str, source: Path, name: str) -> None:
        if self._folder is not None:
            with source.open("rb") as file, whole_file(self._folder / name) as target:
                shutil.copyfileobj(file, target)
            self.files[what] = name

    def project(self, design: BoardDesign) -> None:
        """Write the project for a vendor's tools."""
        for name, text in design.files.items():
            if name not in (design.constraints[0], f"{TOP}.debug.v"):
                what = {"v": "Verilog", "tcl": "project", "sh": "script", "bat": "script for Windows"}
                self.text(what.get(name.rpartition(".")[2], name), name, text)

    def report(self, report: BuildReport) -> None:
        if self._folder is not None:
            self.files["report"], self.files["report as text"] = "report.json", "report.txt"
            write_json(self._folder / "report.json", report.to_dict())
            write_text(self._folder / "report.txt", report.text())
