"""DyAD: one fixed way while the router has room, all of odd-even's when it is congested."""

from amaranth.hdl import Cat, Module, Signal, Value

from ..topology import Port
from .odd_even import odd_even_gates, odd_even_relation
from .relation import Head, HeadSignals, Routing

__all__ = ["DYAD"]

_ALONG = frozenset({Port.EAST, Port.WEST})


def _relation(head: Head) -> frozenset[Port]:
    ports = odd_even_relation(head)
    return ports if head.congested else ports & _ALONG or ports


def _gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    odd_even = Cat(Signal(name=f"odd_even_{head.came_in.name.lower()}_{port.name.lower()}") for port in Port)
    odd_even_gates(m, head, odd_even)
    m.d.comb += permitted.eq(odd_even)
    with m.If(~head.congested & (odd_even[Port.EAST] | odd_even[Port.WEST])):
        m.d.comb += [permitted[port].eq(0) for port in Port if port not in _ALONG]


DYAD = Routing(
    "dyad",
    _relation,
    _gates,
    "along the row first while there is room, odd-even under congestion",
    sees_congestion=True,
)
"""Hu and Marculescu, "DyAD: smart routing for networks-on-chip", DAC 2004: deterministic without congestion, odd-even
with it. As there, the deterministic way obeys the odd-even turns too (row first, as XY, wherever they let it): plain XY
takes turns that odd-even forbids, and the two together have a cycle of waiting channels."""
