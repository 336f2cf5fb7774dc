"""What a routing relation asks of a router."""

from functools import cache

from ..topology import Port, neighbour
from .relation import Position, Routing

__all__ = ["choices", "is_adaptive", "turns"]


@cache
def turns(routing: Routing, rows: int, cols: int) -> frozenset[tuple[Port, Port]]:
    """Every (input, output) that some packet of a rows × cols mesh takes inside some router.

    Found by following each (source, destination) pair through every permitted output. A switch needs no other
    connection, so none is built. A larger mesh permits all that a smaller one does.
    """
    return frozenset((came_in, out) for came_in, permitted in _choices(routing, rows, cols) for out in permitted)


@cache
def is_adaptive(routing: Routing) -> bool:
    """Whether the relation ever leaves a choice between outputs, found on a mesh of 5 × 5."""
    return any(len(permitted) > 1 for _, permitted in choices(routing))


def choices(routing: Routing) -> frozenset[tuple[Port, frozenset[Port]]]:
    """Every (input, permitted outputs) that some packet meets, found on a mesh of 5 × 5."""
    return _choices(routing, 5, 5)


@cache
def _choices(routing: Routing, rows: int, cols: int) -> frozenset[tuple[Port, frozenset[Port]]]:
    """Every (input, permitted outputs) that some packet meets."""
    found: set[tuple[Port, frozenset[Port]]] = set()
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
                there = neighbour(*here, out, rows=rows, cols=cols, torus=routing.topology == "torus")
                if there is not None:
                    todo.append((there, out.opposite))
    return frozenset(found)
