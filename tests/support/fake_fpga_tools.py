"""Tools of an FPGA that take no time: they write what the real ones would, with numbers of the test's choice."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.fpga import build, flow
from synaptile.bridge.fpga.boards import Board
from synaptile.bridge.fpga.design import BoardDesign, board_design
from synaptile.bridge.fpga.errors import ToolError
from synaptile.bridge.fpga.tools import Progress

__all__ = ["FakeTools"]


_designs: dict[Any, BoardDesign] = {}


def _kept_design(board: Board, *args: Any, **options: Any) -> BoardDesign:
    """Return the design of a board, made once for all tests."""
    key = board.name, *args, *options.items()
    if key not in _designs:
        _designs[key] = board_design(board, *args, **options)
    return _designs[key]


def _path(clock: str) -> dict[str, object]:
    steps = [
        {"type": "clk-to-q", "delay": 0.5, "to": {"cell": "top.chip.a_TRELLIS_FF_Q"}},
        {"type": "routing", "delay": 1.5, "net": "top.chip.a", "to": {"cell": "top.chip.b_LUT4_Z"}},
        {"type": "setup", "delay": 0.1, "to": {"cell": "top.chip.b_TRELLIS_FF_Q"}},
    ]
    return {"from": f"posedge {clock}", "to": f"posedge {clock}", "path": steps}


@dataclass
class FakeTools:
    """What they find: the cells, and the clock in MHz that is reached; and which tools have been called."""

    cells: dict[str, int] = field(default_factory=lambda: {"LUT4": 1000, "TRELLIS_FF": 500, "DP16KD": 9})
    reached: float = 80.0
    asked: float = 50.0
    fail: Callable[[str], str | BaseException | None] = lambda tool: None
    called: list[str] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "FakeTools":
        """Let the flow call these, and make each design once."""
        monkeypatch.setattr(flow, "run_tool", self.run)
        monkeypatch.setattr(build, "board_design", _kept_design)
        return self

    def run(
        self, tool: str, words: Sequence[str], folder: Path, *, log: str, progress: Progress = lambda what: None
    ) -> str:
        """Be one of the tools."""
        self.called.append(tool)
        progress(f"{tool} at work")
        text = f"Info: {tool}\n"
        failure = self.fail(tool)
        if isinstance(failure, BaseException):
            raise failure
        if failure is not None:
            raise ToolError(f"{tool} failed: {failure.splitlines()[-1]}", failure)
        (folder / log).write_text(text)
        if tool == "yosys":
            (folder / "netlist.json").write_text("{}")
            (folder / "top.v").write_text("module top; endmodule\n")
            (folder / "stat.json").write_text(json.dumps({"design": {"num_cells_by_type": self.cells}}))
        elif tool.startswith("nextpnr"):
            used = {part: {"used": 7, "available": 9_000} for part in _PARTS}
            fmax = {"$glbnet$clk": {"achieved": self.reached, "constraint": self.asked}}
            report = {"fmax": fmax, "critical_paths": [_path("$glbnet$clk")], "utilization": used}
            (folder / "report.json").write_text(json.dumps(report))
            (folder / words[words.index("--textcfg" if "--textcfg" in words else "--asc") + 1]).write_text("routed")
        else:
            (folder / words[-1]).write_bytes(b"bitstream of " + tool.encode())
        return text


_PARTS = (
    "TRELLIS_COMB", "TRELLIS_FF", "TRELLIS_RAMW", "DP16KD", "MULT18X18D",
    "ICESTORM_LC", "ICESTORM_RAM", "ICESTORM_DSP", "ICESTORM_SPRAM",
)  # fmt: skip
