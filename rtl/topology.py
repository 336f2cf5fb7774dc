"""Mesh, torus and tree as plain Python: the ports, which router lies behind each, and where the tiles are."""

import enum

__all__ = ["CLUSTER_SIDE", "LINKS", "TOPOLOGIES", "Port", "neighbour", "seat_of", "side_of", "tile_at"]

TOPOLOGIES = {
    "mesh": "each tile is linked to those beside it",
    "torus": "a mesh whose rows and columns are closed to rings",
    "tree": "clusters of 2 x 2 tiles, each round a hub, and a mesh of routers above the hubs",
}
"""What joins the tiles, by name."""


class Port(enum.IntEnum):
    """A router's ports. Row 0 is the northernmost, column 0 the westernmost."""

    LOCAL = 0
    NORTH = 1
    EAST = 2
    SOUTH = 3
    WEST = 4

    @property
    def opposite(self) -> "Port":
        """The port at the other end of the link; LOCAL has none."""
        return _OPPOSITE[self]


LINKS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)
"""The ports with a neighbour behind them."""

_OPPOSITE = {
    Port.NORTH: Port.SOUTH,
    Port.SOUTH: Port.NORTH,
    Port.EAST: Port.WEST,
    Port.WEST: Port.EAST,
}
_STEP = {Port.NORTH: (-1, 0), Port.EAST: (0, 1), Port.SOUTH: (1, 0), Port.WEST: (0, -1)}


def neighbour(row: int, col: int, port: Port, *, rows: int, cols: int, torus: bool = False) -> tuple[int, int] | None:
    """The tile behind a port of (row, col) on a mesh or torus of rows × cols; ``None`` at an edge and for LOCAL.

    A ring of a single tile has no link.
    """
    if port is Port.LOCAL:
        return None
    dr, dc = _STEP[port]
    there = row + dr, col + dc
    if torus:
        there = there[0] % rows, there[1] % cols
        return None if there == (row, col) else there
    return there if 0 <= there[0] < rows and 0 <= there[1] < cols else None


CLUSTER_SIDE = 2
"""Rows, and columns, of tiles in a cluster of a tree: a hub has a link for each of its four."""


def side_of(topology: str) -> int:
    """Rows, and columns, of tiles at every place of the mesh of routers."""
    return CLUSTER_SIDE if topology == "tree" else 1


def seat_of(tile: int, cols: int, side: int) -> tuple[int, int]:
    """The node that a tile belongs to, and the tile's number in it.

    Tiles are numbered row by row on a chip of ``cols`` columns, nodes row by row on the mesh of routers. A node is a
    square of ``side`` × ``side`` tiles, numbered row by row, too; on a mesh or torus ``side`` is 1.
    """
    row, col = divmod(tile, cols)
    return row // side * (cols // side) + col // side, row % side * side + col % side


def tile_at(node: int, number: int, cols: int, side: int) -> int:
    """The tile with that number in a node: the inverse of `seat_of`."""
    row, col = divmod(node, cols // side)
    return (row * side + number // side) * cols + col * side + number % side
