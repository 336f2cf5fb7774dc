"""Keys and trees: how a packet with one key reaches all tiles on which its neuron has synapses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl import Port, RoutingTable
from synaptile.rtl.routing import Position, Routing, routing_of
from synaptile.rtl.topology import neighbour

from .config import ChipConfig
from .errors import MappingError
from .schedule import Destinations

__all__ = ["MulticastKeys", "tree"]


def tree(
    routing: Routing, source: Position, targets: Iterable[Position], rows: int, cols: int
) -> dict[Position, set[Port]]:
    """The ways from a tile to several others along a routing that leaves no choice, laid one over the other.

    Of each router on the way: the outputs that a packet takes, LOCAL at the targets. No link is crossed twice, and no
    router is reached twice, for two ways that have parted never meet again.
    """
    ways: dict[Position, set[Port]] = {}
    for target in targets:
        here, came_in = source, Port.LOCAL
        while True:
            (port,) = routing.permitted(here, target, came_in, (rows, cols))
            ways.setdefault(here, set()).add(port)
            there = neighbour(*here, port, rows=rows, cols=cols, torus=routing.topology == "torus")
            if there is None:
                break
            here, came_in = there, port.opposite
    return ways


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
        for neuron in np.flatnonzero(destinations.fanout).tolist():
            group = int(destinations.source[neuron]), destinations.of_neuron(neuron).tobytes()
            key[neuron] = numbers.setdefault(group, len(numbers))
        if len(numbers) > config.table_entries:
            raise MappingError(
                f"table_entries must be at least {len(numbers)}, one for each set of tiles that a tile's neurons send "
                f"to in this network, not {config.table_entries}"
            )
        routing = routing_of(config.routing, config.topology)
        ways = {}
        for (source, targets), number in numbers.items():
            places = [divmod(tile, config.cols) for tile in np.frombuffer(targets, np.int64).tolist()]
            branches = tree(routing, divmod(source, config.cols), places, config.rows, config.cols)
            ways[number] = {here: frozenset(ports) for here, ports in branches.items()}
        table = RoutingTable(config.rows, config.cols, ways, torus=config.topology == "torus")
        return cls(key, len(numbers), table)
