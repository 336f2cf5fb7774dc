"""The way through the hub of a cluster: down to the tile that a packet goes to, or up to the mesh."""

from dataclasses import replace
from functools import reduce
from operator import and_

from amaranth.hdl import Module, Value

from ..topology import CLUSTER_SIDE, LINKS, Port, Tree
from .relation import TABLE, Head, HeadSignals, Routing

__all__ = ["HUB", "HUB_TABLE", "HUB_TURNS"]


def _relation(head: Head) -> frozenset[Port]:
    node = head.to[0] // CLUSTER_SIDE, head.to[1] // CLUSTER_SIDE
    if node != head.here:
        return frozenset({Port.LOCAL})
    return frozenset({LINKS[head.to[0] % CLUSTER_SIDE * CLUSTER_SIDE + head.to[1] % CLUSTER_SIDE]})


def _gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    here, to = head.here, head.to
    same = (to.row == here.row) & (to.col == here.col)
    m.d.comb += permitted[Port.LOCAL].eq(~same)
    for number, link in enumerate(LINKS):
        # Bit by bit: of a comparison, synthesis makes a form of other widths, of which Verilog tools warn.
        is_it = (bit if number >> i & 1 else ~bit for i, bit in enumerate(to.member))
        m.d.comb += permitted[link].eq(reduce(and_, is_it, same))


HUB = Routing("hub", _relation, _gates, "down to the tile in the cluster, else up to the mesh", topology=Tree.name)
"""Not one to choose: every hub of a tree has it, whatever the routing in the mesh above.

A hub's links lead to the tiles of its cluster in the order of their numbers, and LOCAL leads up. ``here`` is the place
of the cluster, as in the mesh, and ``to`` that of a tile (in gates: of its cluster, with its number there).

A packet goes up at most once, through the mesh, and down: nothing that comes down goes up again. So what waits in a
hub on the way down waits for tiles only, what waits in the mesh for the mesh or for that, and what waits on the way up
for the mesh: if the mesh's own relation is free of deadlock, the whole chip is.
"""

HUB_TABLE = replace(TABLE, topology=Tree.name)
"""Stands for the table of a hub, where the routers have tables."""

HUB_TURNS = frozenset((source, out) for source in Port for out in Port if (source, out) != (Port.LOCAL, Port.LOCAL))
"""Every (input, output) of a hub: all but from above to above."""
