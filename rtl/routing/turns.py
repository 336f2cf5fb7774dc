"""The connections that a routing relation needs in a router, and the choices that it leaves."""

from functools import cache

from ..topology import Port
from .relation import Position, Routing

__all__ = ["choices", "is_adaptive", "turns"]

SAMPLE_SIDE = 5
"""Rows, and columns, of the mesh that stands for all meshes, so that a router is the same circuit on each.

It has a router with two others on every side, and odd and even columns at the edges and inside: for relations that
depend on no more, every (input, permitted outputs) of a larger mesh occurs on it."""


@cache
def turns(routing: Routing, rows: int = SAMPLE_SIDE, cols: int = SAMPLE_SIDE) -> frozenset[tuple[Port, Port]]:
    """Every (input, output) that some packet of a rows × cols mesh takes inside some router.

    Found by following each (source, destination) pair through every permitted output. A switch needs no other
    connection, so none is built. A larger mesh permits all that a smaller one does.
    """
    return frozenset((came_in, out) for came_in, permitted in _choices(routing, rows, cols) for out in permitted)


@cache
def is_adaptive(routing: Routing) -> bool:
    """Return whether the relation ever leaves a choice between outputs (on the mesh of `SAMPLE_SIDE`)."""
    return any(len(permitted) > 1 for _, permitted in choices(routing))


def choices(routing: Routing) -> frozenset[tuple[Port, frozenset[Port]]]:
    """Every (input, permitted outputs) that some packet meets (on the mesh of `SAMPLE_SIDE`)."""
    return _choices(routing, SAMPLE_SIDE, SAMPLE_SIDE)


@cache
def _choices(routing: Routing, rows: int, cols: int) -> frozenset[tuple[Port, frozenset[Port]]]:
    """Every (input, permitted outputs) that some packet meets."""
    found: set[tuple[Port, frozenset[Port]]] = set()
    grid = routing.on(rows, cols)
    for to in ((row, col) for row in range(rows) for col in range(cols)):
        seen: set[tuple[Position, Port]] = set()
        todo = [((row, col), Port.LOCAL) for row in range(rows) for col in range(cols)]
        while todo:
            here, came_in = todo.pop()
            if (here, came_in) in seen:
                continue
            seen.add((here, came_in))
            permitted = routing.permitted(here, to, came_in, (rows, cols))
            found.add((came_in, permitted))
            for out in permitted:
                there = grid.neighbour(*here, out)
                if there is not None:
                    todo.append((there, out.opposite))
    return frozenset(found)
