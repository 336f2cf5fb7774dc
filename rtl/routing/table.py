"""Routing by table: the outputs for each key at each router, refused if packets could loop or deadlock."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..topology import LINKS, Mesh, Port, Topology, Torus, Tree
from . import TORUS_TABLE, Head, Position
from .dependency_graph import Channel, channel_text, cycle_in

__all__ = ["TABLE_TURNS", "RoutingTable", "RoutingTableError"]

TABLE_TURNS = frozenset((a, b) for a in Port for b in Port if a is not b or a is Port.LOCAL)
"""Every (input, output) that a table may need in a router: all but the way back."""

Ways = Mapping[int, Mapping[Position, frozenset[Port]]]
"""Of each key: of each router that it passes, the outputs that a packet takes, LOCAL to be delivered there."""


_Waits = dict[Channel, set[Channel]]


class RoutingTableError(ValueError):
    """A table under which packets would loop, deadlock, leave the mesh, or arrive twice or nowhere.

    ``cycle`` has the loop or cycle as text, one router and output after the other, if it is that.
    """

    def __init__(self, message: str, cycle: list[str] | None = None) -> None:
        super().__init__(message)
        self.cycle = cycle or []


@dataclass(frozen=True)
class RoutingTable:
    """The contents of all routers' tables on a mesh, or with ``torus`` a torus, of ``rows`` × ``cols``.

    Packets of a key may enter the network at every router that has an entry for it. On a torus, channels are told apart
    by the class of virtual channels that a packet is on there (`synaptile.rtl.routing.torus.ring_class`).

    With ``hubs`` it is a tree of so many clusters, and these are the tables of their hubs: LOCAL leads up to the
    cluster's router, whose LOCAL leads down to the hub, and the others to the cluster's tiles. Packets enter at hubs.

    Raises
    ------
    RoutingTableError
        If an entry is empty, leads off the mesh or to a router without an entry, or back to where packets come from;
        if a packet would come to a router twice; or if packets could wait for each other in a cycle.
    """

    rows: int
    cols: int
    ways: Ways
    torus: bool = False
    hubs: Ways | None = None

    @property
    def topology(self) -> str:
        """``mesh``, ``torus`` or ``tree``."""
        return self._grid.name if self.hubs is None else Tree.name

    @property
    def _grid(self) -> Topology:
        """The network of the routers."""
        return (Torus if self.torus else Mesh)(self.rows, self.cols)

    def __post_init__(self) -> None:
        self._check_hubs()
        waits: _Waits = {}
        for key, ways in self.ways.items():
            if key < 0:
                raise RoutingTableError(f"key must not be negative, not {key}")
            entered = {self._next(key, here, port) for here in ways for port in ways[here] if port is not Port.LOCAL}
            reached: set[Position] = set()
            for here in sorted(ways, key=lambda here: (here in entered, here)):
                # A router on the way from another has been seen, unless no way leads to it but its own: a loop.
                if here not in reached:
                    reached |= self._walk(key, here, waits)
        cycle = [channel_text(channel, with_class=self.torus) for channel in cycle_in(waits)]
        if cycle:
            raise RoutingTableError(
                "routing table must have no cycle of channels that wait for each other, or packets can deadlock; "
                f"it has {' -> '.join([*cycle, cycle[0]])}",
                cycle,
            )

    def targets(self, key: int, source: Position) -> set[Position]:
        """Positions of the routers that deliver the packets of a key that enter at a router.

        In a tree, the tiles to which those are delivered that enter at the hub of a cluster.
        """
        if self.hubs is not None:
            ports = self.hubs[key][source]
            clusters = {source} | (self._delivered(key, source) if Port.LOCAL in ports else set())
            tree = Tree(self.rows * Tree.side, self.cols * Tree.side)
            return {
                divmod(tree.tile_at(row * self.cols + col, member), tree.cols)
                for row, col in clusters
                for member, link in enumerate(LINKS)
                if link in self.hubs[key][row, col]
            }
        return self._delivered(key, source)

    def _delivered(self, key: int, source: Position) -> set[Position]:
        """The routers that deliver what enters at one."""
        found, todo = set(), [source]
        while todo:
            here = todo.pop()
            for port in self.ways[key][here]:
                if port is Port.LOCAL:
                    found.add(here)
                else:
                    todo.append(self._next(key, here, port))
        return found

    def entries(self) -> list[tuple[int, int, int]]:
        """(node, key, one bit for each port) of every entry of the routers of the mesh, for `TableMemory`."""
        return self._entries(self.ways)

    def hub_entries(self) -> list[tuple[int, int, int]]:
        """(node, key, one bit for each port) of every entry of the hubs; none, unless it is a tree."""
        return self._entries(self.hubs or {})

    def _entries(self, tables: Ways) -> list[tuple[int, int, int]]:
        return [
            (row * self.cols + col, key, sum(1 << port for port in ports))
            for key, ways in sorted(tables.items())
            for (row, col), ports in sorted(ways.items())
        ]

    def _check_hubs(self) -> None:
        """Check that what a hub and its router pass to each other is expected there, and does not come back."""
        if self.hubs is None:
            return
        for tables, others, what, other in (
            (self.hubs, self.ways, "the hub", "the router"),
            (self.ways, self.hubs, "the router", "the hub"),
        ):
            for key, ways in tables.items():
                if key < 0:
                    raise RoutingTableError(f"key must not be negative, not {key}")
                for (row, col), ports in ways.items():
                    if not (0 <= row < self.rows and 0 <= col < self.cols):
                        raise RoutingTableError(
                            f"routing table must be of clusters in {self.rows}x{self.cols}, not of {(row, col)}"
                        )
                    if not ports:
                        raise RoutingTableError(
                            f"routing table must have an output for key {key} at {what} of {(row, col)}, it has none"
                        )
                    beyond = others.get(key, {}).get((row, col), frozenset())
                    if Port.LOCAL in ports and not beyond:
                        raise RoutingTableError(
                            f"routing table must have an output for key {key} at {other} of {(row, col)}, it has none"
                        )
                    if Port.LOCAL in ports and Port.LOCAL in beyond:
                        raise RoutingTableError(
                            f"routing table must not lead back: key {key} at {(row, col)} from {what} to {other}"
                        )

    def _next(self, key: int, here: Position, port: Port) -> Position:
        there = self._grid.neighbour(*here, port)
        if there is None:
            raise RoutingTableError(f"routing table must not leave the mesh: key {key} at {here} through {port.name}")
        return there

    def _class(self, here: Position, holding: Channel | None, port: Port) -> int:
        """The class of virtual channels on which a packet that holds a channel takes an output."""
        came_in, number = (Port.LOCAL, 0) if holding is None else (holding[1].opposite, holding[2])
        head = Head(here, here, came_in, size=(self.rows, self.cols), came_class=number)
        return TORUS_TABLE.channel_class(head, port) if self.torus else 0

    def _walk(self, key: int, source: Position, waits: _Waits) -> set[Position]:
        """Follow a packet from where it enters; add to ``waits``, and return the routers that it reaches."""
        came: dict[Position, list[str]] = {source: []}
        todo: list[tuple[Position, Channel | None]] = [(source, None)]
        while todo:
            here, holding = todo.pop()
            ports = self.ways[key].get(here)
            if not ports:
                raise RoutingTableError(f"routing table must have an output for key {key} at {here}, it has none")
            for port in sorted(ports):
                if port is Port.LOCAL:
                    continue
                there = self._next(key, here, port)
                way = [*came[here], f"{here} {port.name}"]
                if there in came:
                    start = next((i for i, step in enumerate(way) if step.startswith(f"{there} ")), None)
                    if start is not None:
                        raise RoutingTableError(
                            f"routing table must have no loop: key {key} runs "
                            f"{' -> '.join([*way[start:], str(there)])}",
                            way[start:],
                        )
                    raise RoutingTableError(
                        f"routing table must lead to each router once: key {key} from {source} comes to {there} twice"
                    )
                if holding is not None and port is holding[1].opposite:
                    raise RoutingTableError(
                        f"routing table must not lead back: key {key} at {here} through {port.name}"
                    )
                came[there] = way
                channel = here, port, self._class(here, holding, port)
                waits.setdefault(channel, set())
                if holding is not None:
                    waits[holding].add(channel)
                todo.append((there, channel))
        return set(came)
