"""The interface of hardware engines: packets, deliveries, activity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import TOPOLOGIES, Mesh, Port

__all__ = ["Activity", "CycleProgress", "Deliveries", "Engine", "Ints", "Packets"]

Ints = npt.NDArray[np.int64]

CycleProgress = Callable[[int, int, int], None]
"""Called a few times per second during a run with (cycle, packets delivered, packets injected)."""

_ZEROS: Ints = np.zeros(0, dtype=np.int64)
"""Stands for a column that was left out; replaced by zeros, as many as there are packets."""


def _freeze(obj: Any, names: tuple[str, ...]) -> None:
    """Make read-only arrays of these attributes, all as long as the first, of zeros in place of `_ZEROS`."""
    length = None
    for name in names:
        value = getattr(obj, name)
        if value is _ZEROS:
            value = np.zeros(length or 0, dtype=np.int64)  # takes no memory until it is written
        array = np.ascontiguousarray(value, dtype=np.int64)
        if array.ndim != 1 or (length is not None and len(array) != length):
            raise ValueError(f"{name} must have shape ({length},), not {array.shape}")
        length = len(array)
        array.setflags(write=False)
        object.__setattr__(obj, name, array)


@dataclass(frozen=True)
class Packets:
    """Packets to send, each array of shape (packets,).

    ``cycle`` is when a packet is created (it may wait in its source queue after that), ``source`` and ``destination``
    are tiles (row-major), ``neuron`` the neuron that fired, ``stamp`` the step in which it fired. A source queue keeps
    the order given here among packets of one cycle. A packet's tag is its number in order of injection.

    On a chip with routing by table, ``key`` is what the packet carries in place of its destination. With multicast, a
    packet to several tiles is a row for each of them, one after the other, all but the first with ``more`` 1: alike but
    for the destination, and delivered each by itself.
    """

    cycle: Ints
    source: Ints
    destination: Ints
    neuron: Ints
    stamp: Ints
    key: Ints = field(default_factory=lambda: _ZEROS)
    more: Ints = field(default_factory=lambda: _ZEROS)

    def __post_init__(self) -> None:
        _freeze(self, tuple(self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.cycle)


@dataclass(frozen=True)
class Deliveries:
    """Delivered packets, each array of shape (deliveries,), sorted by (delivered, destination).

    ``created``: the cycle the packet entered its source queue; ``injected``: the cycle its head entered the network;
    ``delivered``: the cycle its head left it; ``completed``: the cycle its last flit left it.
    """

    tag: Ints
    source: Ints
    destination: Ints
    neuron: Ints
    stamp: Ints
    created: Ints
    injected: Ints
    delivered: Ints
    completed: Ints
    hops: Ints

    def __post_init__(self) -> None:
        _freeze(self, tuple(self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def latency(self) -> Ints:
        """Cycles from creation to delivery of the head: the wait in the source queue counts."""
        return self.delivered - self.created


_LINKS = slice(Port.NORTH, None)
"""Columns of the ports that are not LOCAL: a router's links to its neighbours, or a hub's to its tiles."""


@dataclass(frozen=True)
class Activity:
    """Events that cost energy, counted in the simulated circuit.

    ``flits`` and ``packets`` have shape (nodes, 5): what left each router of the mesh through each `Port`, LOCAL,
    NORTH, EAST, SOUTH, WEST; ``injected_flits`` has shape (tiles,): what entered the network from each tile. ``cycles``
    have passed, on a chip of ``rows`` × ``cols`` tiles. On a mesh or torus, every tile is a node.

    In a tree, a node is a cluster of tiles; ``hub_flits`` and ``hub_packets``, shape (nodes, 5), are what left its hub
    through LOCAL, up to the router, and to each of its tiles; else their shape is (0, 5).
    """

    cycles: int
    rows: int
    cols: int
    flits: Ints
    packets: Ints
    injected_flits: Ints
    topology: str = Mesh.name
    hub_flits: Ints = field(default_factory=lambda: np.zeros((0, len(Port)), dtype=np.int64))
    hub_packets: Ints = field(default_factory=lambda: np.zeros((0, len(Port)), dtype=np.int64))

    @property
    def side(self) -> int:
        """Rows, and columns, of tiles in a node."""
        return TOPOLOGIES[self.topology].side

    @property
    def mesh_rows(self) -> int:
        """Rows of nodes."""
        return self.rows // self.side

    @property
    def mesh_cols(self) -> int:
        """Columns of nodes."""
        return self.cols // self.side

    @property
    def routers(self) -> int:
        """Number of routers, hubs included."""
        return len(self.flits) + len(self.hub_flits)

    @property
    def delivered_flits(self) -> int:
        """Flits that left the network into tiles, or in a tree hubs into tiles."""
        return int(self.hub_flits[:, _LINKS].sum() if len(self.hub_flits) else self.flits[:, Port.LOCAL].sum())

    @property
    def buffer_writes(self) -> Ints:
        """Flits written into each router's input queues, shape (routers,): first those of the mesh, then the hubs."""
        grid = self.flits.reshape(self.mesh_rows, self.mesh_cols, len(Port))
        members = self.injected_flits.reshape(self.mesh_rows, self.side, self.mesh_cols, self.side)
        from_tiles = members.sum(axis=(1, 3)).reshape(-1)
        from_below = self.hub_flits[:, Port.LOCAL] if len(self.hub_flits) else from_tiles
        writes = from_below.reshape(self.mesh_rows, self.mesh_cols).copy()
        # What a router sends in a direction is written by its neighbour there.
        writes[:-1] += grid[1:, :, Port.NORTH]
        writes[:, 1:] += grid[:, :-1, Port.EAST]
        writes[1:] += grid[:-1, :, Port.SOUTH]
        writes[:, :-1] += grid[:, 1:, Port.WEST]
        if TOPOLOGIES[self.topology].has_rings:  # and over the links that close rows and columns to rings
            writes[-1] += grid[0, :, Port.NORTH]
            writes[:, 0] += grid[:, -1, Port.EAST]
            writes[0] += grid[-1, :, Port.SOUTH]
            writes[:, -1] += grid[:, 0, Port.WEST]
        hubs = from_tiles + self.flits[:, Port.LOCAL] if len(self.hub_flits) else from_tiles[:0]
        return np.concatenate([writes.reshape(-1), hubs])

    @property
    def buffer_reads(self) -> Ints:
        """Flits read out of each router's input queues and across its switch, shape (routers,)."""
        return np.concatenate([self.flits, self.hub_flits]).sum(axis=1)

    @property
    def link_flits(self) -> Ints:
        """Flits sent over the links of the mesh, shape (nodes, 4): NORTH, EAST, SOUTH, WEST."""
        return self.flits[:, _LINKS]

    @property
    def hub_link_flits(self) -> Ints:
        """Flits sent between each hub and its router, shape (nodes, 2) in a tree, else (0, 2): up, down."""
        if not len(self.hub_flits):
            return np.zeros((0, 2), dtype=np.int64)
        return np.stack([self.hub_flits[:, Port.LOCAL], self.flits[:, Port.LOCAL]], axis=1)

    @property
    def packet_hops(self) -> int:
        """Packets sent over links between routers."""
        between = self.packets[:, _LINKS].sum()
        if len(self.hub_packets):
            between += self.hub_packets[:, Port.LOCAL].sum() + self.packets[:, Port.LOCAL].sum()
        return int(between)

    @property
    def routed_packets(self) -> Ints:
        """Heads routed and arbitrated by each router, shape (routers,)."""
        return np.concatenate([self.packets, self.hub_packets]).sum(axis=1)


class Engine(Protocol):
    """A chip being simulated, cycle by cycle; every engine gives the same log for the same packets."""

    name: str

    @property
    def cycle(self) -> int:
        """The next cycle to be simulated."""
        ...

    @property
    def in_flight(self) -> int:
        """Packets injected or waiting that are not completely delivered."""
        ...

    def inject(self, packets: Packets) -> Ints:
        """Append packets to their tiles' source queues; return their tags.

        Raises ``ValueError`` for a cycle that has passed, or a tile or value that the chip does not have.
        """
        ...

    def run(self, until_cycle: int) -> None:
        """Simulate all cycles before ``until_cycle``. Ctrl-C raises ``KeyboardInterrupt`` between two cycles."""
        ...

    def drain(self, max_cycles: int | None = None) -> None:
        """Run until everything has been delivered; raises ``TimeoutError`` if that takes over ``max_cycles``."""
        ...

    def packets(self) -> Packets:
        """Everything injected so far, by tag."""
        ...

    def deliveries(self, first: int = 0) -> Deliveries:
        """Every complete delivery so far, but for the ``first`` ones to be completed."""
        ...

    def activity(self) -> Activity:
        """Events counted so far."""
        ...
