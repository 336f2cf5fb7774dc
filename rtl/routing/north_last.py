"""North-last routing: a packet that has to go north does so after everything else."""

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import Head, HeadSignals, Routing, productive, productive_gates

__all__ = ["NORTH_LAST"]


def _relation(head: Head) -> frozenset[Port]:
    ports = productive(head)
    return ports - {Port.NORTH} or ports


def _gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    nearer = productive_gates(head)
    m.d.comb += [permitted[port].eq(nearer[port]) for port in Port if port is not Port.NORTH]
    # Not to the south of it, so with the right column reached nothing but north is left.
    m.d.comb += permitted[Port.NORTH].eq(nearer[Port.NORTH] & ~nearer[Port.EAST] & ~nearer[Port.WEST])


NORTH_LAST = Routing("north-last", _relation, _gates, "any shortest way, but north after everything else")
"""Without the turns out of NORTH: Glass and Ni, "The turn model for adaptive routing", ISCA 1992, section 3.2;
minimal."""
