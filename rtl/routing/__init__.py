"""Routing relations: which outputs a packet may take, from where it is and where it goes.

Each relation is one file that has the rule twice, as a Python function (for proofs) and in gates, and an entry in
`RELATIONS`. Which of several permitted outputs a packet takes is the business of `synaptile.rtl.selection.strategies`.
"""

from ..topology import TOPOLOGIES, Mesh, Torus
from .dimension_order import XY, YX
from .dyad import DYAD
from .hub import HUB, HUB_TABLE, HUB_TURNS
from .negative_first import NEGATIVE_FIRST
from .north_last import NORTH_LAST
from .odd_even import ODD_EVEN
from .relation import TABLE, Head, HeadSignals, Position, Routing
from .torus import TORUS_TABLE, TORUS_XY, TORUS_YX
from .turns import choices, is_adaptive, turns
from .west_first import WEST_FIRST

__all__ = [
    "HUB",
    "HUB_TABLE",
    "HUB_TURNS",
    "RELATIONS",
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
    "routings_on",
    "turns",
]

RELATIONS = (XY, YX, WEST_FIRST, NORTH_LAST, NEGATIVE_FIRST, ODD_EVEN, DYAD, TORUS_XY, TORUS_YX)
"""The routing relations that can be chosen, each for one topology."""


def routings_on(topology: str) -> dict[str, Routing]:
    """The routing relations, by name, of the mesh or torus that the routers of a topology are joined to."""
    grid = TOPOLOGIES[topology].grid
    return {routing.name: routing for routing in RELATIONS if routing.topology == grid}


ROUTINGS = routings_on(Mesh.name)
"""Routing relations on a mesh by name."""

TORUS_ROUTINGS = routings_on(Torus.name)
"""Routing relations on a torus by name."""

_TABLES = {routing.topology: routing for routing in (TABLE, TORUS_TABLE)}


def routing_of(name: str, topology: str) -> Routing:
    """The relation of that name on the mesh or torus of a topology; or what stands for tables.

    Raises ``KeyError`` if there is none.
    """
    return _TABLES[TOPOLOGIES[topology].grid] if name == TABLE.name else routings_on(topology)[name]
