"""Packets under way in the reference engine: their source queues, and a check of every flit that arrives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams, PacketLayouts

from .base import Deliveries, Ints, Packets
from .ledger import concatenate, deliveries_of

__all__ = ["Scoreboard", "SourceQueues"]


class SourceQueues:
    """Packets that are not in the network yet: still to be created, or queued at their tiles.

    Attributes
    ----------
    waiting
        Tiles whose queue is not empty.
    changed
        Tiles whose queue has another packet at its front than the one that the tile offers.
    """

    def __init__(self, tiles: int) -> None:
        self.waiting: set[int] = set()
        self.changed: set[int] = set()
        self._queues: list[deque[int]] = [deque() for _ in range(tiles)]
        self._future: list[tuple[int, int, int]] = []  # (cycle, tile, tag); those from _next on are to be created
        self._next = 0

    def add(self, packets: Iterable[tuple[int, int, int]]) -> None:
        """Have packets, each (cycle, tile, tag), created later; the order within a cycle is kept."""
        del self._future[: self._next]
        self._next = 0
        self._future += packets
        self._future.sort(key=lambda packet: packet[0])

    @property
    def next_creation(self) -> int | None:
        """The cycle in which the next packet is created; ``None`` if there is none left."""
        return self._future[self._next][0] if self._next < len(self._future) else None

    def create(self, cycle: int) -> None:
        """Put the packets of all cycles up to this one into their queues."""
        while self._next < len(self._future) and self._future[self._next][0] <= cycle:
            _cycle, tile, tag = self._future[self._next]
            self._next += 1
            self._queues[tile].append(tag)
            self.waiting.add(tile)
            self.changed.add(tile)

    def front(self, tile: int) -> int | None:
        """Tag of the packet at the front of a tile's queue; ``None`` if that is empty."""
        return self._queues[tile][0] if self._queues[tile] else None

    def take(self, tile: int) -> int:
        """Remove the packet at the front of a tile's queue and return its tag."""
        tag = self._queues[tile].popleft()
        self.changed.add(tile)
        if not self._queues[tile]:
            self.waiting.discard(tile)
        return tag


class Scoreboard:
    """Every packet by its tag; each flit that arrives is compared with what was sent.

    Attributes
    ----------
    count
        Packets known.
    in_network
        Packets that have entered the network and are not completely delivered.
    log
        Tag, cycle of the head and cycle of the last flit of every packet that is completely delivered, in that order.
    fault
        What arrived that was not sent so; empty while the circuit is right.
    """

    def __init__(self, params: NetworkParams, layouts: PacketLayouts) -> None:
        self.count = 0
        self.in_network = 0
        self.log: list[tuple[int, int, int]] = []
        self.fault = ""
        self._params = params
        self._layout = layouts.spike
        self._seats = [params.interconnect.locate(tile) for tile in range(params.tiles)]
        self._parts: list[Packets] = []
        # By tag.
        self._destination: list[int] = []
        self._payload: list[int] = []
        self._expected: list[tuple[int, int]] = []  # neuron, stamp
        self._injected: list[int] = []
        self._copies: list[dict[int, int]] = []  # tags of the rows of its packet, by destination
        self._arriving: dict[int, tuple[int, int]] = {}  # tag: index of the next flit, cycle of the head

    def add(self, packets: Packets) -> tuple[Ints, list[tuple[int, int, int]]]:
        """Number packets.

        Returns
        -------
        The tags of all rows, and (cycle, tile, tag) of each packet to be sent: its first row, with multicast.
        """
        tags = np.arange(self.count, self.count + len(packets))
        if not len(packets):
            return tags, []
        self._parts.append(packets)
        self.count += len(packets)
        self._destination += packets.destination.tolist()
        self._injected += [-1] * len(packets)
        stamps = (packets.stamp & ((1 << self._params.stamp_bits) - 1)).tolist()
        to_send: list[tuple[int, int, int]] = []
        for tag, cycle, source, destination, key, more, neuron, stamp in zip(
            tags.tolist(),
            packets.cycle.tolist(),
            packets.source.tolist(),
            packets.destination.tolist(),
            packets.key.tolist(),
            packets.more.tolist(),
            packets.neuron.tolist(),
            stamps,
            strict=True,
        ):
            if more:
                self._copies.append(self._copies[-1])
            else:
                to_send.append((cycle, source, tag))
                self._copies.append({})
            self._copies[-1][destination] = tag
            fields: dict[int | str, Any] = {
                "dst": {"key": key} if self._params.table_entries else self._address(destination),
                "neuron": neuron,
                "stamp": stamp,
                "tag": tag,
            }
            spike: Any = self._layout.const(fields)
            self._payload.append(spike.as_value().value)
            self._expected.append((neuron, stamp))
        return tags, to_send

    def payload(self, tag: int) -> int:
        """The packet as its tile offers it to the network."""
        return self._payload[tag]

    def enter(self, tag: int, cycle: int) -> None:
        """Note that a packet enters the network in a cycle."""
        for copy in self._copies[tag].values():
            self._injected[copy] = cycle
            self.in_network += 1

    def arrive(self, tile: int, cycle: int, arrival: Any) -> None:
        """Book an arriving flit (fields of `PacketLayouts.arrival`); set `fault` if it is not as it was sent."""
        tag = arrival.tag
        known = tag < self.count and self._injected[tag] >= 0
        if known:
            tag = self._copies[tag].get(tile, tag)
        index, head = self._arriving.get(tag, (0, cycle))
        neuron, stamp = self._expected[tag] if known else (None, None)
        flits = self._params.flits_per_packet
        seen = {"tile": tile, "neuron": arrival.neuron, "first": arrival.first, "last": arrival.last}
        sent = {
            "tile": self._destination[tag] if known else None,
            "neuron": neuron,
            "first": int(index == 0),
            "last": int(index == flits - 1),
        }
        if flits > 1 and index:
            seen |= {"index": arrival.index, "stamp": arrival.stamp}
            sent |= {"index": index, "stamp": stamp}
        if seen != sent:
            self.fault = f"cycle {cycle}: flit {index} of packet {tag} arrived as {seen}, but was sent as {sent}"
        elif arrival.last:
            self._arriving.pop(tag, None)
            self.log.append((tag, head, cycle))
            self.in_network -= 1
        else:
            self._arriving[tag] = (index + 1, head)

    def packets(self) -> Packets:
        """Every packet, by tag."""
        if len(self._parts) != 1:
            self._parts = [concatenate(self._parts)]
        return self._parts[0]

    def deliveries(self, first: int) -> Deliveries:
        """Every complete delivery but for the ``first`` ones to be completed."""
        log = np.array(self.log[first:], dtype=np.int64).reshape(-1, 3)
        tag = log[:, 0]
        injected = np.array([self._injected[t] for t in tag.tolist()], dtype=np.int64)
        return deliveries_of(self.packets(), tag, injected, log[:, 1], log[:, 2], self._params)

    def _address(self, tile: int) -> dict[str, int]:
        node, member = self._seats[tile]
        row, col = divmod(node, self._params.mesh_cols)
        return {"row": row, "col": col} | ({"member": member} if self._params.interconnect.has_hubs else {})
