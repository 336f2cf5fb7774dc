"""The parameters of the on-chip network: declared, validated, and every width that follows from them.

What makes a chip legal is written once: for one parameter where it is declared, here, for several together in
`synaptile.rtl.rules`. `NetworkParams.problems` asks both.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .parameter import Problem, declared, documented, parameter, single_problems, summaries, with_defaults
from .routing import ROUTINGS, TABLE, Routing, is_adaptive
from .rules import RULES
from .topology import TOPOLOGIES, Topology

__all__ = ["ARBITRATIONS", "SELECTIONS", "NetworkParams", "NetworkSettings"]

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
"""Arbitrations by name, and which of several packets that wait for an output goes first with each."""


def _bits_for_count(count: int) -> int:
    """Bits to number ``count`` things; 0 for a single one."""
    return (count - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """The parameters that a chip's YAML file and the circuit have in common, each under the same name.

    A parameter that is declared here is a key of `synaptile.bridge.config.ChipConfig`, too, an option of the command
    line, a line of the report and of the documentation.
    """

    topology: str = parameter(
        "mesh",
        type=str,
        choices=lambda: summaries(TOPOLOGIES),
        metavar="NAME",
        help="what joins the tiles",
        detail="On a torus rows and columns are closed to rings, which needs 2 virtual channels. In a tree each 2 x 2 "
        "tiles are a cluster round a hub, and a mesh of routers joins the hubs, which needs even rows and columns; "
        "virtual channels, link stages, routing and selection are those of the mesh.",
    )
    routing: str = parameter(
        "xy",
        type=str,
        choices=lambda: summaries({**ROUTINGS, TABLE.name: TABLE}),
        metavar="NAME",
        help="routing relation",
        detail="A torus has xy and yx.",
    )
    selection: str = parameter(
        "first",
        type=str,
        choices=lambda: SELECTIONS,
        metavar="NAME",
        help="which of several permitted outputs is taken",
        detail="Other than first only with a routing that leaves a choice.",
    )
    selection_seed: int = parameter(1, low=1, high=(1 << 16) - 1, help="where the coins of the selection random begin")
    dyad_threshold: int | None = parameter(
        None,
        low=0,
        high=64,
        metavar="FLITS",
        values="0..buffer_depth",
        default_text="half of buffer_depth",
        help="flits above which an input queue makes its router congested, for the routing dyad only",
    )
    arbitration: str = parameter(
        "round-robin",
        type=str,
        choices=lambda: ARBITRATIONS,
        metavar="NAME",
        help="who goes first when several packets wait for an output",
        detail="Other than round-robin only with one virtual channel, a routing that leaves no choice, and no "
        "multicast.",
    )
    buffer_depth: int = parameter(
        4,
        low=1,
        high=64,
        unit="flits",
        metavar="FLITS",
        alias="buffer",
        help="flits that an input queue of a router holds",
        detail="A queue of one flit halves a link's throughput, because its ready does not depend on whether it is "
        "being read.",
    )
    flits_per_packet: int = parameter(
        2,
        low=1,
        high=16,
        unit="flits",
        metavar="FLITS",
        alias="flits",
        help="flits of a packet, head included",
        detail="Body flits carry the time stamp, so a packet of one flit has none.",
    )
    virtual_channels: int = parameter(
        1,
        low=1,
        high=4,
        unit="per link",
        help="virtual channels of each link",
        detail="Each has a queue of buffer_depth flits.",
    )
    link_stages: int = parameter(
        0,
        low=0,
        high=8,
        help="registers along each link, each a cycle more",
        detail="A flit, and what comes back, takes so many cycles more.",
    )
    multicast: bool = parameter(
        False,
        type=bool,
        help="one packet for all tiles of a spike, forking on its way",
        detail="Packets then follow keys in the routers' tables, in which the ways of the routing (xy or yx) are "
        "written; a queue must hold a packet. Else a spike is a packet for each tile.",
    )


@dataclass(frozen=True, kw_only=True)
class NetworkParams(NetworkSettings):
    """A chip of tiles, what joins them, and the packets that cross it.

    Raises
    ------
    TypeError
        If a number is not an integer, or a flag not a bool.
    ValueError
        If a parameter is out of its range, a name is unknown, or the combination is impossible.
    """

    rows: int = parameter(low=1, high=256, help="rows of tiles, even with a tree")
    cols: int = parameter(low=1, high=256, help="columns of tiles, even with a tree")
    neurons: int = parameter(
        1 << 16, low=1, high=1 << 62, help="distinct source neurons; fixes the width of the neuron field"
    )
    stamp_bits: int = parameter(
        16,
        low=0,
        high=32,
        unit="bits",
        help="low bits of a spike's step that body flits carry",
        detail="0 only with packets of one flit.",
    )
    tag_bits: int = parameter(
        0, low=0, high=64, help="width of the tag that follows a packet in simulation; 0 in exported hardware"
    )
    counter_bits: int = parameter(0, low=0, high=64, help="width of the event counters in each tile; 0 leaves them out")
    table_entries: int = parameter(
        0, low=0, high=1 << 16, help="keys that each router's table holds", detail="0 without the routing table."
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield everything that is wrong with parameters; what is not given has its default.

        Rules for several parameters are asked only if each is right by itself.
        """
        single = single_problems(_PARAMETERS, values)
        yield from single
        if not single:
            together = with_defaults(_PARAMETERS, values)
            for rule in RULES:
                yield from rule(together)

    def __post_init__(self) -> None:
        for problem in self.problems(vars(self)):
            raise problem.error(str(problem))

    def leaves_choice(self, routing: Routing) -> bool:
        """Tell whether a head can have several outputs to ask for, of which a selection strategy takes one."""
        return self.multicast if routing.by_table else is_adaptive(routing)

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
    def names_places_off_the_grid(self) -> bool:
        """True if a packet can name a row or column of nodes that the network does not have.

        So it is if packets name places, and rows or columns are no power of two.
        """
        return not self.table_entries and any(n & (n - 1) for n in (self.mesh_rows, self.mesh_cols))

    @property
    def can_drop(self) -> bool:
        """True if there are packets that the circuit drops: to places that it does not have, or of unknown keys."""
        return self.table_entries > 0 or self.names_places_off_the_grid

    @property
    def neuron_bits(self) -> int:
        """Width of a neuron number."""
        return _bits_for_count(self.neurons)

    @property
    def index_bits(self) -> int:
        """Width of a flit's number within its packet."""
        return _bits_for_count(self.flits_per_packet)

    @property
    def congestion_threshold(self) -> int:
        """Flits above which an input queue makes its router congested."""
        return self.buffer_depth // 2 if self.dyad_threshold is None else self.dyad_threshold

    def replace(self, **changes: Any) -> "NetworkParams":
        """Return the same parameters with some replaced, validated again."""
        return dataclasses.replace(self, **changes)


_PARAMETERS = declared(NetworkParams)
NetworkParams.__doc__ = documented(NetworkParams.__doc__, _PARAMETERS)
