"""Random chips of cores: what their memories hold, what a host does with them, and what comes of it in plain Python."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Shape
from support.core_bench import words_of
from support.core_twin import CoreTwin

from synaptile.bridge.mapping.multicast import routing_table
from synaptile.bridge.tile_grid import TileGrid
from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core_tile import payload_bits, payloads_of
from synaptile.rtl.packet import PacketLayouts

__all__ = ["CoreChip", "Event", "network_for", "random_chip"]

Event = tuple[int, int, int]
"""Address, axon and delay."""


TREES = 3
"""Keys of packets to several tiles, on a network with multicast; that of the first is sent by the host's tile."""


def network_for(core: CoreParams, network: NetworkParams) -> NetworkParams:
    """A network for these cores; with tables, one whose first keys are the numbers of tiles."""
    if network.table_entries:
        network = network.replace(table_entries=network.tiles + TREES * network.multicast)
    return network.replace(neurons=1 << payload_bits(core, network))


def _table(network: NetworkParams, groups: Mapping[int, tuple[int, list[int]]]) -> RoutingTable:
    """Tables in which the number of a tile is the key that leads to it from anywhere, and those of further groups."""
    grid, tiles = TileGrid.of(network), range(network.tiles)
    ways: dict[int, dict[Any, Any]] = {key: {} for key in range(network.table_entries)}
    hubs: dict[int, dict[Any, Any]] = {key: {} for key in range(network.table_entries)}
    everything = [(target, source, [target]) for target in tiles for source in tiles]
    for key, source, targets in [*everything, *((key, *group) for key, group in groups.items())]:
        table = routing_table(grid, "xy", {key: (source, targets)})
        ways[key] |= table.ways[key]
        hubs[key] |= table.hubs[key] if table.hubs else {}
    chip = network.interconnect
    hub_ways = hubs if chip.has_hubs else None
    return RoutingTable(chip.node_rows, chip.node_cols, ways, torus=chip.has_rings, hubs=hub_ways)


@dataclass
class CoreChip:
    """A chip of cores in plain Python; every packet arrives in the tick in which it is sent.

    ``twins`` are what each tile's core is programmed as, their targets with a delay of 0 being reports to the host.
    ``reach`` are the tiles to which packets of an address go.
    """

    network: NetworkParams
    core: CoreParams
    host_tile: int
    twins: list[CoreTwin]
    reach: dict[int, list[int]]
    table: RoutingTable | None = None

    @property
    def host_key(self) -> int:
        """The key that leads to the host."""
        return self.host_tile if self.table else 0

    def address_of(self, tile: int) -> int:
        """A tile's address: its position, or the key that leads to it."""
        return tile if self.table else PacketLayouts(self.network).position_of(tile)

    def packet(self, address: int, payload: int) -> int:
        """What the host sends, packed."""
        return address | payload << PacketLayouts(self.network).address.size

    def event(self, event: Event) -> int:
        """An axon event as the host sends it."""
        address, axon, delay = event
        return self.packet(address, payloads_of(self.core, self.network).event(axon, delay))

    def host_addresses(self) -> list[int]:
        """Addresses that the host can send to."""
        first = [self.network.tiles] if self.network.multicast else []
        return [*(self.address_of(tile) for tile in range(self.network.tiles)), *first]

    def report(self, tile: int, neuron: int) -> int:
        """The payload that tells the host of a spike."""
        position = PacketLayouts(self.network).position_of(tile)
        return payloads_of(self.core, self.network).report(neuron, position)

    def program(self) -> list[int]:
        """The packets by which the host programs the chip."""
        payloads = payloads_of(self.core, self.network)
        return [
            self.packet(self.address_of(tile), payloads.write(payloads.words.encode(*word)))
            for tile, twin in enumerate(self.twins)
            for word in words_of(twin, payloads.words)
        ]

    def reads(self, count: int, chance: random.Random) -> Iterator[tuple[int, int | None]]:
        """Packets that read something, and what they are answered, but for what changes in ticks: None then."""
        payloads = payloads_of(self.core, self.network)
        words = payloads.words
        for _ in range(count):
            tile = chance.randrange(self.network.tiles)
            word = chance.choice([*words_of(self.twins[tile], words)])
            changes = word.target == ConfigTarget.NEURONS
            reply = None if changes else payloads.read(words.encode(*word), reply=True)
            yield self.packet(self.address_of(tile), payloads.read(words.encode(*word[:3], 0))), reply

    def tick(self, events: list[Event]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Begin a tick, take the host's events; (tile, neuron) of the spikes, and of the reports to the host."""
        fired = [(tile, neuron) for tile, twin in enumerate(self.twins) for neuron in twin.tick()]
        reports = []
        for tile, neuron in fired:
            for address, axon, delay in self.twins[tile].targets[neuron]:
                if not delay:
                    reports.append((tile, neuron))
                for there in self.reach[address] if delay else ():
                    self.twins[there].arrive(axon, delay)
        for address, axon, delay in events:
            for there in self.reach[address]:
                self.twins[there].arrive(axon, delay)
        return fired, reports


def random_chip(network: NetworkParams, core: CoreParams, chance: random.Random) -> CoreChip:
    """A chip of a network (`network_for`), in which every neuron reports its spikes and many send events to others."""
    host_tile = chance.randrange(network.tiles)
    sources = [host_tile, *(chance.randrange(network.tiles) for _ in range(TREES - 1))] if network.multicast else []
    groups = {
        network.tiles + number: (source, sorted(chance.sample(range(network.tiles), chance.randint(2, network.tiles))))
        for number, source in enumerate(sources)
    }
    table = _table(network, groups) if network.table_entries else None
    chip = CoreChip(network, core, host_tile, [], {}, table)
    chip.reach |= {chip.address_of(tile): [tile] for tile in range(network.tiles)}
    chip.reach |= {key: tiles for key, (_, tiles) in groups.items()}
    low, high = (0, 1) if core.weight_bits == 1 else (-(1 << (core.weight_bits - 1)), (1 << (core.weight_bits - 1)) - 1)
    for tile in range(network.tiles):
        addresses = [chip.address_of(there) for there in range(network.tiles)]
        addresses += [key for key, (source, _) in groups.items() if source == tile]
        weights = [
            [chance.randint(low, high) if chance.random() < 0.6 else 0 for _ in range(core.neurons)]
            for _ in range(core.axons)
        ]
        neurons = [dict(_variables(core, chance)) for _ in range(core.neurons)]
        spare = core.targets - core.neurons
        targets = []
        for _ in range(core.neurons):
            count = min(spare, chance.choice([0, 1, 1, 2]))
            spare -= count
            own = [
                (chance.choice(addresses), chance.randrange(core.axons), chance.randint(1, 15)) for _ in range(count)
            ]
            own.insert(chance.randint(0, count), (0, 0, 0))
            targets.append(own)
        chip.twins.append(CoreTwin(core, weights, neurons, targets))
    return chip


def _variables(core: CoreParams, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Values of a neuron's variables under which it fires now and then; of those unknown here, any possible ones."""
    unit = 1 << core.weight_shift
    known = {
        "threshold": lambda: chance.randint(unit, 6 * unit),
        "bias": lambda: chance.choice([0, 0, chance.randint(-unit // 2, unit)]),
        "left": lambda: chance.choice([0, 0, 1]),
        "refractory": lambda: chance.choice([0, 0, 1, 2]),
        "leak": lambda: chance.choice([0, 64, 512, chance.randint(0, 4096)]),
        "reset": lambda: chance.randint(-unit, unit // 2),
    }
    for name, variable in neuron_variables(core).items():
        shape = Shape.cast(variable.shape)
        if name in known:
            yield name, known[name]()
        elif name.startswith("keep"):
            yield name, chance.choice([0, 4096, chance.randint(2000, 4096)])
        elif variable.write is not None:
            yield name, chance.randint(-2 * unit, 2 * unit)
        else:
            low = -(1 << (shape.width - 1)) if shape.signed else 0
            yield name, chance.randint(low, low + (1 << shape.width) - 1)
