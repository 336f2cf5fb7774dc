"""Deadlock freedom of a routing relation on a mesh or torus, as a property of its channel-dependency graph."""

from functools import cache

from ..topology import Port
from . import Head, Position, Routing
from .dependency_graph import Channel, channel_text, cycle_in

__all__ = ["MAX_CHECKED_SIDE", "DeadlockError", "dependencies", "find_cycle", "require_freedom"]


class DeadlockError(ValueError):
    """Packets could wait for each other for ever; ``cycle`` is the list of the channels."""

    def __init__(self, routing: Routing, cycle: list[Channel]) -> None:
        self.cycle = cycle
        with_class = routing.class_count > 1
        way = " -> ".join(channel_text(channel, with_class=with_class) for channel in [*cycle, cycle[0]])
        super().__init__(
            f"routing must have no cycle of channels that wait for each other, or packets can deadlock; "
            f"{routing.name!r} has {way}"
        )


def dependencies(routing: Routing, rows: int, cols: int) -> dict[Channel, set[Channel]]:
    """The channel-dependency graph of a rows × cols mesh, or torus if the relation is for one.

    Channel a depends on channel b if some packet, sent from a tile to any other, can hold a while it waits for b.
    The local ports do not appear: a packet is never held back by one that is only to be injected, and delivery waits
    for the receiver alone.

    Raises
    ------
    ValueError
        If the relation sends a packet out of the mesh, permits it no output, or delivers it at the wrong tile.
    """
    graph: dict[Channel, set[Channel]] = {}
    grid = routing.on(rows, cols)
    positions = [(row, col) for row in range(rows) for col in range(cols)]
    for to in positions:
        seen: set[tuple[Position, Channel | None]] = set()
        todo: list[tuple[Position, Channel | None]] = [(position, None) for position in positions]
        while todo:
            here, holding = todo.pop()
            if (here, holding) in seen:
                continue
            seen.add((here, holding))
            came_in = Port.LOCAL if holding is None else holding[1].opposite
            permitted = routing.permitted(here, to, came_in, (rows, cols))
            if not permitted:
                raise ValueError(f"routing {routing.name!r} permits no output at {here} to {to}")
            for port in sorted(permitted):
                if port is Port.LOCAL:
                    if here != to:
                        raise ValueError(f"routing {routing.name!r} delivers at {here} what is sent to {to}")
                    continue
                there = grid.neighbour(*here, port)
                if there is None:
                    raise ValueError(f"routing {routing.name!r} leaves the mesh at {here} through {port.name} to {to}")
                head = Head(here, to, came_in, size=(rows, cols))
                channel = here, port, routing.channel_class(head, port)
                graph.setdefault(channel, set())
                if holding is not None:
                    graph[holding].add(channel)
                todo.append((there, channel))
    return graph


def find_cycle(routing: Routing, rows: int, cols: int) -> list[Channel] | None:
    """A cycle of channels, each waiting for the next and the last for the first; ``None`` if there is none.

    Without a cycle, wormhole routing cannot deadlock (Dally and Seitz, IEEE Transactions on Computers C-36(5), 1987,
    theorem 1), whatever a selection strategy prefers, for all permitted outputs are in the graph. For a relation that
    permits several outputs the condition is sufficient, not necessary.

    Raises ``ValueError`` as `dependencies` does.
    """
    return cycle_in(dependencies(routing, rows, cols)) or None


MAX_CHECKED_SIDE = 8
"""Rows and columns of the largest mesh that `require_freedom` checks."""


def require_freedom(routing: Routing, rows: int, cols: int) -> None:
    """Refuse a routing relation that can deadlock on a rows × cols mesh.

    A larger mesh is represented by one of at most 8 × 8. That is exact for relations that depend only on the directions
    of the destination, whether it is the next column, the parity of rows and columns and the input, as all built-in
    ones do: a cycle turns at four places at least, and a larger one of these relations has a copy among the first
    columns. On a torus a cycle goes round one ring, whatever its length, unless the relation turns back into a
    dimension that it has left.

    Raises
    ------
    DeadlockError
        With the cycle.
    ValueError
        As `dependencies` does.
    """
    cycle = _cycle(routing, min(rows, MAX_CHECKED_SIDE), min(cols, MAX_CHECKED_SIDE))
    if cycle is not None:
        raise DeadlockError(routing, list(cycle))


@cache
def _cycle(routing: Routing, rows: int, cols: int) -> tuple[Channel, ...] | None:
    cycle = find_cycle(routing, rows, cols)
    return None if cycle is None else tuple(cycle)
