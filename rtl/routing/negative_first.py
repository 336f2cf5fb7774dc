"""Negative-first routing: west and south before east and north."""

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import Head, HeadSignals, Routing, productive, productive_gates

__all__ = ["NEGATIVE_FIRST"]

_NEGATIVE = frozenset({Port.WEST, Port.SOUTH})


def _relation(head: Head) -> frozenset[Port]:
    ports = productive(head)
    return ports & _NEGATIVE or ports


def _gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    nearer = productive_gates(head)
    with m.If(nearer[Port.WEST] | nearer[Port.SOUTH]):
        m.d.comb += [permitted[port].eq(nearer[port]) for port in _NEGATIVE]
    with m.Else():
        m.d.comb += [permitted[port].eq(nearer[port]) for port in Port if port not in _NEGATIVE]


NEGATIVE_FIRST = Routing("negative-first", _relation, _gates, "west and south before east and north, else any way")
"""Without the turns from a positive into a negative direction, with x growing eastward and y northward: Glass and Ni,
"The turn model for adaptive routing", ISCA 1992, section 3.3; minimal."""
