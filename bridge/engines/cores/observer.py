"""What is seen of a chip of cores in the reference engine: packets, spikes, counters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from amaranth.hdl import Cat

from synaptile.rtl.core.payload import Kind
from synaptile.rtl.core_mesh import CoreMesh

from ..amaranth import counters_of
from ..base import Ints, Packets
from ..scoreboard import Scoreboard
from .base import COUNTERS

if TYPE_CHECKING:
    from amaranth.sim._async import TestbenchContext

__all__ = ["Observer"]


class Observer:
    """Looks at a chip in every simulated cycle.

    Parameters
    ----------
    chip
        The chip; its network has tags.
    scoreboard
        Where packets are booked.
    reach
        With keys: the tiles that packets from a node with a key get to.

    Attributes
    ----------
    counts
        What each core has counted, by the names in `COUNTERS`.
    overruns
        Overruns of all cores so far.
    router_counters
        The routers' counters, by the column of `Activity` that they are for.
    """

    def __init__(
        self, chip: CoreMesh, scoreboard: Scoreboard, reach: Mapping[tuple[int, int], tuple[int, ...]]
    ) -> None:
        self._chip, self._scoreboard, self._reach = chip, scoreboard, reach
        network = chip.params
        self._seats = [network.interconnect.locate(tile) for tile in range(network.tiles)]
        self._lanes = len(chip.tiles[0].fired)
        self.counts = {name: np.zeros(network.tiles, dtype=np.int64) for name in COUNTERS}
        self.overruns = 0
        self.router_counters = counters_of(chip.mesh)
        self._offers: dict[int, int] = {}  # tag of what each tile offers
        self._fired: list[tuple[int, int, int, int]] = []
        self._words: list[tuple[int, int, int]] = []
        # One look at each of these for all tiles.
        tiles = chip.tiles
        self._valid = Cat(tile.spikes.valid for tile in tiles)
        self._events = Cat(
            Cat(
                tile.spikes.valid & tile.spikes.ready,
                tile.arrivals.valid & tile.arrivals.ready,
                tile.fired_valid,
                tile.busy,
                tile.overrun,
                tile.refused,
            )
            for tile in tiles
        )

    def offered(self, ctx: TestbenchContext, cycle: int) -> Iterator[tuple[int, int]]:
        """Tile and tag of every packet that is offered to the network for the first time, at the cycle's beginning."""
        for tile in _ones(ctx.get(self._valid)):
            if tile not in self._offers:
                tag = self._book(tile, cycle, ctx.get(self._chip.tiles[tile].spikes.payload))
                if tag is None:
                    return
                self._offers[tile] = tag
                yield tile, tag

    def _book(self, tile: int, cycle: int, spike: Any) -> int | None:
        """The tag of a new packet; None, and a fault, if there is no such destination."""
        destinations = self._destinations(tile, spike.dst)
        if not destinations:
            self._fault(
                f"cycle {cycle}: the core of tile {tile} sends to a place that the chip does not have, or with a key "
                "that nobody knows"
            )
            return None
        count = len(destinations)
        key = spike.dst.key if self._chip.params.table_entries else 0
        packets = Packets(
            cycle=np.full(count, cycle),
            source=np.full(count, tile),
            destination=np.array(destinations),
            neuron=np.full(count, spike.neuron),
            stamp=np.full(count, spike.stamp),
            key=np.full(count, key),
            more=np.minimum(np.arange(count), 1),
        )
        tags, _ = self._scoreboard.add(packets)
        return int(tags[0])

    def _destinations(self, tile: int, address: Any) -> tuple[int, ...]:
        network = self._chip.params
        if network.table_entries:
            return self._reach.get((self._seats[tile][0], address.key), ())
        if address.row >= network.mesh_rows or address.col >= network.mesh_cols:
            return ()
        member = address.member if network.member_bits else 0
        return (network.interconnect.tile_at(address.row * network.mesh_cols + address.col, member),)

    def observe(self, ctx: TestbenchContext, cycle: int, tick: int) -> None:
        """Look at everything, once all inputs of the cycle are set."""
        chip, counts = self._chip, self.counts
        seen = ctx.get(self._events)
        for tile, ports in enumerate(chip.tiles):
            if not (bits := seen >> 6 * tile & 63):
                continue
            sends, receives, fires, busy, overrun, refused = (bits >> place & 1 for place in range(6))
            if sends and tile in self._offers:
                self._scoreboard.enter(self._offers.pop(tile), cycle)
            if receives:
                arrival = ctx.get(chip.mesh.arrivals[tile].payload)
                self._scoreboard.arrive(tile, cycle, arrival)
                counts["axon_events"][tile] += arrival.last and arrival.neuron & 3 == Kind.EVENT
            if fires:
                first = ctx.get(ports.fired_group) * self._lanes
                who = [first + lane for lane in _ones(ctx.get(ports.fired))]
                self._fired += [(tick, tile, neuron, cycle) for neuron in who]
                counts["spikes"][tile] += len(who)
                counts["neuron_updates"][tile] += self._lanes
            counts["busy_cycles"][tile] += busy
            counts["overruns"][tile] += overrun
            counts["refused"][tile] += refused
            self.overruns += overrun
        if ctx.get(chip.host_out.valid):
            self._words.append((tick, ctx.get(chip.host_out.payload), cycle))
        if chip.params.can_drop and (dropped := ctx.get(chip.error)):
            node = (dropped & -dropped).bit_length() - 1
            self._fault(f"cycle {cycle - 1}: node {node} dropped a packet to nowhere, or of an unknown key")

    def taken(self) -> tuple[Ints, Ints]:
        """Rows of (tick, tile, neuron, cycle) of neurons that fired, and of (tick, payload, cycle) of words out."""
        fired = np.array(self._fired, dtype=np.int64).reshape(-1, 4)
        words = np.array(self._words, dtype=np.int64).reshape(-1, 3)
        self._fired, self._words = [], []
        return fired, words

    def _fault(self, text: str) -> None:
        self._scoreboard.fault = self._scoreboard.fault or text


def _ones(bits: int) -> Iterator[int]:
    """The places of the bits that are 1, ascending."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
