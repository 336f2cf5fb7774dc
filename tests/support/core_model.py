"""A network on a chip of cores in plain Python, and how it is addressed."""

import random
from collections.abc import Iterable
from typing import Any

from support.core_twin import CoreTwin, Target, neuron_twin

from synaptile.bridge.mapping.multicast import joined_routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.packet import PacketLayouts

__all__ = ["NEURONS", "SOURCES", "Addresses", "Model", "core_params", "network_of"]

NEURONS, SOURCES = 4, 3  # of each tile, and at the host
DELAYS = (1, 2, 5, 15)


def core_params(tiles: int, neuron: str) -> CoreParams:
    return CoreParams(
        axons=(tiles * NEURONS + SOURCES) * len(DELAYS), neurons=NEURONS, lanes=2, neuron=neuron, weight_shift=2,
        targets=NEURONS * (tiles * len(DELAYS) + 1), state_bits=16, refractory_bits=3,
    )  # fmt: skip


class Addresses:
    """The addresses of tiles on a network: positions, or keys, the first of which lead to each tile."""

    def __init__(self, network: NetworkParams) -> None:
        self.network = network
        self._groups: dict[tuple[int, tuple[int, ...]], int] = {}

    def of_tile(self, tile: int) -> int:
        """A tile's."""
        return tile if self.network.table_entries else PacketLayouts(self.network).position_of(tile)

    def of_tiles(self, source: int, tiles: Iterable[int]) -> list[int]:
        """Those to which a tile sends for an event to come to some: one for each, or with multicast one for all."""
        group = tuple(tiles)
        if not self.network.multicast or not group:
            return [self.of_tile(tile) for tile in group]
        return [self._groups.setdefault((source, group), self.network.tiles + len(self._groups))]

    @property
    def table(self) -> RoutingTable | None:
        """The routers' tables, for all addresses that were asked for."""
        if not self.network.table_entries:
            return None
        grid = TileGrid.of(self.network)
        groups = {key: group for group, key in self._groups.items()}
        tiles = range(self.network.tiles)
        single = {tile: [(source, [tile]) for source in tiles] for tile in tiles}
        return joined_routing_table(grid, "xy", single | {key: [group] for key, group in groups.items()})


class Model:
    """The whole network in plain Python: neurons by number, sources after them; weights of (pre, post, delay)."""

    def __init__(self, network: NetworkParams, core: CoreParams, chance: random.Random, addresses: Addresses) -> None:
        self.network, self.core, self.time, self.addresses = network, core, 0, addresses
        self.count = network.tiles * NEURONS
        self.wires = {
            (pre, post, delay): chance.randint(-8, 7)
            for pre in range(self.count + SOURCES)
            for post in range(self.count)
            for delay in DELAYS
            if chance.random() < 0.15
        }
        self.neurons = [self._neuron(chance) for _ in range(self.count)]
        self.due: dict[int, list[tuple[int, int]]] = {}

    def _neuron(self, chance: random.Random) -> dict[str, int]:
        plain = {
            "v": 0, "left": 0, "bias": chance.randint(-2, 6), "threshold": chance.randint(10, 60), "reset": 0,
            "refractory": chance.randint(0, 2), "subtract": chance.randrange(2),
        }  # fmt: skip
        if self.core.neuron == "delta-lif":
            return plain | {"leak": chance.choice([64, 256, 1024])}
        return plain | {"u": 0, "keep_u": chance.randint(1000, 3500), "keep_v": chance.randint(3000, 4000)}

    def axon(self, pre: int, delay: int) -> int:
        """The axon of a neuron or source with a delay, on every tile."""
        return pre * len(DELAYS) + DELAYS.index(delay)

    def targets(self, pre: int, tile: int) -> list[Target]:
        """What a neuron, or a source at the host, sends from a tile for all that listen to it."""
        found: list[Target] = []
        for delay in DELAYS:
            there = sorted({post // NEURONS for source, post, d in self.wires if (source, d) == (pre, delay)})
            found += [(address, self.axon(pre, delay), delay) for address in self.addresses.of_tiles(tile, there)]
        return found

    def twin(self, tile: int) -> CoreTwin:
        """What a tile's core is programmed as; every neuron also tells the host that it has fired."""
        mine = range(tile * NEURONS, (tile + 1) * NEURONS)
        weights = [[0] * NEURONS for _ in range(self.core.axons)]
        for (pre, post, delay), weight in self.wires.items():
            if post in mine:
                weights[self.axon(pre, delay)][post - mine.start] = weight
        targets: list[list[Target]] = [[*self.targets(neuron, tile), (0, 0, 0)] for neuron in mine]
        return CoreTwin(self.core, weights, [dict(self.neurons[neuron]) for neuron in mine], targets)

    def tick(self) -> list[int]:
        """The neurons that fire."""
        self.time += 1
        sums = [0] * self.count
        for post, weight in self.due.pop(self.time, []):
            sums[post] += weight
        fired = [n for n, neuron in enumerate(self.neurons) if neuron_twin(self.core, neuron, sums[n])]
        for neuron in fired:
            self.send(neuron)
        return fired

    def send(self, pre: int) -> None:
        """Let a neuron or source fire in the present tick."""
        for (source, post, delay), weight in self.wires.items():
            if source == pre:
                self.due.setdefault(self.time + delay, []).append((post, weight))


def network_of(core: CoreParams, **settings: Any) -> NetworkParams:
    """A network for these cores."""
    network = NetworkParams(**{"rows": 2, "cols": 2} | settings)
    return network.replace(neurons=1 << payload_bits(core, network))
