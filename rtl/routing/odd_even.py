"""Odd-even routing: which turns are allowed depends on whether the column's number is odd."""

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import Head, HeadSignals, Routing, productive, productive_gates

__all__ = ["ODD_EVEN", "odd_even_gates", "odd_even_relation"]


def odd_even_relation(head: Head) -> frozenset[Port]:
    """The outputs of Chiu's minimal ROUTE."""
    ports = productive(head)
    column, distance = head.here[1], head.to[1] - head.here[1]
    along = ports & {Port.EAST, Port.WEST}
    across = ports & {Port.NORTH, Port.SOUTH}
    if not along or not across:
        return ports
    if distance < 0:
        return along | across if column % 2 == 0 else along
    # To turn out of EAST is to have come in from the west; that is allowed in odd columns only. So at the last column
    # but one before an even one, the turn has to be taken now.
    permitted: set[Port] = set()
    if column % 2 == 1 or head.came_in is not Port.WEST:
        permitted |= across
    if head.to[1] % 2 == 1 or distance != 1:
        permitted |= along
    return frozenset(permitted)


def odd_even_gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    """`odd_even_relation` in gates."""
    nearer = productive_gates(head)
    odd = head.here.col[:1].any()
    across = nearer[Port.NORTH] | nearer[Port.SOUTH]
    # The destination's is the next column, an even one. Past the last column, the sum is 0, which is not to the east.
    following = (head.here.col + 1)[: len(head.here.col)]
    last_chance = odd & ~head.to.col[:1].any() & (head.to.col == following)
    may_turn = odd if head.came_in is Port.WEST else 1
    m.d.comb += [
        permitted[Port.LOCAL].eq(nearer[Port.LOCAL]),
        permitted[Port.WEST].eq(nearer[Port.WEST]),
        permitted[Port.EAST].eq(nearer[Port.EAST] & ~(across & last_chance)),
    ]
    with m.If(nearer[Port.EAST]):
        m.d.comb += [permitted[port].eq(nearer[port] & may_turn) for port in (Port.NORTH, Port.SOUTH)]
    with m.Elif(nearer[Port.WEST]):
        m.d.comb += [permitted[port].eq(nearer[port] & ~odd) for port in (Port.NORTH, Port.SOUTH)]
    with m.Else():
        m.d.comb += [permitted[port].eq(nearer[port]) for port in (Port.NORTH, Port.SOUTH)]


ODD_EVEN = Routing("odd-even", odd_even_relation, odd_even_gates, "any shortest way that the odd-even turns leave")
"""No turn out of EAST in even columns, none into WEST in odd ones: Chiu, "The odd-even turn model for adaptive
routing", IEEE Transactions on Parallel and Distributed Systems 11(7), 2000, figure 2. That a packet is in its
source's column, which the figure asks for, is the same as that it has not come in from the west, so no source travels
with it."""
