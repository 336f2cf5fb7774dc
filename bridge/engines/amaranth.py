"""The reference engine: the chip in Amaranth's own Python simulator, one clock edge at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Cat, ClockDomain, Module, Shape, Value
from amaranth.lib import data
from amaranth.sim import Simulator

from synaptile.rtl import Mesh, NetworkParams, Port, RoutingTable
from synaptile.rtl.routing import Routing

from .base import Activity, Deliveries, Ints, Packets, Progress
from .interrupts import Interrupt, deferred_interrupt
from .ledger import HardwareFault, check_packets, concatenate, deliveries_of, entries_of
from .probes import Nodes, Probe

if TYPE_CHECKING:
    from amaranth.sim._async import TestbenchContext

__all__ = ["COUNTER_BITS", "TAG_BITS", "AmaranthEngine", "WaveSink"]

TAG_BITS = 48
COUNTER_BITS = 48


class WaveSink(Protocol):
    """Takes the values of chosen signals in every simulated cycle of a window."""

    start: int
    """First cycle wanted."""
    stop: int | None
    """First cycle no longer wanted; ``None`` for all."""

    def begin(self, mesh: Nodes) -> Sequence[Value]:
        """Choose the signals."""
        ...

    @property
    def probes(self) -> Sequence[Sequence[Probe]]:
        """For each of these, the probes that it is made of, the first in its lowest bits."""
        ...

    def sample(self, cycle: int, values: Sequence[int]) -> None:
        """Take their settled values in a cycle; cycles left out are those in which nothing changed."""
        ...


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
        progress: Progress | None = None,
    ) -> None:
        self.params = params.with_(tag_bits=TAG_BITS, counter_bits=COUNTER_BITS)
        self.cycle = 0
        self._waves = waves
        self._progress = progress
        self._ready = None if ready is None else np.asarray(ready, dtype=bool)
        if self._ready is not None and (self._ready.ndim != 2 or self._ready.shape[0] != params.tiles):
            raise ValueError(f"ready must have shape ({params.tiles}, period), not {self._ready.shape}")

        self._packets: list[Packets] = []
        self._count = 0
        # Per packet, by tag.
        self._created: list[int] = []
        self._source: list[int] = []
        self._destination: list[int] = []
        self._payload: list[int] = []
        self._expected: list[tuple[int, int]] = []
        self._injected: list[int] = []

        self._future: list[int] = []  # tags by creation; those from _next on are still to be created
        self._next = 0
        self._queues: list[deque[int]] = [deque() for _ in range(params.tiles)]
        self._waiting: set[int] = set()  # tiles with a queue that is not empty
        self._stale: set[int] = set()  # tiles that do not offer the front of their queue yet
        self._inside = 0  # packets in the network
        self._arriving: dict[int, tuple[int, int]] = {}  # tag: index of the next flit, cycle of the head
        self._rows: list[dict[int, int]] = []  # of each tag: those of its packet by destination
        self._entries = entries_of(table, params)
        self._log: list[tuple[int, int, int]] = []  # tag, delivered, completed
        self._fault = ""

        self._mesh = Mesh(self.params, routing=routing)
        self._seats = [self.params.interconnect.locate(tile) for tile in range(self.params.tiles)]
        self._spike_bits = Shape.cast(self._mesh.layouts.spike).width
        self._counters = {
            "flits": [node.flits_out[port] for node in self._mesh.nodes for port in Port],
            "packets": [node.packets_out[port] for node in self._mesh.nodes for port in Port],
            "injected": [self._mesh.nodes[node].flits_in[member] for node, member in self._seats],
        }
        if self.params.interconnect.has_hubs:
            self._counters |= {
                "hub_flits": [node.hub_flits_out[port] for node in self._mesh.nodes for port in Port],
                "hub_packets": [node.hub_packets_out[port] for node in self._mesh.nodes for port in Port],
            }
        self._counts: dict[str, list[int]] = {}
        self._rest_shown = False  # the waves have seen the chip at rest since it last moved

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
        return self._count - len(self._log)

    def inject(self, packets: Packets) -> Ints:
        """Append packets to their tiles' source queues; return their tags."""
        check_packets(packets, self.params, self.cycle)
        first = self._count
        tags = np.arange(first, first + len(packets))
        if not len(packets):
            return tags
        self._packets.append(packets)
        self._count += len(packets)
        self._created += packets.cycle.tolist()
        self._source += packets.source.tolist()
        self._destination += packets.destination.tolist()
        self._injected += [-1] * len(packets)
        stamps = (packets.stamp & ((1 << self.params.stamp_bits) - 1)).tolist()
        spike = self._mesh.layouts.spike
        leads: list[int] = []
        for tag, destination, key, more, neuron, stamp in zip(
            tags.tolist(),
            packets.destination.tolist(),
            packets.key.tolist(),
            packets.more.tolist(),
            packets.neuron.tolist(),
            stamps,
            strict=True,
        ):
            if more:
                self._rows.append(self._rows[-1])
            else:
                leads.append(tag)
                self._rows.append({})
            self._rows[-1][destination] = tag
            fields: dict[int | str, Any] = {
                "dst": {"key": key} if self.params.table_entries else self._address(destination),
                "neuron": neuron,
                "stamp": stamp,
                "tag": tag,
            }
            self._payload.append(spike.const(fields).as_value().value)
            self._expected.append((neuron, stamp))
        del self._future[: self._next]
        self._next = 0
        self._future += leads
        self._future.sort(key=self._created.__getitem__)  # stable: order within a cycle is kept
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
        if len(self._packets) != 1:
            self._packets = [concatenate(self._packets)]
        return self._packets[0]

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        log = np.array(self._log[first:], dtype=np.int64).reshape(-1, 3)
        tag = log[:, 0]
        injected = np.array([self._injected[t] for t in tag.tolist()], dtype=np.int64)
        return deliveries_of(self.packets(), tag, injected, log[:, 1], log[:, 2], self.params)

    def activity(self) -> Activity:
        """What the tiles' counters have counted so far."""
        counts = {name: np.array(values, dtype=np.int64) for name, values in self._counts.items()}
        injected = counts.pop("injected")
        return Activity(
            cycles=self.cycle,
            rows=self.params.rows,
            cols=self.params.cols,
            injected_flits=injected,
            topology=self.params.topology,
            **{name: values.reshape(-1, len(Port)) for name, values in counts.items()},
        )

    # Inside.

    def _address(self, tile: int) -> dict[str, int]:
        node, member = self._seats[tile]
        row, col = divmod(node, self.params.mesh_cols)
        return {"row": row, "col": col} | ({"member": member} if self.params.interconnect.has_hubs else {})

    def _execute(self, until: int | None, *, stop_when_empty: bool) -> None:
        self._until, self._stop_when_empty = until, stop_when_empty
        with deferred_interrupt() as self._interrupt:
            self._simulator.advance()
        if self._fault:
            raise HardwareFault(self._fault)

    async def _bench(self, ctx: TestbenchContext) -> None:
        """Run from one `_execute` to the next. The simulator's own time has no meaning, ``cycle`` has."""
        ctx.set(Cat(port.ready for port in self._mesh.arrivals), -1)
        if self._entries:
            await self._configure(ctx)
        while True:
            last_report = time.monotonic()
            while self._until is None or self.cycle < self._until:
                if self._interrupt or self._fault or (self._stop_when_empty and not self.in_flight):
                    break
                if not self._inside and not self._waiting and not ctx.get(self._mesh.busy):
                    idle_from = self.cycle
                    more = self._skip_idle()
                    self._show_rest(ctx, idle_from)
                    if not more:
                        break
                self._one_cycle(ctx)
                if self._progress and time.monotonic() - last_report > 0.25:
                    last_report = time.monotonic()
                    self._progress(self.cycle, len(self._log), self._count)
            for group, signals in self._counters.items():
                self._counts[group] = [ctx.get(signal) for signal in signals]
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

    def _skip_idle(self) -> bool:
        """Nothing moves: jump to the next creation, or to the end; whether there is still something to do."""
        upcoming = self._created[self._future[self._next]] if self._next < len(self._future) else None
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
        while self._next < len(self._future) and self._created[tag := self._future[self._next]] <= cycle:
            self._next += 1
            self._queues[self._source[tag]].append(tag)
            self._waiting.add(self._source[tag])
            self._stale.add(self._source[tag])

        # The clock falls and all inputs change at once: one settling of the design for all of them.
        inputs: list[Value] = [self._domain.clk]
        value, width = 0, 1
        for tile in sorted(self._stale):
            port = self._mesh.spikes[tile]
            inputs += [port.valid, port.payload.as_value()]
            if self._queues[tile]:
                value |= (1 | self._payload[self._queues[tile][0]] << 1) << width
            width += 1 + self._spike_bits
        self._stale.clear()
        if self._ready is not None:
            inputs += [port.ready for port in self._mesh.arrivals]
            takes = self._ready[:, cycle % self._ready.shape[1]]
            value |= sum(1 << tile for tile in np.flatnonzero(takes).tolist()) << width
        ctx.set(Cat(inputs), value)

        for tile in sorted(self._waiting):
            if ctx.get(self._mesh.spikes[tile].ready):
                for tag in self._rows[self._queues[tile].popleft()].values():
                    self._injected[tag] = cycle
                    self._inside += 1
                self._stale.add(tile)
                if not self._queues[tile]:
                    self._waiting.discard(tile)
        for tile, port in enumerate(self._mesh.arrivals):
            if ctx.get(port.valid) and (self._ready is None or takes[tile]):
                self._arrive(tile, cycle, ctx.get(port.payload))
        self._sample(ctx, cycle)
        self._rest_shown = False
        ctx.set(self._domain.clk, 1)
        self.cycle = cycle + 1

    def _arrive(self, tile: int, cycle: int, arrival: data.Const) -> None:
        """Book an arriving flit, having compared it with what was sent."""
        tag = arrival.tag
        known = tag < self._count and self._injected[tag] >= 0
        if known:
            tag = self._rows[tag].get(tile, tag)
        index, head = self._arriving.get(tag, (0, cycle))
        neuron, stamp = self._expected[tag] if known else (None, None)
        multi = self.params.flits > 1
        seen = {"tile": tile, "neuron": arrival.neuron, "first": arrival.first, "last": arrival.last}
        want = {
            "tile": self._destination[tag] if known else None,
            "neuron": neuron,
            "first": int(index == 0),
            "last": int(index == self.params.flits - 1),
        }
        if multi and index:
            seen |= {"index": arrival.index, "stamp": arrival.stamp}
            want |= {"index": index, "stamp": stamp}
        if seen != want:
            self._fault = f"cycle {cycle}: flit {index} of packet {tag} arrived as {seen}, but was sent as {want}"
        elif arrival.last:
            self._arriving.pop(tag, None)
            self._log.append((tag, head, cycle))
            self._inside -= 1
        else:
            self._arriving[tag] = (index + 1, head)
