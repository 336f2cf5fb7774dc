"""Routing relations: each once as a Python function and once in gates, from the same table.

A relation says which outputs a packet may take, from where it is and where it goes; `ROUTINGS` lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from amaranth.hdl import Module, Value
from amaranth.lib import data

from .topology import Port, neighbour

__all__ = ["ROUTINGS", "XY", "Routing", "turns"]

Position = tuple[int, int]


@dataclass(frozen=True)
class Routing:
    """A routing relation.

    ``relation(here, to)`` gives the permitted outputs. ``gates(m, here, to, permitted)`` adds the statements that
    assign the same set to ``permitted``, one bit per `Port`, all of them zero beforehand.
    """

    name: str
    relation: Callable[[Position, Position], frozenset[Port]]
    gates: Callable[[Module, data.View, data.View, Value], None]


def _xy_relation(here: Position, to: Position) -> frozenset[Port]:
    if to[1] != here[1]:
        return frozenset({Port.EAST if to[1] > here[1] else Port.WEST})
    if to[0] != here[0]:
        return frozenset({Port.SOUTH if to[0] > here[0] else Port.NORTH})
    return frozenset({Port.LOCAL})


def _xy_gates(m: Module, here: data.View, to: data.View, permitted: Value) -> None:
    with m.If(to.col > here.col):
        m.d.comb += permitted.eq(1 << Port.EAST)
    with m.Elif(to.col < here.col):
        m.d.comb += permitted.eq(1 << Port.WEST)
    with m.Elif(to.row > here.row):
        m.d.comb += permitted.eq(1 << Port.SOUTH)
    with m.Elif(to.row < here.row):
        m.d.comb += permitted.eq(1 << Port.NORTH)
    with m.Else():
        m.d.comb += permitted.eq(1 << Port.LOCAL)


XY = Routing("xy", _xy_relation, _xy_gates)
"""First along the row to the right column, then along the column (dimension order; PyCARL, Table III)."""

ROUTINGS = {routing.name: routing for routing in (XY,)}


def turns(routing: Routing, rows: int, cols: int) -> frozenset[tuple[Port, Port]]:
    """Every (input, output) that some packet of a rows × cols mesh takes inside some router.

    Found by following each (source, destination) pair through every permitted output. A switch needs no other
    connection, so none is built. A larger mesh permits all that a smaller one does.
    """
    found: set[tuple[Port, Port]] = set()
    for to in ((row, col) for row in range(rows) for col in range(cols)):
        seen: set[tuple[Position, Port]] = set()
        todo = [((row, col), Port.LOCAL) for row in range(rows) for col in range(cols)]
        while todo:
            here, came_in = todo.pop()
            if (here, came_in) in seen:
                continue
            seen.add((here, came_in))
            for out in routing.relation(here, to):
                found.add((came_in, out))
                there = neighbour(*here, out, rows=rows, cols=cols)
                if there is not None:
                    todo.append((there, out.opposite))
    return frozenset(found)
