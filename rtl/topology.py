"""Mesh, torus and tree as plain Python: the ports, which router lies behind each, and where the tiles are."""

import enum
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = ["CLUSTER_SIDE", "LINKS", "TOPOLOGIES", "Mesh", "Port", "Topology", "Torus", "Tree"]


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

    @property
    def step(self) -> tuple[int, int]:
        """Rows and columns from a router to the one behind the port; LOCAL has none."""
        return _STEP[self]


LINKS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)
"""The ports with a neighbour behind them."""

_OPPOSITE = {
    Port.NORTH: Port.SOUTH,
    Port.SOUTH: Port.NORTH,
    Port.EAST: Port.WEST,
    Port.WEST: Port.EAST,
}
_STEP = {Port.NORTH: (-1, 0), Port.EAST: (0, 1), Port.SOUTH: (1, 0), Port.WEST: (0, -1)}

CLUSTER_SIDE = 2
"""Rows, and columns, of tiles in a cluster of a tree: a hub has a link for each of its four."""


@dataclass(frozen=True)
class Topology:
    """A chip of ``rows`` × ``cols`` tiles, numbered row by row, and what joins them.

    Tiles belong to nodes, each with one router of the grid that joins the nodes. A node is a square of ``side`` ×
    ``side`` tiles. Nodes are numbered row by row, and so are the tiles in a node.

    Attributes
    ----------
    name
        Its name in configurations.
    summary
        One line for the user.
    grid
        Name of the topology that the routers of the nodes form: ``mesh`` or ``torus``.
    node_kind
        ``tile``; or ``cluster``, of several tiles.
    side
        Rows, and columns, of tiles in a node.
    has_rings
        Rows and columns of nodes are closed to rings.
    has_hubs
        The tiles of a node are joined by a hub, which leads to the node's router.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    grid: ClassVar[str] = "mesh"
    node_kind: ClassVar[str] = "tile"
    side: ClassVar[int] = 1
    has_rings: ClassVar[bool] = False
    has_hubs: ClassVar[bool] = False

    rows: int
    cols: int

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    @property
    def node_rows(self) -> int:
        """Rows of nodes."""
        return self.rows // self.side

    @property
    def node_cols(self) -> int:
        """Columns of nodes."""
        return self.cols // self.side

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.node_rows * self.node_cols

    @property
    def tiles_per_node(self) -> int:
        """Tiles that share a router of the grid."""
        return self.side * self.side

    def neighbour(self, row: int, col: int, port: Port) -> tuple[int, int] | None:
        """The node behind a port of the router of node (row, col); ``None`` at an edge and for LOCAL."""
        if port is Port.LOCAL:
            return None
        down, along = port.step
        there = row + down, col + along
        return there if 0 <= there[0] < self.node_rows and 0 <= there[1] < self.node_cols else None

    def edges(self, row: int, col: int) -> tuple[Port, ...]:
        """The links of the router of node (row, col) behind which there is no node."""
        return tuple(port for port in LINKS if self.neighbour(row, col, port) is None)

    def locate(self, tile: int) -> tuple[int, int]:
        """The node that a tile belongs to, and the tile's number in it."""
        row, col = divmod(tile, self.cols)
        side = self.side
        return row // side * self.node_cols + col // side, row % side * side + col % side

    def tile_at(self, node: int, member: int) -> int:
        """The tile with the number ``member`` in a node: the inverse of `locate`."""
        row, col = divmod(node, self.node_cols)
        down, along = divmod(member, self.side)
        return (row * self.side + down) * self.cols + col * self.side + along

    def hops(self, source: Any, destination: Any) -> Any:
        """Links between routers on a shortest path between two tiles, or between arrays of them."""
        (r0, c0), (r1, c1) = divmod(source, self.cols), divmod(destination, self.cols)
        return self._between(r0 // self.side - r1 // self.side, c0 // self.side - c1 // self.side)

    def _between(self, down: Any, along: Any) -> Any:
        """Links between nodes that are so many rows and columns apart."""
        return abs(down) + abs(along)


class Mesh(Topology):
    """Each tile is linked to those beside it."""

    name = "mesh"
    summary = "each tile is linked to those beside it"


class Torus(Topology):
    """A mesh whose rows and columns are closed to rings; a ring of a single tile has no link."""

    name = "torus"
    summary = "a mesh whose rows and columns are closed to rings"
    grid = "torus"
    has_rings = True

    def neighbour(self, row: int, col: int, port: Port) -> tuple[int, int] | None:
        """The node behind a port of the router of node (row, col); ``None`` in a ring of one, and for LOCAL."""
        if port is Port.LOCAL:
            return None
        down, along = port.step
        there = (row + down) % self.node_rows, (col + along) % self.node_cols
        return None if there == (row, col) else there

    def _between(self, down: Any, along: Any) -> Any:
        return _around(down, self.node_rows) + _around(along, self.node_cols)


class Tree(Topology):
    """Clusters of 2 × 2 tiles, each with a hub, and a mesh of routers above the hubs.

    Between two tiles of a cluster there is one router, the hub, so no link between routers; to another cluster, a
    link up, those of the mesh, and one down.
    """

    name = "tree"
    summary = "clusters of 2 x 2 tiles, each round a hub, and a mesh of routers above the hubs"
    node_kind = "cluster"
    side = CLUSTER_SIDE
    has_hubs = True

    def _between(self, down: Any, along: Any) -> Any:
        apart = super()._between(down, along)
        return apart + 2 * (apart > 0)


def _around(apart: Any, size: int) -> Any:
    """The shorter way along a ring: the smaller of x and size - x, written so that it holds for arrays, too."""
    return (size - abs(2 * abs(apart) - size)) // 2


TOPOLOGIES: dict[str, type[Topology]] = {topology.name: topology for topology in (Mesh, Torus, Tree)}
"""Topologies by name: ``TOPOLOGIES["torus"](rows, cols)`` is one, ``TOPOLOGIES["torus"].summary`` its text."""
