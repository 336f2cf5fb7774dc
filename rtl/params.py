"""The parameters of the on-chip network, validated once; every derived width is a property."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .routing import ROUTINGS, TABLE, TORUS_ROUTINGS, Routing, is_adaptive, routing_of
from .topology import CLUSTER_SIDE, TOPOLOGIES, Mesh, Topology, Torus, Tree

__all__ = ["ARBITRATIONS", "SELECTIONS", "NetworkParams"]

SELECTIONS = {
    "first": "the first in the order north, east, south, west",
    "round-robin": "each in its turn",
    "random": "either, by a seeded coin",
    "buffer-level": "the one with the fewest flits behind it, as far as the router can tell",
    "neighbours-on-path": "the one whose router has the most room behind the outputs that lead on",
}
"""Selection strategies by name, and which of the permitted outputs that no other packet holds each of them takes."""

ARBITRATIONS = {
    "round-robin": "each in its turn",
    "through-first": "who is under way already; then the tile's own, or in its turn after 126 cycles",
}
"""Who goes first when several packets wait for an output, by name."""


def _bits_for_count(count: int) -> int:
    """Bits to number ``count`` things; 0 for a single one."""
    return (count - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class NetworkParams:
    """A chip of tiles, what joins them, and the packets that cross it.

    Parameters
    ----------
    rows, cols
        Rows and columns of tiles, each 1..256; even with a tree.
    buffer_depth
        Flits held by each router input queue, 1..64. A queue of one flit halves a link's throughput, because its
        ``ready`` does not depend on whether it is being read.
    flits
        Flits per packet, 1..16. Body flits carry the time stamp, so a packet of one flit has none.
    neurons
        Number of distinct source neurons, 1 or more; fixes the width of the neuron field.
    stamp_bits
        Width of the time stamp (the SNN step in which the neuron fired, low bits), 0..32; 0 only with one flit.
    tag_bits
        Width of the tag that follows a packet in simulation; 0 in exported hardware.
    counter_bits
        Width of the event counters in each tile; 0 leaves them out.
    topology
        ``mesh``; or ``torus``: rows and columns are closed to rings, which needs 2 virtual channels; or ``tree``: each
        2 × 2 tiles are a cluster round a hub, and the hubs are joined by a mesh of routers. Virtual channels, link
        stages, routing and selection are then those of the mesh; a hub has one way for a packet, and needs none.
    routing
        Name of the routing relation (`ROUTINGS`; on a torus `TORUS_ROUTINGS`), or ``table``: packets carry keys in
        place of destinations, and every router has a table of the outputs for each key.
    table_entries
        With ``table``, the number of keys, 1..65536; else 0.
    multicast
        With ``table``: an entry may have several outputs, and packets fork there. A queue must hold a packet.
    selection
        Name of the selection strategy (`SELECTIONS`); other than ``first`` only if the relation leaves a choice.
    selection_seed
        Start of the ``random`` strategy's coins, 1..65535.
    arbitration
        Who goes first when several packets wait for an output (`ARBITRATIONS`); other than ``round-robin`` only with
        one virtual channel and a relation that leaves no choice.
    virtual_channels
        Virtual channels of each link, 1..4, each with a queue of ``buffer_depth`` flits.
    link_stages
        Registers along each link, 0..8: a flit, and what comes back, takes so many cycles more.
    dyad_threshold
        For the routing ``dyad`` only, 0..buffer_depth: a router is congested while any of its input queues holds more
        flits than this. ``None`` is half the buffer.

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a parameter is out of its range, a name is unknown, or the combination is impossible.
    """

    rows: int
    cols: int
    buffer_depth: int = 4
    flits: int = 2
    neurons: int = 1 << 16
    stamp_bits: int = 16
    tag_bits: int = 0
    counter_bits: int = 0
    routing: str = "xy"
    selection: str = "first"
    selection_seed: int = 1
    dyad_threshold: int | None = None
    virtual_channels: int = 1
    topology: str = Mesh.name
    table_entries: int = 0
    multicast: bool = False
    link_stages: int = 0
    arbitration: str = "round-robin"

    def __post_init__(self) -> None:
        registries: dict[str, Mapping[str, object]] = {
            "topology": TOPOLOGIES,
            "routing": {**ROUTINGS, TABLE.name: TABLE},
            "selection": SELECTIONS,
            "arbitration": ARBITRATIONS,
        }
        for name, registry in registries.items():
            if getattr(self, name) not in registry:
                raise ValueError(f"{name} must be one of {', '.join(registry)}, not {getattr(self, name)!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name not in _RANGES or (field.name == "dyad_threshold" and value is None):
                continue
            low, high = _RANGES[field.name]
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{field.name} must be an integer, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{field.name} must lie in {low}..{high}, not {value}")
        if self.flits > 1 and not self.stamp_bits:
            raise ValueError(f"stamp_bits must not be 0 when packets have body flits, and flits is {self.flits}")
        if self.topology == Torus.name:
            if self.routing not in (*TORUS_ROUTINGS, TABLE.name):
                known = ", ".join(TORUS_ROUTINGS)
                raise ValueError(f"routing must be {known} or {TABLE.name} on a torus, not {self.routing!r}")
            if self.virtual_channels < 2:
                raise ValueError(
                    f"virtual_channels must be at least 2 on a torus, or packets can deadlock round a ring, "
                    f"not {self.virtual_channels}"
                )
        if self.topology == Tree.name:
            for name in ("rows", "cols"):
                if getattr(self, name) % CLUSTER_SIDE:
                    raise ValueError(
                        f"{name} must be a multiple of {CLUSTER_SIDE} with a tree, whose clusters are "
                        f"{CLUSTER_SIDE} x {CLUSTER_SIDE} tiles, not {getattr(self, name)}"
                    )
        self._check_table()
        if self.selection != "first" and not self.leaves_choice(routing_of(self.routing, self.topology)):
            raise ValueError(
                f"selection must be first with routing {self.routing!r}, which never leaves a choice, "
                f"not {self.selection!r}"
            )
        if self.arbitration != "round-robin":
            self._check_arbitration()
        if self.dyad_threshold is not None:
            if self.routing != "dyad":
                raise ValueError(
                    f"dyad_threshold must be left out with routing {self.routing!r}, which ignores it, "
                    f"not {self.dyad_threshold}"
                )
            if self.dyad_threshold > self.buffer_depth:
                raise ValueError(
                    f"dyad_threshold must lie in 0..{self.buffer_depth}, the buffer_depth, not {self.dyad_threshold}"
                )

    def leaves_choice(self, routing: Routing) -> bool:
        """Whether a head can have several outputs to ask for, of which a selection strategy takes one."""
        return self.multicast if routing.by_table else is_adaptive(routing)

    def _check_arbitration(self) -> None:
        if self.virtual_channels > 1:
            reason = f"with {self.virtual_channels} virtual_channels"
        elif self.routing == TABLE.name or is_adaptive(routing_of(self.routing, self.topology)):
            reason = f"with routing {self.routing!r}"
        else:
            return
        raise ValueError(f"arbitration must be round-robin {reason}, not {self.arbitration!r}")

    def _check_table(self) -> None:
        by_table = self.routing == TABLE.name
        if by_table != (self.table_entries > 0):
            rule = "at least 1 with routing 'table'" if by_table else f"0 with routing {self.routing!r}"
            raise ValueError(f"table_entries must be {rule}, not {self.table_entries}")
        if not isinstance(self.multicast, bool):
            raise TypeError(f"multicast must be True or False, not {self.multicast!r}")
        if self.multicast and not by_table:
            raise ValueError(f"multicast must be False with routing {self.routing!r}, which has one way for a packet")
        if self.multicast and self.buffer_depth < self.flits:
            raise ValueError(
                f"buffer_depth must be at least {self.flits}, the flits of a packet, with multicast, "
                f"not {self.buffer_depth}"
            )
        if by_table and self.selection != "first":
            raise ValueError(f"selection must be first with routing 'table', not {self.selection!r}")

    @property
    def key_bits(self) -> int:
        """Width of a key."""
        return max(1, _bits_for_count(self.table_entries))

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    @property
    def interconnect(self) -> Topology:
        """The topology of that name, of this size."""
        return TOPOLOGIES[self.topology](self.rows, self.cols)

    @property
    def side(self) -> int:
        """Rows, and columns, of tiles in a node: 1, or with a tree those of a cluster."""
        return self.interconnect.side

    @property
    def grid(self) -> str:
        """Name of the network that the routers of the nodes form: ``torus``, or ``mesh``, which a tree has, too."""
        return self.interconnect.grid

    @property
    def mesh_rows(self) -> int:
        """Rows of nodes, each with a router of the mesh (or torus)."""
        return self.interconnect.node_rows

    @property
    def mesh_cols(self) -> int:
        """Columns of nodes."""
        return self.interconnect.node_cols

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.interconnect.nodes

    @property
    def tiles_per_node(self) -> int:
        """Tiles that share a router of the mesh: 1, or with a tree 4."""
        return self.interconnect.tiles_per_node

    @property
    def row_bits(self) -> int:
        """Width of a node's row number."""
        return _bits_for_count(self.mesh_rows)

    @property
    def col_bits(self) -> int:
        """Width of a node's column number."""
        return _bits_for_count(self.mesh_cols)

    @property
    def member_bits(self) -> int:
        """Width of a tile's number in its node."""
        return _bits_for_count(self.tiles_per_node)

    @property
    def neuron_bits(self) -> int:
        """Width of a neuron number."""
        return _bits_for_count(self.neurons)

    @property
    def index_bits(self) -> int:
        """Width of a flit's number within its packet."""
        return _bits_for_count(self.flits)

    @property
    def congestion_threshold(self) -> int:
        """Flits above which an input queue makes its router congested."""
        return self.buffer_depth // 2 if self.dyad_threshold is None else self.dyad_threshold

    def with_(self, **changes: Any) -> "NetworkParams":
        """The same parameters with some replaced, validated again."""
        return replace(self, **changes)


_RANGES = {
    "rows": (1, 256),
    "cols": (1, 256),
    "buffer_depth": (1, 64),
    "flits": (1, 16),
    "neurons": (1, 1 << 32),
    "stamp_bits": (0, 32),
    "tag_bits": (0, 64),
    "counter_bits": (0, 64),
    "selection_seed": (1, (1 << 16) - 1),
    "virtual_channels": (1, 4),
    "table_entries": (0, 1 << 16),
    "link_stages": (0, 8),
    "dyad_threshold": (0, 64),
}
