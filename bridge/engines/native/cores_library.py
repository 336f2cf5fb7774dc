"""The compiled chip of cores as Python sees it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Fragment

from synaptile.rtl import NetworkParams, node_of
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import CoreTile

from ..base import Ints
from .circuit_notes import note_path
from .core_circuit import CoreMemory, core_cpp, core_rtlil
from .glue import chip_cpp, node_rtlil
from .library import Circuit, NativeChip, counter_names, library_of_circuit, load_network, pointer_to, text_of

__all__ = ["CORE_COUNTERS", "NativeCores", "Words", "library_of_cores"]

Words = npt.NDArray[np.uint64]

CORE_COUNTERS = ("axon_events", "neuron_updates", "spikes", "busy_cycles", "overruns", "refused")
"""What is counted of a core, in the order of ``CoreCounts``."""


def library_of_cores(
    network: NetworkParams, tile: CoreTile, announce: Callable[[str], None] | None = None
) -> tuple[Path, tuple[str, ...]]:
    """The library of a chip of such tiles, on a network with tags and counters, and `counter_names` of its nodes.

    Raises
    ------
    EngineUnavailable
        If it is not in the cache and cannot be compiled.
    """
    plain = type(tile) is CoreTile and type(tile.params) is CoreParams
    note = note_path(network, tile.params, tile.network, tile.host_tile, tile.host_key) if plain else None

    made = False

    def circuit() -> Circuit:
        nonlocal made
        made = True
        node = node_of(network)
        text, core = node_rtlil(node), core_rtlil(tile)
        return Circuit(
            text + core, lambda: chip_cpp(node, text, text_of, core=core_cpp(tile, core, text_of)), counter_names(node)
        )

    library = library_of_circuit(note, circuit, announce, _load_cores)
    if not made:
        Fragment.get(tile, None)  # or Amaranth warns of a circuit that was described and not used
    return library


class NativeCores(NativeChip):
    """A chip of cores in a shared library.

    Parameters
    ----------
    library, counters
        What `library_of_cores` gave.
    network
        The network.
    host_tile
        The tile at whose door the host is.
    threads
        Number of threads that evaluate nodes.
    """

    def __init__(
        self, library: Path, counters: Sequence[str], network: NetworkParams, host_tile: int, threads: int = 1
    ) -> None:
        self._cores: int | None = None
        self._host_tile = host_tile
        super().__init__(
            library,
            counters,
            tiles_per_node=network.tiles_per_node,
            rows=network.rows,
            cols=network.cols,
            recycle=True,
            threads=threads,
        )
        lines = self._library.cores_memories().decode().splitlines()
        self.memories = {
            path: CoreMemory(*map(int, numbers)) for path, *numbers in (line.rsplit(" ", 3) for line in lines)
        }

    def _load(self, library: Path) -> ctypes.CDLL:
        return _load_cores(library)

    def _create(self, rows: int, cols: int, recycle: bool, threads: int) -> int | None:
        self._cores = self._library.cores_new(rows, cols, threads, self._host_tile)
        if not self._cores:
            return None
        network: int = self._library.cores_network(self._cores)
        return network

    def _free(self) -> None:
        self._library.cores_free(self._cores)

    def set_reach(self, keys: int, places: Ints, ends: Ints, tiles: Ints) -> None:
        """Tell where packets with keys get to.

        ``places``, ascending, are node × ``keys`` + key of what can be sent; ``tiles`` those that each reaches, one
        after the other, up to ``ends``.
        """
        columns = [np.ascontiguousarray(column, dtype=np.int64) for column in (places, ends, tiles)]
        at, ends_at, tiles_at = map(pointer_to, columns)
        self._check(self._library.cores_set_reach(self._cores, keys, len(places), at, ends_at, len(tiles), tiles_at))

    def load(self, tile: int, memory: CoreMemory, words: Words) -> None:
        """Write a memory of a core: shape (depth, words of 64 bits)."""
        assert words.shape == (memory.depth, -(-memory.width // 64)), (words.shape, memory)
        data = np.ascontiguousarray(words, dtype=np.uint64)
        self._library.cores_load(self._cores, tile, memory.number, pointer_to(data))

    def look_into(self, tile: int, memory: CoreMemory) -> Words:
        """Read a memory of a core."""
        words = np.zeros((memory.depth, -(-memory.width // 64)), dtype=np.uint64)
        self._library.cores_look_into(self._cores, tile, memory.number, pointer_to(words))
        return words

    def schedule(self, ticks: int, period: int | None, when: Ints, packets: Words) -> None:
        """Have so many ticks run; ``packets``, shape (packets, 2), are sent by the host in the ticks ``when``."""
        when = np.ascontiguousarray(when, dtype=np.int64)
        low, high = (np.ascontiguousarray(packets[:, i], dtype=np.uint64) for i in (0, 1))
        columns = map(pointer_to, (when, low, high))
        self._check(self._library.cores_schedule(self._cores, ticks, period or 0, len(when), *columns))

    def go(self, milliseconds: int) -> int:
        """Run for about so many milliseconds: ``DONE``, ``UNFINISHED``, or ``FAULTY``."""
        return int(self._library.cores_go(self._cores, milliseconds))

    @property
    def evaluations(self) -> int:
        """Number of evaluations of a core at a clock edge."""
        return int(self._sizes()[4])

    def _sizes(self) -> Ints:
        sizes = np.zeros(5, dtype=np.int64)
        self._library.cores_status(self._cores, pointer_to(sizes))
        return sizes

    def take_offers(self) -> Ints:
        """Packets offered since the last call: cycle, source, destination, neuron, stamp, key, more."""
        return self._taken("offers", 0, 7)

    def take_fired(self) -> Ints:
        """Neurons that fired: tick, tile, neuron, cycle."""
        return self._taken("fired", 1, 4)

    def take_words(self) -> Ints:
        """What came out at the host's door: tick, payload, cycle."""
        return self._taken("words", 2, 3)

    def take_ticks(self) -> tuple[Ints, Ints]:
        """Length, and overruns, of the ticks that have ended."""
        ends = int(self._sizes()[3])
        lengths, overruns = np.zeros(ends, dtype=np.int64), np.zeros(ends, dtype=np.int64)
        self._library.cores_take_lengths(self._cores, pointer_to(lengths))
        self._library.cores_take_overruns(self._cores, pointer_to(overruns))
        return lengths, overruns

    def core_counts(self) -> dict[str, Ints]:
        """What each core has counted, by name, each of shape (tiles,)."""
        counts = np.zeros((self._tiles, len(CORE_COUNTERS)), dtype=np.int64)
        self._library.cores_counts(self._cores, pointer_to(counts))
        return {name: counts[:, number].copy() for number, name in enumerate(CORE_COUNTERS)}

    def _taken(self, name: str, number: int, columns: int) -> Ints:
        rows = np.zeros((int(self._sizes()[number]), columns), dtype=np.int64)
        getattr(self._library, f"cores_take_{name}")(self._cores, pointer_to(rows))
        return rows


def _load_cores(path: Path) -> ctypes.CDLL:
    library = load_network(path)
    chip, pointer, number, long = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
    for name, result, arguments in (
        ("cores_new", chip, [number, number, number, long]),
        ("cores_free", None, [chip]),
        ("cores_network", chip, [chip]),
        ("cores_set_reach", number, [chip, long, long, pointer, pointer, long, pointer]),
        ("cores_memories", ctypes.c_char_p, []),
        ("cores_load", None, [chip, long, long, pointer]),
        ("cores_look_into", None, [chip, long, long, pointer]),
        ("cores_schedule", number, [chip, long, long, long, pointer, pointer, pointer]),
        ("cores_go", number, [chip, number]),
        ("cores_status", None, [chip, pointer]),
        ("cores_take_offers", None, [chip, pointer]),
        ("cores_take_fired", None, [chip, pointer]),
        ("cores_take_words", None, [chip, pointer]),
        ("cores_take_lengths", None, [chip, pointer]),
        ("cores_take_overruns", None, [chip, pointer]),
        ("cores_counts", None, [chip, pointer]),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library
