"""What is sent when a neuron fires: packets to the tiles that listen, and the destination tables that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl import RoutingTable

from ..config import ChipConfig
from ..errors import MappingError
from ..mapping.multicast import joined_routing_table
from ..tile_grid import TileGrid
from .axons import AxonMap, Inputs

__all__ = ["Destinations", "Keys"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Keys:
    """The keys of a chip whose routers have tables.

    Key t, below the number of tiles, leads from everywhere to tile t; the others from a tile to a set of several.

    Attributes
    ----------
    table
        What the routers' tables hold.
    groups
        (source tile, its targets) of the keys that lead to several tiles, in order, from the number of tiles on.
    """

    table: RoutingTable
    groups: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Destinations:
    """The packets of every neuron, spike sources included.

    Attributes
    ----------
    start
        Shape (neurons + 1,): those of neuron i are ``start[i]`` to ``start[i + 1]``, one less the last.
    tile, axon, delay, key
        Shape (packets,): where they go; with keys ``tile`` is the first of the tiles.
    keys
        The keys, None if packets carry the address of a tile.
    """

    start: Ints
    tile: Ints
    axon: Ints
    delay: Ints
    key: Ints
    keys: Keys | None

    @classmethod
    def of(cls, inputs: Inputs, axons: AxonMap, home: Ints, config: ChipConfig) -> Destinations:
        """Compute them.

        Parameters
        ----------
        inputs, axons
            What the cells listen to, and on which axons.
        home
            The tile from which each neuron's packets are sent, shape (neurons,): its own, or for spike sources that of
            the host.
        config
            The chip.

        Raises
        ------
        MappingError
            If the routers' tables are too small.
        """
        first = np.unique(axons.packet, return_index=True)[1]  # packets are numbered in the order of pairs
        source = axons.input[first]
        pre = inputs.pre[source]
        start = np.searchsorted(pre, np.arange(len(home) + 1))
        tile, key, keys = axons.tile[first], np.zeros(len(first), np.int64), None
        if config.multicast:
            key, keys = _keys(axons, home[pre], config)
        return cls(start, tile, axons.axon[first], inputs.delay[source], key, keys)

    def of_neurons(self, neurons: Ints) -> Ints:
        """The packets of some neurons that fire, in that order."""
        count = self.start[neurons + 1] - self.start[neurons]
        begin = np.cumsum(count) - count
        number: Ints = np.arange(int(count.sum())) + np.repeat(self.start[neurons] - begin, count)
        return number


def _keys(axons: AxonMap, sender: Ints, config: ChipConfig) -> tuple[Ints, Keys]:
    """The key of each packet, and the keys."""
    tiles = config.tiles
    members = np.split(axons.tile[np.argsort(axons.packet, kind="stable")], np.cumsum(np.bincount(axons.packet))[:-1])
    numbers: dict[tuple[int, tuple[int, ...]], int] = {}
    key = np.empty(len(sender), np.int64)
    for packet, (source, targets) in enumerate(zip(sender.tolist(), members, strict=False)):
        group = source, tuple(targets.tolist())
        key[packet] = group[1][0] if len(targets) == 1 else numbers.setdefault(group, tiles + len(numbers))
    if tiles + len(numbers) > config.table_entries:
        raise MappingError(
            f"table_entries must be at least {tiles + len(numbers)}, one for each tile and for each set of tiles that "
            f"neurons of a tile send to in this network, not {config.table_entries}"
        )
    groups: dict[int, list[tuple[int, tuple[int, ...]]]] = {
        target: [(source, (target,)) for source in range(tiles)] for target in range(tiles)
    }
    groups |= {number: [group] for group, number in numbers.items()}
    table = joined_routing_table(TileGrid.of(config), config.routing, groups)
    return key, Keys(table, tuple(numbers))
