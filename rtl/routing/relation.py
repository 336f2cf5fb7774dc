"""Routing relations: the same rule as a Python function and as gates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from amaranth.hdl import Const, Module, Value, ValueLike
from amaranth.lib import data

from ..topology import TOPOLOGIES, Mesh, Port, Topology

__all__ = [
    "ALONG_COLUMN",
    "ALONG_ROW",
    "TABLE",
    "Dimension",
    "Gates",
    "Head",
    "HeadSignals",
    "Position",
    "Relation",
    "Routing",
    "greater",
    "productive",
    "productive_gates",
]

Position = tuple[int, int]
"""Row and column."""


class Dimension(NamedTuple):
    """A direction of a mesh.

    Attributes
    ----------
    axis, name
        Index and name of its coordinate in a position.
    more, less
        The outputs that add to the coordinate, and take from it.
    """

    axis: int
    name: str
    more: Port
    less: Port


ALONG_ROW = Dimension(1, "col", Port.EAST, Port.WEST)
ALONG_COLUMN = Dimension(0, "row", Port.SOUTH, Port.NORTH)


@dataclass(frozen=True)
class Head:
    """A head flit at the front of an input queue: all that a routing relation may depend on.

    Attributes
    ----------
    here, to
        The position of the router, and that of the packet's destination.
    came_in
        The input that the packet came in by; LOCAL in the router of its source.
    congested
        The router holds many flits, for relations with ``sees_congestion``.
    size
        Rows and columns, for relations on a torus; (0, 0) if that does not matter.
    came_class
        The class of the virtual channel that the packet came in by; 0 in the router of its source. For tables only.
    """

    here: Position
    to: Position
    came_in: Port = Port.LOCAL
    congested: bool = False
    size: Position = (0, 0)
    came_class: int = 0


@dataclass(frozen=True)
class HeadSignals:
    """A `Head` in gates. Input and class are known when the circuit is made, for every input has its own gates.

    On a torus ``here`` has the size, too, as the numbers of the ``last_row`` and the ``last_col``.
    """

    here: data.View
    to: data.View
    came_in: Port
    congested: Value
    came_class: int = 0


Relation = Callable[[Head], frozenset[Port]]
Gates = Callable[[Module, HeadSignals, Value], None]


@dataclass(frozen=True)
class Routing:
    """A routing relation.

    Attributes
    ----------
    name
        Its name in configurations.
    relation
        The set of outputs that a head flit may take, never empty.
    gates
        ``gates(m, head, permitted)`` adds the statements that assign the same set to ``permitted``, one bit for each
        `Port`, all of them zero beforehand.
    summary
        One line for the user.
    sees_congestion
        The set depends on ``congested``.
    topology
        Where it works: ``mesh``, ``torus``, or in the hubs of a ``tree``.
    class_count
        Classes of virtual channels that it needs to be free of deadlock, 1 or 2. A packet takes any channel of its
        class.
    channel_class
        ``channel_class(head, output)``: the class in which a packet takes that output, 0 or 1; with one class, 0.
    class_gates
        ``class_gates(head, output)``: the same as a value of one bit.
    by_table
        It stands for the tables of the routers, and has neither function nor gates.
    """

    name: str
    relation: Relation
    gates: Gates
    summary: str = ""
    sees_congestion: bool = False
    topology: str = Mesh.name
    class_count: int = 1
    channel_class: Callable[[Head, Port], int] = lambda head, output: 0
    class_gates: Callable[[HeadSignals, Port], ValueLike] = lambda head, output: 0
    by_table: bool = False

    def on(self, rows: int, cols: int) -> Topology:
        """The network of so many rows and columns on which it works."""
        return TOPOLOGIES[self.topology](rows, cols)

    def permitted(
        self, here: Position, to: Position, came_in: Port = Port.LOCAL, size: Position = (0, 0)
    ) -> frozenset[Port]:
        """All outputs that a head flit may ever take, congested or not."""
        ports = self.relation(Head(here, to, came_in, size=size))
        return ports | self.relation(Head(here, to, came_in, True, size)) if self.sees_congestion else ports


TABLE = Routing(
    "table",
    lambda head: frozenset(Port),
    lambda m, head, permitted: None,
    "what each router's table has for the key",
    by_table=True,
)
"""Stands for the tables of the routers of a mesh (`synaptile.rtl.routing.table`)."""


def productive(head: Head) -> frozenset[Port]:
    """The outputs that lead nearer, at most one along the row and one along the column; LOCAL at the destination."""
    (row, col), (to_row, to_col) = head.here, head.to
    ports = {
        Port.NORTH: to_row < row,
        Port.EAST: to_col > col,
        Port.SOUTH: to_row > row,
        Port.WEST: to_col < col,
    }
    return frozenset(port for port, leads in ports.items() if leads) or frozenset({Port.LOCAL})


def productive_gates(head: HeadSignals) -> dict[Port, ValueLike]:
    """One bit for each port: it leads nearer; of LOCAL: this is the destination."""
    here, to = head.here, head.to
    return {
        Port.LOCAL: (to.row == here.row) & (to.col == here.col),
        Port.NORTH: greater(here.row, to.row),
        Port.EAST: greater(to.col, here.col),
        Port.SOUTH: greater(to.row, here.row),
        Port.WEST: greater(here.col, to.col),
    }


def greater(a: Value, b: Value) -> Value:
    """One bit: ``a`` > ``b``, both of one width, compared bit by bit.

    For numbers as short as coordinates this takes fewer lookup tables than the carry chain that synthesis makes of a
    comparison, and less time.
    """
    found: Value = Const(0, 1)
    for one, other in zip(a, b, strict=True):
        found = (one & ~other) | (~(one ^ other) & found)
    return found
