"""What a placement makes the network on chip do: packets and flits through every output, as the engines count them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synaptile.rtl import Port
from synaptile.rtl.routing import Routing, is_adaptive, routing_of

from ...config import ChipConfig
from ...engines.base import Activity
from ...tile_grid import TileGrid
from .traffic import Traffic

__all__ = ["expected_activity", "is_exact"]

Ints = npt.NDArray[np.int64]

_FIRST_LINK = int(Port.NORTH)


def is_exact(config: ChipConfig) -> bool:
    """Tell whether `expected_activity` is what an engine counts: whether the routing leaves no choice."""
    return not is_adaptive(routing_of(config.routing, config.topology))


def expected_activity(traffic: Traffic, tile: Ints, config: ChipConfig) -> Activity:
    """Return what an engine counts when it has delivered the packets of a placement; its cycles are 0.

    If the routing leaves a choice, packets take the first output in the order of `Port`, and only sums over all links
    are what an engine counts; those too only with a routing that never goes a longer way.

    Parameters
    ----------
    traffic
        Packets between clusters; with ``groups`` if the chip has multicast.
    tile
        Shape (clusters,): the tile of each cluster, no two the same.
    config
        The chip.

    Raises
    ------
    ValueError
        If the chip has multicast, and of the traffic only the pairs are known.
    """
    chip = TileGrid.of(config).interconnect
    row, col = np.divmod(np.arange(chip.tiles, dtype=np.int64), chip.cols)
    node = row // chip.side * chip.node_cols + col // chip.side
    door = row % chip.side * chip.side + col % chip.side + _FIRST_LINK
    loads = np.zeros((chip.nodes, len(Port)), np.int64)
    hubs = np.zeros((chip.nodes if chip.has_hubs else 0, len(Port)), np.int64)
    injected = np.zeros(chip.tiles, np.int64)
    if config.multicast:
        source, packets, start, target = _multicast(traffic, tile)
        np.add.at(injected, source, packets)
        nodes = node[source]
        if chip.has_hubs:
            owner = np.repeat(np.arange(len(source)), np.diff(start))
            np.add.at(hubs, (node[target], door[target]), packets[owner])
            start, reached = _nodes_beyond(owner, node[target], nodes, len(source), chip.nodes)
            up = np.diff(start) > 0
            np.add.at(hubs, (nodes[up], Port.LOCAL), packets[up])
        else:
            reached = target
        _walk(config, loads, nodes, reached, packets, start)
    else:
        source, target, packets = tile[traffic.source], tile[traffic.target], traffic.packets
        np.add.at(injected, source, packets)
        beyond = np.ones(len(source), bool)
        if chip.has_hubs:
            beyond = node[source] != node[target]
            np.add.at(hubs, (node[target], door[target]), packets)
            np.add.at(hubs, (node[source[beyond]], Port.LOCAL), packets[beyond])
        _walk(config, loads, node[source[beyond]], node[target[beyond]], packets[beyond])
    flits = config.flits_per_packet
    return Activity(
        0, config.rows, config.cols, loads * flits, loads, injected * flits, config.topology, hubs * flits, hubs
    )


def _multicast(traffic: Traffic, tile: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the tile that each group's packets come from, how many, and the tiles they go to, ascending."""
    groups = traffic.groups
    if groups is None:
        raise ValueError("traffic must have groups for a chip with multicast, not only pairs")
    owner = np.repeat(np.arange(len(groups.source)), np.diff(groups.start))
    target = tile[groups.target]
    return tile[groups.source], groups.spikes, groups.start, target[np.lexsort((target, owner))]


def _nodes_beyond(owner: Ints, target: Ints, source: Ints, groups: int, nodes: int) -> tuple[Ints, Ints]:
    """Return the nodes, each once, that packets of a tree go to besides their own: start of each group, and nodes."""
    beyond = target != source[owner]
    pairs = np.unique(owner[beyond] * nodes + target[beyond])
    start = np.zeros(groups + 1, np.int64)
    np.cumsum(np.bincount(pairs // nodes, minlength=groups), out=start[1:])
    return start, pairs % nodes


def _walk(
    config: ChipConfig, loads: Ints, source: Ints, target: Ints, packets: Ints, start: Ints | None = None
) -> None:
    """Add packets to the loads of the routers of the mesh: from nodes to nodes, or with ``start`` to several each."""
    chip = TileGrid.of(config).interconnect
    size = (chip.node_rows, chip.node_cols)
    if config.routing in ("xy", "yx"):
        from .walks import multicast_loads, unicast_loads

        order = int(config.routing == "yx")
        if start is None:
            unicast_loads(source, target, packets, size, chip.has_rings, order, loads)
        else:
            multicast_loads(source, start, target, packets, size, chip.has_rings, order, loads)
        return
    assert start is None, "multicast is along a dimension order"
    routing = routing_of(config.routing, config.topology)
    for one, other, count in zip(source.tolist(), target.tolist(), packets.tolist(), strict=True):
        for place in _first_way(routing, one, other, size):
            loads[place] += count


@lru_cache(maxsize=1 << 17)
def _first_way(routing: Routing, source: int, target: int, size: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return the routers on the way, each with the first output that a packet may take there."""
    here, to, came_in = divmod(source, size[1]), divmod(target, size[1]), Port.LOCAL
    steps = []
    while True:
        port = min(routing.permitted(here, to, came_in, size))
        steps.append((here[0] * size[1] + here[1], int(port)))
        if port is Port.LOCAL:
            return tuple(steps)
        there = routing.on(*size).neighbour(*here, port)
        assert there is not None
        here, came_in = there, port.opposite
