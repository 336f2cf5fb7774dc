"""The compiled engine: the same tile as C++, compiled once for every size of mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, RoutingTable, node_of
from synaptile.rtl.routing import Routing

from ..tile_grid import TileGrid
from .base import Activity, CycleProgress, Deliveries, Ints, Packets
from .interrupts import deferred_interrupt
from .ledger import (
    HardwareFault,
    activity_of,
    check_packets,
    concatenate,
    entries_of,
    instrumented,
    known_keys,
    ready_pattern,
)
from .logfile import LOG_COLUMNS, LogFile, deliveries_of_rows, order_of_rows
from .native.exchange import NativeExchange, SpikeTable
from .native.library import (
    FAULTY,
    STUCK,
    UNFINISHED,
    NativeChip,
    counter_names,
    library_of,
    library_of_network,
)
from .native.watch import Watch
from .wave_sink import WaveSink

__all__ = ["CompiledEngine", "DeliveryLog", "activity_in", "check_threads", "deliveries_by"]

_SLICE_MS = 50
"""Time for which native code runs before Ctrl-C, waves and progress are looked after."""
_ROWS_PER_WRITE = 1 << 16
"""Deliveries that are kept before they are written to a log file."""
_MAX_THREADS = 1024
_TAG_BITS = 28
"""Width of packets' numbers inside the circuit; used again, so that they bound the packets in flight and not all."""
_COUNTER_BITS = 16
"""Width of the circuit's counters: the harness adds up what they count before they wrap around, and wider ones would be
more to evaluate."""


class CompiledEngine:
    """A chip of compiled tiles (see `Engine` for what the methods promise).

    The circuit of a tile, or of a cluster of them, goes through CXXRTL to C++ and is compiled once; the mesh is put
    together at run time. Only those that can change are evaluated, and idle cycles are skipped, so that what is still
    costs nothing. The log is the same as that of `AmaranthEngine`, packet by packet, cycle by cycle.

    Parameters
    ----------
    params, routing, table, ready
        The same as for `AmaranthEngine`.
    waves
        Where to send waveforms; they are the same as those of `AmaranthEngine`. Recording needs a binary of its own
        for each size of mesh.
    threads
        Number of threads that evaluate tiles, 1..1024; the results do not depend on it. Each takes 64 tiles or more,
        so that small meshes have fewer.
    progress
        Called about twenty times a second.
    announce
        Called with one line before the tile is compiled, if it is not in the cache.
    log_file
        File to write the log to as the run goes on (see `LogFile`). Memory then grows with the tiles and the packets
        under way only, however long the run.

    Raises
    ------
    TypeError
        If ``threads`` is not an integer.
    ValueError
        If ``threads`` does not lie in 1..1024.
    EngineUnavailable
        If there is no C++ compiler, or it fails, or the cache cannot be written.
    """

    name = "compiled"

    def __init__(
        self,
        params: NetworkParams,
        *,
        routing: Routing | None = None,
        table: RoutingTable | None = None,
        ready: npt.NDArray[np.bool_] | None = None,
        waves: WaveSink | None = None,
        threads: int = 1,
        progress: CycleProgress | None = None,
        announce: Callable[[str], None] | None = None,
        log_file: str | Path | None = None,
    ) -> None:
        check_threads(threads)
        self.params = params
        self._progress = progress
        self._watch: Watch | None = None
        self._log_file = None if log_file is None else LogFile(log_file)
        if waves is None:
            # A node does not know the size of its mesh. With the widest coordinates, one binary serves all of them.
            wide = replace(params, rows=256, cols=256, tag_bits=_TAG_BITS, counter_bits=_COUNTER_BITS)
            library, counters = library_of_network(wide, node_of, routing=routing, announce=announce)
        else:
            # Recorded signals must be as wide as in the reference engine.
            node = node_of(instrumented(params), routing=routing)
            self._watch = Watch(waves, node, node.params)
            library, counters = library_of(node, probes=self._watch.signals, announce=announce), counter_names(node)
        self._chip = NativeChip(
            library,
            counters,
            tiles_per_node=params.tiles_per_node,
            rows=params.rows,
            cols=params.cols,
            recycle=waves is None,
            threads=1 if waves is not None else threads,
        )
        if self._watch:
            self._watch.begin(self._chip)
        entries = entries_of(table, params)
        self._known = known_keys(entries, params)
        self._chip.configure(entries)
        if ready is not None:
            self._chip.set_ready(ready_pattern(ready, params))
        self._packets: list[Packets] = []
        self._log = DeliveryLog()
        self._exchange: NativeExchange | None = None

    @property
    def cycle(self) -> int:
        """The next cycle to be simulated."""
        return self._chip.status[0]

    @property
    def in_flight(self) -> int:
        """Packets injected or waiting that are not completely delivered."""
        _cycle, given, delivered, *_ = self._chip.status
        return given - delivered

    @property
    def evaluations(self) -> int:
        """Number of evaluations of a tile at a clock edge."""
        return self._chip.status[4]

    def inject(self, packets: Packets) -> Ints:
        """Append packets to their tiles' source queues; return their tags."""
        cycle, first, delivered, *_ = self._chip.status
        check_packets(packets, self.params, cycle, self._known)
        if first - delivered + len(packets) > 1 << _TAG_BITS:
            raise ValueError(f"at most {1 << _TAG_BITS} packets can wait or be in the network at a time")
        self._take_sent()
        self._chip.inject(packets)
        if not self._log_file:
            self._packets.append(packets)
        return np.arange(first, first + len(packets))

    def run(self, until_cycle: int) -> None:
        """Simulate all cycles before ``until_cycle``."""
        self._execute(until_cycle, stop_when_empty=False)

    def drain(self, max_cycles: int | None = None) -> None:
        """Run until everything has been delivered."""
        limit = None if max_cycles is None else self.cycle + max_cycles
        if self._execute(limit, stop_when_empty=True) == STUCK:
            raise TimeoutError(f"{self.in_flight} packets can never be delivered: nothing moves any more")
        if self.in_flight:
            raise TimeoutError(f"{self.in_flight} packets were not delivered within {max_cycles} cycles")

    def packets(self) -> Packets:
        """Everything injected so far, by tag; raises ``ValueError`` with a ``log_file``, for then it is not kept."""
        if self._log_file:
            raise ValueError("packets are not kept when the log goes to a file: log_file must be None for that")
        self._take_sent()
        if len(self._packets) != 1:
            self._packets = [concatenate(self._packets)]
        return self._packets[0]

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        fresh = self._chip.take_log()
        if self._log_file:
            self._log_file.append(fresh)
            return deliveries_of_rows(self._log_file.read(first), TileGrid.of(self.params))
        self._log.append(fresh)
        return deliveries_by(self._chip, self._log.read(first), TileGrid.of(self.params))

    def activity(self) -> Activity:
        """Events counted so far by the tiles' counters."""
        return activity_in(self._chip, self.params)

    @property
    def can_exchange(self) -> bool:
        """Whether a network can be in lock-step with it in compiled code: where neither waves nor log go elsewhere."""
        return self._watch is None and self._log_file is None

    def exchange(self, table: SpikeTable) -> NativeExchange:
        """Return what a network in lock-step calls, in place of `inject` and `run`; it must be one that `can_exchange`.

        At most one is in use, but packets may be injected besides.
        """
        self._take_sent()
        # It is kept by what it is kept in: what it calls must not keep this engine.
        chip, progress = self._chip, self._progress

        def pause() -> None:
            if progress:
                cycle, given, delivered, *_ = chip.status
                progress(cycle, delivered, given)

        self._exchange = NativeExchange(chip, table, most=1 << _TAG_BITS, milliseconds=_SLICE_MS, pause=pause)
        return self._exchange

    def _take_sent(self) -> None:
        if self._exchange is not None and self._exchange.spikes_sent:
            self._packets.append(self._exchange.take_packets())

    def _execute(self, until: int | None, *, stop_when_empty: bool) -> int:
        outcome = UNFINISHED
        with deferred_interrupt() as interrupt:
            while outcome == UNFINISHED and not interrupt:
                outcome = self._chip.run(until, stop_when_empty=stop_when_empty, milliseconds=_SLICE_MS)
                if self._watch:
                    self._watch.show(self._chip)
                if self._log_file and self._chip.status[3] >= _ROWS_PER_WRITE:
                    self._log_file.append(self._chip.take_log())
                if self._progress and outcome == UNFINISHED:
                    cycle, given, delivered, *_ = self._chip.status
                    self._progress(cycle, delivered, given)
        if outcome == FAULTY:
            raise HardwareFault(self._chip.fault)
        return outcome


class DeliveryLog:
    """Rows of deliveries (`LOG_COLUMNS`), in the order in which they happened."""

    def __init__(self) -> None:
        self._parts: list[Ints] = []
        self._rows = 0

    def append(self, rows: Ints) -> None:
        """Add what has happened since."""
        if len(rows):
            self._parts.append(rows)
            self._rows += len(rows)

    def read(self, first: int) -> Ints:
        """All but the ``first`` rows."""
        # Callers ask for the end again and again; only that much of the log is put together.
        parts: list[Ints] = []
        end = self._rows
        for part in reversed(self._parts):
            if end <= first:
                break
            end -= len(part)
            parts.append(part[max(0, first - end) :])
        if len(parts) == 1:
            return parts[0]  # the log of a run that was never looked at before need not be copied
        return np.concatenate([np.zeros((0, len(LOG_COLUMNS)), dtype=np.int64), *reversed(parts)])


def deliveries_by(chip: NativeChip, rows: Ints, grid: TileGrid) -> Deliveries:
    """The same as `deliveries_of_rows`, by compiled code, which takes a fraction of the time."""
    if len(rows) < grid.tiles**2:  # a table of hops would take longer than they
        return deliveries_of_rows(rows, grid)
    tiles = np.arange(grid.tiles)
    return Deliveries(*chip.sorted_log(rows, order_of_rows(rows, grid), grid.hops(tiles[:, None], tiles)))


def activity_in(chip: NativeChip, params: NetworkParams) -> Activity:
    """Events counted so far by the counters of a compiled network."""
    ports = {"flits": "flits_out", "packets": "packets_out"}
    if params.interconnect.has_hubs:
        ports |= {"hub_flits": "hub_flits_out", "hub_packets": "hub_packets_out"}
    node, member = np.array([params.interconnect.locate(tile) for tile in range(params.tiles)]).T
    injected = chip.counters("flits_in")[node, member]
    counts = {name: chip.counters(port) for name, port in ports.items()}
    return activity_of(params, chip.status[0], injected_flits=injected, **counts)


def check_threads(threads: int) -> None:
    """Raise ``TypeError`` or ``ValueError`` unless this is a number of threads that an engine can have."""
    if isinstance(threads, bool) or not isinstance(threads, int):
        raise TypeError(f"threads must be an integer, not {threads!r}")
    if not 1 <= threads <= _MAX_THREADS:
        raise ValueError(f"threads must lie in 1..{_MAX_THREADS}, not {threads}")
