"""The compiled engine of chips of cores: the same node and the same tile as C++, each compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import CoreTile

from ...tile_grid import TileGrid
from ..base import Activity, Deliveries, Ints, Packets
from ..compiled import DeliveryLog, activity_in, check_threads
from ..interrupts import deferred_interrupt
from ..ledger import HardwareFault, concatenate, entries_of
from ..logfile import deliveries_of_rows
from ..native.cores_library import NativeCores, library_of_cores
from ..native.library import DONE, FAULTY, UNFINISHED
from ..wave_sink import WaveSink
from .base import Tick, Ticks
from .checks import check_events, check_images, check_schedule, reach_of
from .contents import stores_of, words_of
from .door import Door
from .image import CoreImage, HostEvents

__all__ = ["CompiledCoreEngine"]

_SLICE_MS = 50
"""Time for which native code runs before Ctrl-C is looked after."""
_TAG_BITS = 28
_COUNTER_BITS = 16


class CompiledCoreEngine:
    """A chip of compiled cores (see `CoreEngine` for what the methods promise).

    The circuits of a node of the network and of a core's tile go through CXXRTL to C++, and are compiled once for a
    chip's parameters. What cannot change is not evaluated, and idle cycles are skipped. Everything that is seen of the
    chip is the same as in `AmaranthCoreEngine`, cycle by cycle.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `CoreMesh`.
    table
        With routing by table: what the routers' tables hold.
    waves
        Must be None: the cores' waveforms come from the engine ``amaranth``.
    threads
        Number of threads that evaluate nodes, 1..1024; the results do not depend on it.
    announce
        Called with one line before the chip is compiled, if it is not in the cache.

    Raises
    ------
    ValueError
        If the chip is impossible, or ``waves`` are asked for.
    EngineUnavailable
        If there is no C++ compiler, or it fails, or the cache cannot be written.
    """

    name = "compiled"

    def __init__(
        self,
        network: NetworkParams,
        core: CoreParams,
        *,
        host_tile: int = 0,
        host_key: int = 0,
        table: RoutingTable | None = None,
        waves: WaveSink | None = None,
        threads: int = 1,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        check_threads(threads)
        if waves is not None:
            raise ValueError("waves of cores need the engine 'amaranth', not 'compiled'")
        self.network, self.core = network, core
        self._tile = CoreTile(network, core, host_tile=host_tile, host_key=host_key)
        self._stores = stores_of(self._tile)
        self._door = Door(network, self._tile)
        self._host_tile, self._threads = host_tile, threads
        self._entries = entries_of(table, network)
        self._known, self._reach = reach_of(network, table)
        traced = network.replace(tag_bits=_TAG_BITS, counter_bits=_COUNTER_BITS)
        self._library, self._counters = library_of_cores(traced, self._tile, announce)
        self._chip: NativeCores | None = None
        self.tick_number = 0

    @property
    def cycle(self) -> int:
        """The next cycle to be simulated; 0 after `load`."""
        return 0 if self._chip is None else self._chip.status[0]

    @property
    def evaluations(self) -> int:
        """Number of evaluations of a core at a clock edge."""
        return self._loaded.evaluations

    def load(self, images: Sequence[CoreImage]) -> None:
        """Begin with a fresh chip whose cores hold these images."""
        shapes = {name: self._stores[name].shape for name in self._tile.core.neurons.variables}
        check_images(images, self.network, self.core, shapes)
        chip = NativeCores(self._library, self._counters, self.network, self._host_tile, self._threads)
        if self._entries:
            chip.configure(self._entries)
            places = sorted(self._reach)
            tiles = [tile for place in places for tile in self._reach[place]]
            ends = np.cumsum([len(self._reach[place]) for place in places])
            keys = self.network.table_entries
            chip.set_reach(keys, np.array([node * keys + key for node, key in places]), ends, np.array(tiles))
        for tile, image in enumerate(images):
            for name, words in words_of(image, self._tile, self._stores).items():
                chip.load(tile, chip.memories[self._stores[name].path], words)
        self._chip, self.tick_number = chip, 0
        self._offers: list[Packets] = []
        self._log = DeliveryLog()

    def tick(self, events: HostEvents, cycles: int | None) -> Tick:
        """Run one tick."""
        return self.run(1, events, np.zeros(len(events), dtype=np.int64), cycles)[0]

    def run(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> Ticks:
        """Run several ticks; the host sends each event in the tick ``when``."""
        chip = self._loaded
        check_schedule(ticks, events, when, cycles)
        node, _ = self.network.interconnect.locate(self._host_tile)
        check_events(events, self.network, self.core, self._known, node)
        chip.schedule(ticks, cycles, when, self._door.packets(events))
        outcome = UNFINISHED
        with deferred_interrupt() as interrupt:
            while outcome == UNFINISHED and not interrupt:
                outcome = chip.go(_SLICE_MS)
            if outcome != DONE:
                self._chip = None
        if outcome == FAULTY:
            raise HardwareFault(chip.fault)
        first, self.tick_number = self.tick_number, self.tick_number + ticks
        lengths, overruns = chip.take_ticks()
        reported = self._door.reports(chip.take_words())
        return Ticks(first, self._door.fired(chip.take_fired()), reported, lengths, overruns)

    def read(self, tile: int, variable: str) -> Ints:
        """The present values of a variable of a core's neurons."""
        store, chip = self._door.store(self._stores, tile, variable), self._loaded
        return store.unpack(chip.look_into(tile, chip.memories[store.path])).reshape(-1)

    def packets(self) -> Packets:
        """Every packet that was offered to the network, by tag."""
        columns = self._loaded.take_offers().T
        fresh = Packets(**dict(zip((field.name for field in fields(Packets)), columns, strict=True)))
        self._offers = [concatenate([*self._offers, fresh])]
        return self._offers[0]

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        self._log.append(self._loaded.take_log())
        return deliveries_of_rows(self._log.read(first), TileGrid.of(self.network))

    def activity(self) -> Activity:
        """Events counted so far by the routers' counters."""
        return activity_in(self._loaded, self.network)

    def counters(self) -> dict[str, Ints]:
        """Events counted so far in each core."""
        return self._loaded.core_counts()

    @property
    def _loaded(self) -> NativeCores:
        if self._chip is None:
            raise ValueError("load must be called first, and again after a run that was interrupted or failed")
        return self._chip
