"""The reference engine: the chip in Amaranth's own Python simulator, one clock edge at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Cat, ClockDomain, Module, Shape, Value
from amaranth.sim import Simulator

from synaptile.rtl import Mesh, NetworkParams, Port, RoutingTable
from synaptile.rtl.routing import Routing

from .base import Activity, CycleProgress, Deliveries, Ints, Packets
from .interrupts import Interrupt, deferred_interrupt
from .ledger import HardwareFault, activity_of, check_packets, entries_of, instrumented, known_keys, ready_pattern
from .scoreboard import Scoreboard, SourceQueues
from .wave_sink import WaveSink

if TYPE_CHECKING:
    from amaranth.sim._async import TestbenchContext

__all__ = ["AmaranthEngine", "counters_of"]

_REPORT_SECONDS = 0.25
"""Time between two calls of ``progress``."""


class AmaranthEngine:
    """A chip under Amaranth's Python simulator (see `Engine` for what the methods promise).

    Idle cycles cost nothing: when every queue is empty and no source waits, no register can change, so the clock
    stands still until the next packet is created.

    Parameters
    ----------
    params
        The network; tags and counters are added to it.
    routing
        A routing relation in place of the one that the parameters name.
    table
        With routing by table: what the routers' tables hold.
    ready
        Back-pressure, for tests: shape (tiles, period), whether each tile takes an arrival in cycles 0, 1, ... modulo
        the period. By default it always does.
    waves
        Where to send waveforms.
    progress
        Called about four times a second.
    """

    name = "amaranth"

    def __init__(
        self,
        params: NetworkParams,
        *,
        routing: Routing | None = None,
        table: RoutingTable | None = None,
        ready: npt.NDArray[np.bool_] | None = None,
        waves: WaveSink | None = None,
        progress: CycleProgress | None = None,
    ) -> None:
        self.params = instrumented(params)
        self.cycle = 0
        self._waves = waves
        self._progress = progress
        self._ready = None if ready is None else ready_pattern(ready, params)
        self._entries = entries_of(table, params)
        self._known = known_keys(self._entries, params)
        self._mesh = Mesh(self.params, routing=routing)
        self._sources = SourceQueues(params.tiles)
        self._scoreboard = Scoreboard(self.params, self._mesh.layouts)
        self._spike_bits = Shape.cast(self._mesh.layouts.spike).width
        self._counters = counters_of(self._mesh)
        self._counts: dict[str, Ints] = {}
        self._rest_shown = False  # the waves have been given the chip at rest since it last moved

        self._domain = ClockDomain("sync", reset_less=True)
        top = Module()
        top.domains.sync = self._domain
        top.submodules.chip = self._mesh
        self._until: int | None = 0
        self._stop_when_empty = False
        self._interrupt = Interrupt()
        self._simulator = Simulator(top)
        self._sampled = () if waves is None else waves.begin(self._mesh)
        self._simulator.add_testbench(self._bench)
        self._simulator.advance()

    # What the user sees.

    @property
    def in_flight(self) -> int:
        """Packets injected or waiting that are not completely delivered."""
        return self._scoreboard.count - len(self._scoreboard.log)

    def inject(self, packets: Packets) -> Ints:
        """Append packets to their tiles' source queues; return their tags."""
        check_packets(packets, self.params, self.cycle, self._known)
        tags, to_send = self._scoreboard.add(packets)
        self._sources.add(to_send)
        return tags

    def run(self, until_cycle: int) -> None:
        """Simulate all cycles before ``until_cycle``."""
        self._execute(until_cycle, stop_when_empty=False)

    def drain(self, max_cycles: int | None = None) -> None:
        """Run until everything has been delivered."""
        limit = None if max_cycles is None else self.cycle + max_cycles
        self._execute(limit, stop_when_empty=True)
        if self.in_flight:
            raise TimeoutError(f"{self.in_flight} packets were not delivered within {max_cycles} cycles")

    def packets(self) -> Packets:
        """Everything injected so far, by tag."""
        return self._scoreboard.packets()

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        return self._scoreboard.deliveries(first)

    def activity(self) -> Activity:
        """Events counted so far by the tiles' counters."""
        return activity_of(self.params, self.cycle, **self._counts)

    # Inside.

    def _execute(self, until: int | None, *, stop_when_empty: bool) -> None:
        self._until, self._stop_when_empty = until, stop_when_empty
        with deferred_interrupt() as self._interrupt:
            self._simulator.advance()
        if self._scoreboard.fault:
            raise HardwareFault(self._scoreboard.fault)

    async def _bench(self, ctx: TestbenchContext) -> None:
        """Run from one `_execute` to the next. The simulator's own time has no meaning, ``cycle`` has."""
        ctx.set(Cat(port.ready for port in self._mesh.arrivals), -1)
        if self._entries:
            await self._configure(ctx)
        while True:
            last_report = time.monotonic()
            while self._until is None or self.cycle < self._until:
                if self._interrupt or self._scoreboard.fault or (self._stop_when_empty and not self.in_flight):
                    break
                if self._at_rest(ctx):
                    idle_from = self.cycle
                    more = self._skip_idle()
                    self._show_rest(ctx, idle_from)
                    if not more:
                        break
                self._one_cycle(ctx)
                if self._progress and time.monotonic() - last_report > _REPORT_SECONDS:
                    last_report = time.monotonic()
                    self._progress(self.cycle, len(self._scoreboard.log), self._scoreboard.count)
            for group, signals in self._counters.items():
                self._counts[group] = np.array([ctx.get(signal) for signal in signals], dtype=np.int64)
            await ctx.delay(1e-9)

    async def _configure(self, ctx: TestbenchContext) -> None:
        """Write the tables before the first cycle, an entry of every tile at a time."""
        writers = [*self._mesh.configure, *getattr(self._mesh, "hub_configure", ())]
        by_table: list[list[tuple[int, int]]] = [[] for _ in writers]
        for node, hub, key, ports in self._entries:
            by_table[hub * self.params.nodes + node].append((key, ports))
        for number in range(max(len(entries) for entries in by_table)):
            for port, entries in zip(writers, by_table, strict=True):
                ctx.set(port.valid, number < len(entries))
                if number < len(entries):
                    ctx.set(port.key, entries[number][0])
                    ctx.set(port.ports, entries[number][1])
            ctx.set(self._domain.clk, 1)
            ctx.set(self._domain.clk, 0)
        ctx.set(Cat(port.valid for port in writers), 0)

    def _at_rest(self, ctx: TestbenchContext) -> bool:
        """Return whether no register can change before the next packet is created."""
        return not self._scoreboard.in_network and not self._sources.waiting and not ctx.get(self._mesh.busy)

    def _skip_idle(self) -> bool:
        """Jump to the next creation, or to the end, as nothing moves; return whether there is still something to do."""
        upcoming = self._sources.next_creation
        if upcoming is None or (self._until is not None and upcoming >= self._until):
            self.cycle = self.cycle if self._until is None else self._until
            return False
        self.cycle = max(self.cycle, upcoming)
        return True

    def _show_rest(self, ctx: TestbenchContext, idle_from: int) -> None:
        """Sample the first skipped cycle of a stretch: it differs from the last simulated one, the others do not."""
        if self._waves and not self._rest_shown:
            first = max(idle_from, self._waves.start)
            if first < self.cycle:
                self._rest_shown = True
                self._sample(ctx, first)

    def _sample(self, ctx: TestbenchContext, cycle: int) -> None:
        if self._waves and cycle >= self._waves.start and (self._waves.stop is None or cycle < self._waves.stop):
            self._waves.sample(cycle, [ctx.get(signal) for signal in self._sampled])

    def _one_cycle(self, ctx: TestbenchContext) -> None:
        cycle = self.cycle
        self._sources.create(cycle)
        # The clock falls and all inputs change at once: one settling of the design for all of them.
        inputs: list[Value] = [self._domain.clk]
        value, width = 0, 1
        for tile in sorted(self._sources.changed):
            port = self._mesh.spikes[tile]
            inputs += [port.valid, port.payload.as_value()]
            if (tag := self._sources.front(tile)) is not None:
                value |= (1 | self._scoreboard.payload(tag) << 1) << width
            width += 1 + self._spike_bits
        self._sources.changed.clear()
        if self._ready is not None:
            inputs += [port.ready for port in self._mesh.arrivals]
            takes = self._ready[:, cycle % self._ready.shape[1]]
            value |= sum(1 << tile for tile in np.flatnonzero(takes).tolist()) << width
        ctx.set(Cat(inputs), value)

        for tile in sorted(self._sources.waiting):
            if ctx.get(self._mesh.spikes[tile].ready):
                self._scoreboard.enter(self._sources.take(tile), cycle)
        for tile, port in enumerate(self._mesh.arrivals):
            if ctx.get(port.valid) and (self._ready is None or takes[tile]):
                self._scoreboard.arrive(tile, cycle, ctx.get(port.payload))
        if self.params.can_drop and (dropped := ctx.get(self._mesh.error)):
            node = (dropped & -dropped).bit_length() - 1
            self._scoreboard.fault = f"cycle {cycle - 1}: node {node} dropped a packet to nowhere, or of an unknown key"
        self._sample(ctx, cycle)
        self._rest_shown = False
        ctx.set(self._domain.clk, 1)
        self.cycle = cycle + 1


def counters_of(mesh: Mesh) -> dict[str, list[Value]]:
    """The event counters of a mesh, by the column of `Activity` that they are for."""
    params = mesh.params
    seats = [params.interconnect.locate(tile) for tile in range(params.tiles)]
    counters = {
        "flits": [node.flits_out[port] for node in mesh.nodes for port in Port],
        "packets": [node.packets_out[port] for node in mesh.nodes for port in Port],
        "injected_flits": [mesh.nodes[node].flits_in[member] for node, member in seats],
    }
    if params.interconnect.has_hubs:
        counters |= {
            "hub_flits": [node.hub_flits_out[port] for node in mesh.nodes for port in Port],
            "hub_packets": [node.hub_packets_out[port] for node in mesh.nodes for port in Port],
        }
    return counters
