"""The reference engine of chips of cores: `CoreMesh` in Amaranth's own Python simulator, one clock edge at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from amaranth.hdl import Cat, ClockDomain, Module, Value
from amaranth.sim import Simulator

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_mesh import CoreMesh

from ..base import Activity, Deliveries, Ints, Packets
from ..interrupts import Interrupt, deferred_interrupt
from ..ledger import HardwareFault, activity_of, entries_of, instrumented
from ..scoreboard import Scoreboard
from ..wave_sink import WaveSink
from .base import COUNTERS, Tick, Ticks
from .checks import check_events, check_images, check_schedule, reach_of
from .contents import stores_of, words_of
from .door import Door
from .image import CoreImage, HostEvents
from .observer import Observer

if TYPE_CHECKING:
    from amaranth.sim._async import TestbenchContext

__all__ = ["AmaranthCoreEngine"]


class AmaranthCoreEngine:
    """A chip of cores under Amaranth's Python simulator (see `CoreEngine` for what the methods promise).

    While the chip is still and the host sends nothing, no register can change, so the clock stands still until the
    next tick.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `CoreMesh`; tags and counters are added to the network.
    table
        With routing by table: what the routers' tables hold.
    waves
        Where to send waveforms of the network.
    threads
        The simulator has one, whatever this is.

    Raises
    ------
    ValueError
        If the chip is impossible.
    """

    name = "amaranth"

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
    ) -> None:
        self.network, self.core = network, core
        self._host_tile, self._host_key = host_tile, host_key
        self._host_node, _ = network.interconnect.locate(host_tile)
        self._entries = entries_of(table, network)
        self._known, self._reach = reach_of(network, table)
        self._waves = waves
        self._used = self._whole = False
        self._fresh_chip()

    def _fresh_chip(self) -> None:
        """Make a chip whose memories are empty."""
        self._chip = chip = CoreMesh(
            instrumented(self.network), self.core, host_tile=self._host_tile, host_key=self._host_key
        )
        self._stores = [stores_of(tile) for tile in chip.tiles]
        self._door = Door(self.network, chip.tiles[0])
        self._scoreboard = Scoreboard(chip.params, chip.mesh.layouts)
        self._observer = Observer(chip, self._scoreboard, self._reach)
        self._domain = ClockDomain("sync", reset_less=True)
        top = Module()
        top.domains.sync = self._domain
        top.submodules.chip = chip
        self._sampled = () if self._waves is None else self._waves.begin(chip.mesh)
        self._interrupt = Interrupt()
        self._job: tuple[str, Any] = ("", None)
        self._answer: Any = None
        # Packets that the host has still to send, each (tick, bits of the door's payload).
        self._outgoing: list[tuple[int, int]] = []
        self._sent = -2
        self.cycle = self.tick_number = 0
        self._simulator = Simulator(top)

    def load(self, images: Sequence[CoreImage]) -> None:
        """Begin with a fresh chip whose cores hold these images."""
        stores, neurons = self._stores[0], self._chip.tiles[0].core.neurons
        shapes = {name: stores[name].shape for name in neurons.variables}
        check_images(images, self.network, self.core, shapes)
        if self._used:
            self._fresh_chip()
        self._used = self._whole = True
        self._simulator.add_testbench(self._bench)
        self._do("load", images)

    def tick(self, events: HostEvents, cycles: int | None) -> Tick:
        """Run one tick."""
        return self.run(1, events, np.zeros(len(events), dtype=np.int64), cycles)[0]

    def run(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> Ticks:
        """Run several ticks; the host sends each event in the tick ``when``."""
        self._check_loaded()
        check_schedule(ticks, events, when, cycles)
        check_events(events, self.network, self.core, self._known, self._host_node)
        words = self._door.packets(events).tolist()
        first = self.tick_number
        for tick, (low, high) in zip(when.tolist(), words, strict=True):
            self._outgoing.append((first + tick, low | high << 64))
        with deferred_interrupt() as self._interrupt:
            ends = self._do("run", (ticks, cycles))
            if self._interrupt or self._scoreboard.fault:
                self._whole = False
        if self._scoreboard.fault:
            raise HardwareFault(self._scoreboard.fault)
        lengths, overruns = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        fired, words_out = self._observer.taken()
        return Ticks(first, self._door.fired(fired), self._door.reports(words_out), lengths, overruns)

    def read(self, tile: int, variable: str) -> Ints:
        """The present values of a variable of a core's neurons."""
        self._check_loaded()
        store = self._door.store(self._stores[0], tile, variable)
        mask = (1 << 64) - 1
        words = self._do("read", self._stores[tile][variable].storage.data)
        parts = -(-store.shape.width * store.values // 64)
        packed = np.array([[word >> 64 * part & mask for part in range(parts)] for word in words], dtype=np.uint64)
        return store.unpack(packed).reshape(-1)

    def packets(self) -> Packets:
        """Every packet that was offered to the network, by tag."""
        self._check_loaded()
        return self._scoreboard.packets()

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        self._check_loaded()
        return self._scoreboard.deliveries(first)

    def activity(self) -> Activity:
        """Events counted so far by the routers' counters."""
        self._check_loaded()
        return activity_of(self.network, self.cycle, **self._do("activity", None))

    def counters(self) -> dict[str, Ints]:
        """Events counted so far in each core."""
        self._check_loaded()
        return {name: self._observer.counts[name].copy() for name in COUNTERS}

    # Inside: the bench does one job after the other.

    def _check_loaded(self) -> None:
        if not self._whole:
            raise ValueError("load must be called first, and again after a run that was interrupted or failed")

    def _do(self, name: str, about: Any) -> Any:
        self._job = (name, about)
        self._simulator.advance()
        return self._answer

    async def _bench(self, ctx: TestbenchContext) -> None:
        jobs: dict[str, Callable[..., Any]] = {
            "load": self._fill,
            "run": self._run,
            "read": self._look,
            "activity": self._count,
        }
        while True:
            name, about = self._job
            self._answer = jobs[name](ctx, about)
            await ctx.delay(1e-9)

    def _fill(self, ctx: TestbenchContext, images: Sequence[CoreImage]) -> None:
        """Write images into the memories, and the routers' tables, before the first cycle."""
        ctx.set(self._chip.host_out.ready, 1)
        for tile, image in enumerate(images):
            for name, words in words_of(image, self._chip.tiles[tile], self._stores[tile]).items():
                memory = self._stores[tile][name].storage.data
                for row in np.flatnonzero(words.any(axis=1)).tolist():
                    word = sum(part << 64 * place for place, part in enumerate(words[row].tolist()))
                    ctx.set(Value.cast(memory[row]), word)
        for node, hub, key, ports in self._entries:
            port = (self._chip.hub_configure if hub else self._chip.configure)[node]
            ctx.set(Cat(port.valid, port.key, port.ports), 1 | key << 1 | ports << (1 + len(port.key)))
            ctx.set(self._domain.clk, 1)
            ctx.set(self._domain.clk, 0)
            ctx.set(port.valid, 0)

    def _look(self, ctx: TestbenchContext, memory: Any) -> list[int]:
        return [ctx.get(Value.cast(memory[row])) for row in range(memory.depth)]

    def _count(self, ctx: TestbenchContext, _about: None) -> dict[str, Ints]:
        groups = self._observer.router_counters
        return {group: np.array([ctx.get(signal) for signal in signals]) for group, signals in groups.items()}

    def _run(self, ctx: TestbenchContext, job: tuple[int, int | None]) -> list[tuple[int, int]]:
        """Run ticks; return the length and the overruns of each."""
        ticks, cycles = job
        ends: list[tuple[int, int]] = []
        for _ in range(ticks):
            tick, begun = self.tick_number, self.cycle
            self.tick_number += 1
            overruns = self._observer.overruns
            self._one_cycle(ctx, tick, ticking=True)
            while not self._is_over(ctx, tick, begun, cycles):
                if self._interrupt or self._scoreboard.fault:
                    return ends
                if cycles is not None and self._is_still(ctx, tick):
                    self._show_rest(ctx)
                    self.cycle = begun + cycles
                else:
                    self._one_cycle(ctx, tick, ticking=False)
            ends.append((self.cycle - begun, self._observer.overruns - overruns))
        return ends

    def _is_still(self, ctx: TestbenchContext, tick: int) -> bool:
        """Whether nothing changes any more in this tick. What the host sends is seen in ``busy`` two cycles later."""
        sent = not self._outgoing or self._outgoing[0][0] > tick
        return sent and self.cycle >= self._sent + 2 and not ctx.get(self._chip.busy)

    def _is_over(self, ctx: TestbenchContext, tick: int, begun: int, cycles: int | None) -> bool:
        return self._is_still(ctx, tick) if cycles is None else self.cycle == begun + cycles

    def _one_cycle(self, ctx: TestbenchContext, tick: int, *, ticking: bool) -> None:
        chip, door = self._chip, self._chip.host_in
        # The host offers what it has from the cycle after that in which a tick began; an offer stays until it is taken.
        due = tick if ticking else tick + 1
        offers = bool(self._outgoing) and self._outgoing[0][0] < due
        inputs = [self._domain.clk, chip.tick, door.valid, Value.cast(door.payload)]
        value = int(ticking) << 1 | int(offers) << 2 | (self._outgoing[0][1] if offers else 0) << 3
        width = 3 + len(inputs[-1])
        for tile, tag in self._observer.offered(ctx, self.cycle):
            inputs.append(chip.tags[tile])
            value |= tag << width
            width += len(chip.tags[tile])
        # The clock falls and all inputs change at once: one settling of the design for all of them.
        ctx.set(Cat(inputs), value)
        if offers and ctx.get(door.ready):
            del self._outgoing[0]
            self._sent = self.cycle
        self._observer.observe(ctx, self.cycle, tick)
        self._sample(ctx, self.cycle)
        ctx.set(self._domain.clk, 1)
        self.cycle += 1

    def _show_rest(self, ctx: TestbenchContext) -> None:
        """Sample the first skipped cycle: it differs from the last simulated one, the others do not."""
        self._sample(ctx, self.cycle)

    def _sample(self, ctx: TestbenchContext, cycle: int) -> None:
        if self._waves and cycle >= self._waves.start and (self._waves.stop is None or cycle < self._waves.stop):
            self._waves.sample(cycle, [ctx.get(signal) for signal in self._sampled])
