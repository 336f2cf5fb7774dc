"""Routing relations: which outputs a packet may take, from where it is and where it goes.

Each relation is one file that has the rule twice, as a Python function (for proofs) and in gates, and an entry in
`ROUTINGS`. Which of several permitted outputs a packet takes is the business of `synaptile.rtl.selection.strategies`.
"""

from dataclasses import replace

from ..topology import Port
from .dimension_order import XY, YX
from .dyad import DYAD
from .hub import HUB, HUB_TABLE, HUB_TURNS
from .negative_first import NEGATIVE_FIRST
from .north_last import NORTH_LAST
from .odd_even import ODD_EVEN
from .relation import Head, HeadSignals, Position, Routing
from .torus import TORUS_XY, TORUS_YX, ring_class, ring_class_gates
from .turns import choices, is_adaptive, turns
from .west_first import WEST_FIRST

__all__ = [
    "HUB",
    "HUB_TABLE",
    "HUB_TURNS",
    "ROUTINGS",
    "TABLE",
    "TORUS_ROUTINGS",
    "TORUS_TABLE",
    "XY",
    "YX",
    "Head",
    "HeadSignals",
    "Position",
    "Routing",
    "choices",
    "is_adaptive",
    "routing_of",
    "turns",
]

ROUTINGS = {routing.name: routing for routing in (XY, YX, WEST_FIRST, NORTH_LAST, NEGATIVE_FIRST, ODD_EVEN, DYAD)}
"""Routing relations on a mesh by name."""

TORUS_ROUTINGS = {routing.name: routing for routing in (TORUS_XY, TORUS_YX)}
"""Routing relations on a torus by name."""


TABLE = Routing(
    "table", lambda head: frozenset(Port), lambda m, head, permitted: None, "what each router's table has for the key"
)
"""Stands for the tables of the routers (`synaptile.rtl.routing.table`), which have neither function nor gates."""

TORUS_TABLE = replace(TABLE, topology="torus", class_count=2, channel_class=ring_class, class_gates=ring_class_gates)
"""The same on a torus, where a packet changes its class of virtual channels on the way (`ring_class`)."""


def routing_of(name: str, topology: str) -> Routing:
    """The relation of that name on a torus, or on a mesh, which a tree has, too; or what stands for tables.

    Raises ``KeyError`` if there is none.
    """
    if name == TABLE.name:
        return TORUS_TABLE if topology == "torus" else TABLE
    return (TORUS_ROUTINGS if topology == "torus" else ROUTINGS)[name]
