"""Keys and trees: how a packet with one key reaches all tiles on which its neuron has synapses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synaptile.rtl import Port, RoutingTable
from synaptile.rtl.routing import Position, Routing, routing_of
from synaptile.rtl.topology import LINKS

from ..config import ChipConfig
from ..errors import MappingError
from ..tile_grid import TileGrid
from .spike_packets import Destinations

__all__ = ["MulticastKeys", "joined_routing_table", "routing_table", "tree", "way"]


def tree(
    routing: Routing, source: Position, targets: Iterable[Position], rows: int, cols: int
) -> dict[Position, set[Port]]:
    """The ways from a router to several others along a routing that leaves no choice, laid one over the other.

    Of each router on the way: the outputs that a packet takes, LOCAL at the targets. No link is crossed twice, and no
    router is reached twice: a way begins at the last of its routers that the tree has already. On a torus that may be
    reached by the other of two equally long ways round a ring; else two ways that have parted never meet again.
    """
    ways: dict[Position, set[Port]] = {}
    for target in targets:
        path = way(routing, source, target, rows, cols)
        start = max((number for number, (here, _) in enumerate(path) if here in ways), default=0)
        for here, port in path[start:]:
            ways.setdefault(here, set()).add(port)
    return ways


def way(routing: Routing, source: Position, target: Position, rows: int, cols: int) -> list[tuple[Position, Port]]:
    """The routers on the way from one to another, each with the output that a packet takes there, LOCAL at the last.

    The routing must leave no choice.
    """
    path: list[tuple[Position, Port]] = []
    here, came_in = source, Port.LOCAL
    while True:
        port, there = _step(routing, here, target, came_in, (rows, cols))
        path.append((here, port))
        if there is None:
            return path
        here, came_in = there, port.opposite


@lru_cache(maxsize=1 << 17)
def _step(
    routing: Routing, here: Position, target: Position, came_in: Port, size: tuple[int, int]
) -> tuple[Port, Position | None]:
    """Return the output that a packet takes at a router, and the router behind it; None behind LOCAL."""
    (port,) = routing.permitted(here, target, came_in, size)
    return port, routing.on(*size).neighbour(*here, port)


def routing_table(grid: TileGrid, routing: str, groups: Mapping[int, tuple[int, Sequence[int]]]) -> RoutingTable:
    """The tables for packets of some keys, each with the tile that sends them and those that they go to."""
    return joined_routing_table(grid, routing, {key: [group] for key, group in groups.items()})


def joined_routing_table(
    grid: TileGrid, routing: str, groups: Mapping[int, Iterable[tuple[int, Sequence[int]]]]
) -> RoutingTable:
    """The tables for packets of some keys, each with the tiles that send them and those that they go to from there.

    Their ways are those of a routing that leaves no choice (`tree`). On a chip that is a tree, that is the one of its
    mesh, and the hubs' tables lead up to it and down to the tiles. A key that several tiles send must lead to the same
    tile from all of them, and leads there from all others, too: at every place by the output that the routing takes for
    a packet that begins there, for on a ring one that comes by may take the other of two equally long ways.
    """
    chip = grid.interconnect
    rows, cols = chip.node_rows, chip.node_cols
    relation = routing_of(routing, grid.topology)
    ways: dict[int, dict[Position, frozenset[Port]]] = {}
    hubs: dict[int, dict[Position, frozenset[Port]]] = {}
    for key, sent in groups.items():
        (source, targets), *others = sent
        if others:
            node, member = chip.locate(targets[0])
            there, nodes = divmod(node, cols), [divmod(number, cols) for number in range(chip.nodes)]
            ways[key] = {here: frozenset({way(relation, here, there, rows, cols)[0][1]}) for here in nodes}
            if chip.has_hubs:
                hubs[key] = {here: frozenset({LINKS[member] if here == there else Port.LOCAL}) for here in nodes}
            continue
        start, _ = chip.locate(source)
        here = divmod(start, cols)
        members: dict[Position, set[Port]] = {}
        for tile in targets:
            node, member = chip.locate(tile)
            members.setdefault(divmod(node, cols), set()).add(LINKS[member])
        beyond = [node for node in members if not chip.has_hubs or node != here]
        if chip.has_hubs:
            members.setdefault(here, set()).update({Port.LOCAL} if beyond else ())
            hubs[key] = {node: frozenset(ports) for node, ports in members.items()}
        branches = tree(relation, here, beyond, rows, cols)
        ways[key] = {node: frozenset(ports) for node, ports in branches.items()}
    return RoutingTable(rows, cols, ways, torus=chip.has_rings, hubs=hubs if chip.has_hubs else None)


@dataclass(frozen=True)
class MulticastKeys:
    """A key for every tile's set of target tiles, and what the routers do with it.

    Attributes
    ----------
    key
        Shape (neurons,): each neuron's key; 0 for one that sends no packets.
    count
        Keys in use.
    table
        The routers' tables.
    """

    key: npt.NDArray[np.int64]
    count: int
    table: RoutingTable

    @classmethod
    def of(cls, destinations: Destinations, config: ChipConfig) -> MulticastKeys:
        """Neurons of a tile that send to the same tiles share a key; keys are numbered by their first neuron.

        Raises
        ------
        MappingError
            If the routers' tables are too small.
        """
        numbers: dict[tuple[int, bytes], int] = {}
        key = np.zeros(len(destinations.source), np.int64)
        for neuron in np.flatnonzero(destinations.fan_out).tolist():
            group = int(destinations.source[neuron]), destinations.of_neuron(neuron).tobytes()
            key[neuron] = numbers.setdefault(group, len(numbers))
        if len(numbers) > config.table_entries:
            raise MappingError(
                f"table_entries must be at least {len(numbers)}, one for each set of tiles that a tile's neurons send "
                f"to in this network, not {config.table_entries}"
            )
        groups = {
            number: (source, np.frombuffer(targets, np.int64).tolist()) for (source, targets), number in numbers.items()
        }
        return cls(key, len(numbers), routing_table(TileGrid.of(config), config.routing, groups))
