"""The way of every packet through the network, where the routing leaves no choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from synaptile.rtl.routing import Position, Routing, is_adaptive, routing_of
from synaptile.rtl.topology import LINKS, Port, Topology

from ...engines.base import Ints
from ...mapping.multicast import way
from ...tile_grid import TileGrid
from ..run_data import RunData

__all__ = ["PORTS", "Ways", "output_name", "ways_of"]

PORTS = len(Port)
"""Outputs of a router."""


@dataclass(frozen=True)
class Ways:
    """Ways through the network, each the outputs that a packet takes one after the other, the last into its tile.

    An output is ``PORTS`` × router + port, with routers numbered as in `Activity`: those of the mesh, then a tree's
    hubs. The head of a packet that nothing holds up leaves through each so many cycles after it has entered.

    Attributes
    ----------
    start
        Shape (ways + 1,): way i has the steps ``start[i]`` to ``start[i + 1]``, one less the last.
    output
        Shape (steps,): the outputs.
    offset
        Shape (steps,): the cycles until the head leaves through each, 1 for the first.
    first
        Shape (ways,): the first step of each way on which its packets are counted. With multicast, the part of a way
        that an earlier one of the same packet has is counted there; else all is.
    of_packet
        Shape (deliveries,): the way of each packet delivered.
    """

    start: Ints
    output: Ints
    offset: Ints
    first: Ints
    of_packet: Ints

    @property
    def zero_load(self) -> Ints:
        """Cycles from entering to leaving the network of a packet that nothing holds up, shape (ways,)."""
        return self.offset[self.start[1:] - 1]

    @property
    def steps(self) -> int:
        """Steps of the longest way."""
        return int(np.diff(self.start).max(initial=0))


def output_name(number: int, grid: TileGrid) -> str:
    """An output as people read it, such as "(0,1) EAST", "(0,1) to its tile" or in a tree "hub (0,1) up"."""
    chip = grid.interconnect
    router, port = number // PORTS, Port(number % PORTS)
    row, col = divmod(router % chip.nodes, chip.node_cols)
    place = f"({row},{col})"
    if router >= chip.nodes:
        return f"hub {place} up" if port is Port.LOCAL else f"hub {place} to tile {LINKS.index(port)}"
    if port is Port.LOCAL:
        return f"{place} down to its hub" if chip.has_hubs else f"{place} to its tile"
    return f"{place} {port.name}"


def ways_of(run: RunData) -> Ways | str:
    """Return the ways of all packets delivered, or in words why they are not known."""
    config = run.config
    chip = TileGrid.of(config).interconnect
    routing = routing_of(config.routing, config.topology)
    if is_adaptive(routing):
        return f"the routing {config.routing} leaves a choice, and which ways packets took is not in the log"
    log = run.deliveries
    if not config.multicast:
        flow, index = _numbered(log.source * config.tiles + log.destination)
        sent = [(int(pair) // config.tiles, [int(pair) % config.tiles]) for pair in flow]
        return _Builder(chip, routing, config.link_stages).build(sent, index)
    if config.core is not None:
        return "on-chip with multicast, which packets are copies of one is not in the log"
    # A spike's packet goes to all tiles of its neuron; on what its copies share it is counted once.
    targets = run.mapped.destinations
    neurons, index = _numbered(log.neuron)
    sent = [(int(targets.source[neuron]), targets.of_neuron(neuron).tolist()) for neuron in neurons.tolist()]
    flow = np.repeat(np.arange(len(neurons)), targets.fan_out[neurons]) * config.tiles
    flow += np.array([tile for _, tiles in sent for tile in tiles], np.int64)  # ascending, as the targets are
    index = np.searchsorted(flow, index.astype(np.int64) * config.tiles + log.destination)
    return _Builder(chip, routing, config.link_stages).build(sent, index)


def _numbered(values: Ints) -> tuple[Ints, Ints]:
    """Return the distinct values, ascending, and the index of each value among them; none is negative."""
    most = int(values.max(initial=-1)) + 1
    if most > 1 << 24:
        distinct, index = np.unique(values, return_inverse=True)
        return distinct, index.astype(np.int32)
    there = np.bincount(values, minlength=most) > 0
    number = np.cumsum(there, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(there), number[values]


class _Builder:
    """Puts ways together for one chip."""

    def __init__(self, chip: Topology, routing: Routing, stages: int) -> None:
        self.chip = chip
        self.routing = routing
        self.stages = stages

    def build(self, sent: Iterable[tuple[int, Sequence[int]]], index: Ints) -> Ways:
        """Return the ways of packets, each from a tile to one or several, in that order."""
        outputs: list[int] = []
        start, first = [0], []
        for source, targets in sent:
            reached: dict[Position, list[int]] = {}
            counted: set[int] = set()
            for target in targets:
                steps = self._steps(source, target, reached)
                shared = next((number for number, output in enumerate(steps) if output not in counted), len(steps))
                counted.update(steps)
                first.append(len(outputs) + shared)
                outputs += steps
                start.append(len(outputs))
        output, starts = np.array(outputs, np.int64), np.array(start, np.int64)
        return Ways(starts, output, self._offsets(output, starts), np.array(first, np.int64), index)

    def _steps(self, source: int, target: int, reached: dict[Position, list[int]]) -> list[int]:
        """Return the outputs on the way to a tile; add to ``reached`` those on the way to each router of the mesh."""
        chip = self.chip
        (node, _), (to_node, member) = chip.locate(source), chip.locate(target)
        hub, to_hub = ((chip.nodes + number) * PORTS for number in (node, to_node))
        down = [to_hub + LINKS[member]] if chip.has_hubs else []
        if chip.has_hubs and node == to_node:
            return down
        here, there = divmod(node, chip.node_cols), divmod(to_node, chip.node_cols)
        path = way(self.routing, here, there, chip.node_rows, chip.node_cols)
        # As in `tree`: a way begins at the last of its routers that the packet comes to anyway.
        start = max((number for number, (place, _) in enumerate(path) if place in reached), default=0)
        steps = list(reached.get(path[start][0], ()))
        for place, port in path[start:]:
            reached.setdefault(place, list(steps))
            steps.append((place[0] * chip.node_cols + place[1]) * PORTS + port)
        return [*([hub + Port.LOCAL] if chip.has_hubs else []), *steps, *down]

    def _offsets(self, output: Ints, start: Ints) -> Ints:
        """Return the cycles from entering the network until a head that nothing holds up leaves through each output."""
        router, port = np.divmod(output, PORTS)
        # Between the routers of the mesh a link has registers; that to a tile or between hub and router has none.
        takes = 1 + self.stages * ((router < self.chip.nodes) & (port != Port.LOCAL))
        before = np.cumsum(takes) - takes
        offset: Ints = before - np.repeat(before[start[:-1]], np.diff(start)) + 1
        return offset
