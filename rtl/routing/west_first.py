"""West-first routing: a packet that has to go west does so before anything else."""

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import Head, HeadSignals, Routing, productive, productive_gates

__all__ = ["WEST_FIRST"]


def _relation(head: Head) -> frozenset[Port]:
    ports = productive(head)
    return frozenset({Port.WEST}) if Port.WEST in ports else ports


def _gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    nearer = productive_gates(head)
    with m.If(nearer[Port.WEST]):
        m.d.comb += permitted[Port.WEST].eq(1)
    with m.Else():
        m.d.comb += [permitted[port].eq(nearer[port]) for port in Port if port is not Port.WEST]


WEST_FIRST = Routing("west-first", _relation, _gates, "west before anything else, then any shortest way")
"""Without the turns into WEST: Glass and Ni, "The turn model for adaptive routing", ISCA 1992, section 3.1; minimal."""
