"""The board's end of the host link as C++ (CXXRTL), for tests: with a line of bits, or of bytes as fast as can be."""

import ctypes
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from amaranth.back import rtlil
from amaranth.hdl import Value
from amaranth.lib import wiring

from synaptile.bridge.engines.native.build import find_compiler
from synaptile.bridge.engines.native.library import _headers
from synaptile.rtl.yosys import read_rtlil, run_yosys

__all__ = ["ByteBoard", "LineBoard"]

_BEGIN = """
#include <cstdint>
#include <deque>
#include <vector>
struct Board {
    cxxrtl_design::p_top top;
    std::deque<uint8_t> in;
    std::vector<uint8_t> out;
    uint64_t cycle = 0;
    unsigned rate = 1;
    unsigned sending = 0, send_phase = 0, receiving = 0, receive_phase = 0, byte = 0, bits = 0;
    bool line = true;
    void clock() {
        top.p_clk.set<bool>(true);
        top.step();
        top.p_clk.set<bool>(false);
        top.step();
        cycle++;
    }
};
"""

_LINE = """
static void cycle(Board &b) {
    // What the board sends is sampled in the middle of each bit.
    bool tx = b.top.p_tx.get<bool>();
    if (!b.receiving) {
        if (!tx) { b.receiving = 10; b.receive_phase = b.rate / 2; b.bits = 0; }
    }
    if (b.receiving) {
        if (b.receive_phase == 0) {
            b.bits |= unsigned(tx) << (10 - b.receiving);
            b.receive_phase = b.rate;
            if (!--b.receiving) b.out.push_back(uint8_t(b.bits >> 1));
        }
        b.receive_phase--;
    }
    if (!b.sending && !b.in.empty()) {
        b.byte = unsigned(b.in.front()) << 1 | 0x200;
        b.in.pop_front();
        b.sending = 10;
        b.send_phase = 0;
    }
    if (b.sending) {
        if (b.send_phase == 0) { b.line = b.byte & 1; b.byte >>= 1; }
        if (++b.send_phase == b.rate) { b.send_phase = 0; b.sending--; }
    } else b.line = true;
    b.top.p_rx.set<bool>(b.line);
    b.clock();
}
"""

_BYTES = """
static void cycle(Board &b) {
    bool give = b.send_phase == 0 && !b.in.empty();
    b.top.p_given__valid.set<bool>(give);
    if (give) { b.top.p_given.set<uint8_t>(b.in.front()); b.in.pop_front(); b.send_phase = b.rate; }
    if (b.send_phase) b.send_phase--;
    bool take = b.receive_phase == 0;
    b.top.p_ready.set<bool>(take);
    b.top.step();
    if (take && b.top.p_valid.get<bool>()) { b.out.push_back(b.top.p_sent.get<uint8_t>()); b.receive_phase = b.rate; }
    if (b.receive_phase) b.receive_phase--;
    b.clock();
}
"""

_END = """
extern "C" {
void *make(unsigned rate) { auto *b = new Board; b->rate = rate; b->top.step(); return b; }
void drop(void *p) { delete static_cast<Board *>(p); }
void give(void *p, const uint8_t *data, size_t n) {
    auto &b = *static_cast<Board *>(p);
    b.in.insert(b.in.end(), data, data + n);
}
size_t left(void *p) { return static_cast<Board *>(p)->in.size(); }
size_t run(void *p, uint64_t cycles, size_t enough) {
    auto &b = *static_cast<Board *>(p);
    while (cycles-- && b.out.size() < enough) cycle(b);
    return b.out.size();
}
void take(void *p, uint8_t *data) {
    auto &b = *static_cast<Board *>(p);
    for (auto c : b.out) *data++ = c;
    b.out.clear();
}
uint64_t cycles(void *p) { return static_cast<Board *>(p)->cycle; }
}
"""


@cache
def _folder() -> Any:
    return tempfile.TemporaryDirectory(prefix="synaptile-board-")


def _compiled(circuit: wiring.Component, ports: list[Any], main: str, *, flat: bool) -> Any:
    text = rtlil.convert(circuit, name="top", ports=[Value.cast(port) for port in ports], emit_src=False)
    # A chip keeps its hierarchy: steps are slower then, but it compiles in a fifth of the time.
    flatten = ["flatten"] if flat else []
    script = ["hierarchy -top top", *flatten, "proc", "opt -full -purge", "write_cxxrtl -g0 -noflatten -nohierarchy"]
    cpp = run_yosys([read_rtlil(text), *script])
    number = len(list(Path(_folder().name).iterdir()))
    library = Path(_folder().name) / f"board{number}.so"
    flags = ["-std=c++17", "-O1", "-DNDEBUG", "-fPIC", "-shared", "-w", "-DCXXRTL_INCLUDE_VCD_CAPI_IMPL=0"]
    find_compiler()(cpp + _BEGIN + main + _END, library, flags=[*flags, f"-I{_headers()}"])
    found = ctypes.CDLL(str(library))
    found.make.restype = ctypes.c_void_p
    for name in ("left", "run"):
        getattr(found, name).restype = ctypes.c_size_t
    found.cycles.restype = ctypes.c_uint64
    return found


class _Board:
    def __init__(self, library: Any, rate: int) -> None:
        self._library = library
        self._board = ctypes.c_void_p(library.make(rate))

    def __del__(self) -> None:
        self._library.drop(self._board)

    @property
    def cycles(self) -> int:
        """Cycles so far."""
        return int(self._library.cycles(self._board))

    @property
    def waiting(self) -> int:
        """Bytes that the board has not taken from the line."""
        return int(self._library.left(self._board))

    def give(self, data: bytes) -> None:
        """Put bytes onto the line to the board."""
        self._library.give(self._board, data, ctypes.c_size_t(len(data)))

    def run(self, cycles: int, enough: int = 1 << 62) -> bytes:
        """Run so many cycles, or until so many bytes have come; return these."""
        count = self._library.run(self._board, ctypes.c_uint64(cycles), ctypes.c_size_t(enough))
        data = ctypes.create_string_buffer(count)
        self._library.take(self._board, data)
        return data.raw


_libraries: dict[str, Any] = {}


class LineBoard(_Board):
    """A `HostedChip`, or what has its ``rx`` and ``tx``, made by a function; ``rate`` cycles are a bit.

    What has been compiled under the same ``key`` is not made again.
    """

    def __init__(self, make: Callable[[], Any], rate: int, *, key: str, flat: bool = True) -> None:
        if key not in _libraries:
            circuit = make()
            _libraries[key] = _compiled(circuit, [circuit.rx, circuit.tx], _LINE, flat=flat)
        super().__init__(_libraries[key], rate)


class ByteBoard(_Board):
    """A circuit with ``given``, ``given_valid``, and ``sent``, ``valid``, ``ready``: a byte every ``rate`` cycles."""

    def __init__(self, make: Callable[[], Any], rate: int, *, key: str, flat: bool = True) -> None:
        if key not in _libraries:
            circuit = make()
            ports = [circuit.given, circuit.given_valid, circuit.sent, circuit.valid, circuit.ready]
            _libraries[key] = _compiled(circuit, ports, _BYTES, flat=flat)
        super().__init__(_libraries[key], rate)
