"""What passes the door between a chip of cores and its host, as numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.payload import Kind
from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.packet import PacketLayouts

from ..base import Ints
from .base import Spikes
from .contents import Store, Words
from .image import HostEvents

__all__ = ["Door"]


class Door:
    """Translates between a host's events and packets, and between the chip's words and spikes.

    Parameters
    ----------
    network
        The network.
    tile
        A tile of the chip.
    """

    def __init__(self, network: NetworkParams, tile: CoreTile) -> None:
        self._network = network
        self._payloads = tile.payloads
        self._core = tile.params
        layouts = PacketLayouts(network)
        self._address_bits = layouts.address.size
        self._positions = np.array([layouts.position_of(number) for number in range(network.tiles)], dtype=np.int64)
        self._tile_at = np.full(1 << layouts.position.size, -1, dtype=np.int64)
        self._tile_at[self._positions] = np.arange(network.tiles)

    def packets(self, events: HostEvents) -> Words:
        """The packets of events, as words of 64 bits of what is put on the door's wires, shape (events, 2)."""
        by_key = self._network.table_entries > 0
        address = (events.key if by_key else self._positions[events.tile]).astype(np.uint64)
        payload = np.asarray(self._payloads.event(events.axon, events.delay)).astype(np.uint64)
        bits = self._address_bits
        words = np.zeros((len(events), 2), dtype=np.uint64)
        words[:, 0] = address | payload << np.uint64(bits)
        words[:, 1] = payload >> np.uint64(64 - bits) if bits else 0
        return words

    def reports(self, words: Ints) -> Spikes:
        """The spikes that came out, from rows of tick, payload, cycle; other payloads are left out."""
        tick, payload, cycle = words[(words[:, 1] & 3) == Kind.REPORT].T
        body = payload >> 2
        neuron_bits = self._core.neuron_bits
        neuron, position = body & ((1 << neuron_bits) - 1), body >> neuron_bits
        return Spikes(tick=tick, tile=self._tile_at[position], neuron=neuron, cycle=cycle)

    def fired(self, rows: Ints) -> Spikes:
        """Spikes from rows of tick, tile, neuron, cycle."""
        tick, tile, neuron, cycle = rows.T
        return Spikes(tick=tick, tile=tile, neuron=neuron, cycle=cycle)

    def store(self, stores: Mapping[str, Store], tile: int, variable: str) -> Store:
        """The memory of a variable; raises ``ValueError`` if there is no such variable or tile."""
        names = [name for name in stores if name not in ("weights", "types", "first", "entries")]
        if variable not in names:
            raise ValueError(f"variable must be one of {', '.join(names)}, not {variable!r}")
        if not 0 <= tile < self._network.tiles:
            raise ValueError(f"tile must lie in 0..{self._network.tiles - 1}, not {tile}")
        return stores[variable]
