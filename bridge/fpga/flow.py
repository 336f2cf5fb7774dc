"""The steps from a design to a bitstream: synthesis, place and route, packing; each kept in the cache."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cache import kept_files
from .design import TOP, BoardDesign
from .errors import ToolError
from .memories import memories_of, plan_memories
from .tools import NEXTPNR, PACKER, Progress, require, run_tool, tool_versions

__all__ = ["Routed", "Synthesised", "place_and_route", "synthesis_commands", "synthesise", "verilog_commands"]

_SYNTHESIS = {
    "ecp5": "synth_ecp5 -top {top}",
    "ice40": "synth_ice40 -device u -dsp -top {top}",
}
_BLOCK_RAM = {"ecp5": "DP16KD", "ice40": "ICESTORM_RAM"}
_BITSTREAM = {"ecp5": f"{TOP}.bit", "ice40": f"{TOP}.bin"}


@dataclass(frozen=True)
class Synthesised:
    """A design after synthesis.

    Attributes
    ----------
    folder
        Where the files are: ``netlist.json.gz``, ``top.v``, ``synthesis.log``.
    cells
        How many there are of each type.
    in_tables
        Which memories are made of lookup tables: `MemoryPlan.widest`.
    seconds
        How long it took when it was made.
    cached
        Whether it was there already.
    """

    folder: Path
    cells: Mapping[str, int]
    in_tables: tuple[tuple[int, int], ...]
    seconds: float
    cached: bool


@dataclass(frozen=True)
class Routed:
    """A design after place and route.

    Attributes
    ----------
    folder
        Where the files are: the bitstream, ``report.json`` of nextpnr, and its log.
    bitstream
        The bitstream's file name.
    report
        What nextpnr reports.
    seconds, cached
        As for `Synthesised`.
    """

    folder: Path
    bitstream: str
    report: Mapping[str, Any]
    seconds: float
    cached: bool


def synthesis_commands(family: str, top: str, in_tables: Iterable[tuple[int, int]]) -> list[str]:
    """Return what Yosys does with a circuit that it has read; ``in_tables`` is `MemoryPlan.widest`."""
    command = _SYNTHESIS[family].format(top=top)
    small = [
        f'setattr -set ram_style "distributed" a:ram_style=block r:SIZE={words} %i r:WIDTH<={bits} %i'
        for words, bits in in_tables
    ]
    return [f"{command} -run begin:map_ram", *small, f"{command} -run map_ram:"]


def verilog_commands(name: str) -> list[str]:
    """Return what Yosys does to write a circuit that it has read as Verilog, into a file of this name."""
    return ["proc", "memory_collect", "opt_clean", f"write_verilog -norename -noattr {name}"]


def synthesise(design: BoardDesign, *, cache: bool = True, progress: Progress = lambda what: None) -> Synthesised:
    """Synthesise a design.

    The smallest memories are made of lookup tables where the block RAMs would not be enough.

    Raises
    ------
    ToolUnavailable, ToolError, OSError
        If Yosys is not there, or fails, or the cache cannot be written.
    """
    require("yosys")
    board = design.board
    plan = plan_memories(Counter(memories_of(design.rtlil)), board.family, board.has[_BLOCK_RAM[board.family]])
    script = "\n".join(
        [
            f"read_rtlil {TOP}.il",
            "design -save source",
            *verilog_commands("top.v"),
            "design -load source",
            *synthesis_commands(board.family, TOP, plan.widest),
            "tee -q -o stat.json stat -json",
            "write_json netlist.json",
        ]
    )

    def make(folder: Path) -> None:
        start = time.monotonic()
        (folder / f"{TOP}.il").write_text(design.rtlil, encoding="utf-8")
        (folder / "script.ys").write_text(script, encoding="utf-8")
        run_tool("yosys", ["-s", "script.ys"], folder, log="synthesis.log", progress=progress)
        _compress(folder / "netlist.json")
        (folder / "seconds").write_text(f"{time.monotonic() - start:.1f}", encoding="ascii")

    parts = [design.rtlil, script, json.dumps(tool_versions("yosys"))]
    names = ("netlist.json.gz", "stat.json", "top.v", "synthesis.log", "seconds")
    folder, cached = kept_files("synthesis", parts, names, make, use=cache)
    cells = json.loads((folder / "stat.json").read_text(encoding="utf-8"))["design"]["num_cells_by_type"]
    real = {cell: count for cell, count in sorted(cells.items()) if not cell.startswith("$")}
    return Synthesised(folder, real, plan.widest, _seconds(folder), cached)


_METHODS: dict[str, list[str]] = {
    # The first router takes hours for a large chip. The usual placer makes wires of 4 x 4 tiles 1.65 times as long,
    # and with the second router's usual weights, which grow in each round, ever more of them are wanted twice.
    "ecp5": ["--placer", "static", "--router", "router2", "--router2-alt-weights"],
    "ice40": [],  # nextpnr knows no other router for it
}


def place_and_route(
    design: BoardDesign,
    netlist: Synthesised,
    *,
    seed: int = 1,
    cache: bool = True,
    progress: Progress = lambda what: None,
) -> Routed:
    """Place and route a synthesised design for its clocks, and pack the bitstream.

    A design that is slower than its clocks is routed all the same; its report says so.

    Raises
    ------
    ToolUnavailable, ToolError, OSError
        If a tool is not there, or fails, or the cache cannot be written.
    """
    board = design.board
    family = board.family
    require(NEXTPNR[family], PACKER[family])
    platform = board.make_platform()
    constraints, text = design.constraints
    packed = "top.config" if family == "ecp5" else "top.asc"
    words = _device_words(platform, family)
    words += ["--json", "netlist.json", "--seed", str(seed), "--report", "report.json", "--timing-allow-fail"]
    words += ["--lpf" if family == "ecp5" else "--pcf", constraints]
    words += ["--textcfg" if family == "ecp5" else "--asc", packed]
    words += _METHODS[family]
    packing = ["--compress", packed, _BITSTREAM[family]] if family == "ecp5" else [packed, _BITSTREAM[family]]

    def make(folder: Path) -> None:
        start = time.monotonic()
        with gzip.open(netlist.folder / "netlist.json.gz") as source, (folder / "netlist.json").open("wb") as file:
            shutil.copyfileobj(source, file)
        (folder / constraints).write_text(text, encoding="utf-8")
        run_tool(NEXTPNR[family], words, folder, log="place-and-route.log", progress=progress)
        progress("packing the bitstream")
        run_tool(PACKER[family], packing, folder, log="packing.log")
        if not (folder / _BITSTREAM[family]).is_file():
            raise ToolError(f"{PACKER[family]} failed: it wrote no bitstream")
        (folder / "seconds").write_text(f"{time.monotonic() - start:.1f}", encoding="ascii")

    parts = [
        netlist.folder.name,
        text,
        "\n".join([*words, "", *packing]),
        json.dumps(tool_versions(NEXTPNR[family], PACKER[family])),
    ]
    names = (_BITSTREAM[family], "report.json", "place-and-route.log", "seconds")
    folder, cached = kept_files("routed", parts, names, make, use=cache)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Routed(folder, _BITSTREAM[family], report, _seconds(folder), cached)


def _device_words(platform: Any, family: str) -> list[str]:
    """Return the options of nextpnr that name the FPGA."""
    device = platform._nextpnr_device_options[platform.device]
    if family == "ecp5":
        package = platform._nextpnr_package_options[platform.package].upper()
        return [device, "--package", package, "--speed", str(platform.speed)]
    return [device, "--package", platform.package.lower()]


def _compress(path: Path) -> None:
    """Replace a file by a compressed one."""
    with path.open("rb") as source, gzip.open(path.with_name(f"{path.name}.gz"), "wb", compresslevel=3) as file:
        shutil.copyfileobj(source, file)
    path.unlink()


def _seconds(folder: Path) -> float:
    return float((folder / "seconds").read_text(encoding="ascii"))
