"""Dimension-order routing: XY and YX."""

from functools import reduce
from operator import and_

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import ALONG_COLUMN, ALONG_ROW, Dimension, Gates, Head, HeadSignals, Relation, Routing, greater

__all__ = ["XY", "YX"]

_Order = tuple[Dimension, ...]


def _relation(order: _Order) -> Relation:
    def relation(head: Head) -> frozenset[Port]:
        for axis, _, more, less in order:
            if head.to[axis] != head.here[axis]:
                return frozenset({more if head.to[axis] > head.here[axis] else less})
        return frozenset({Port.LOCAL})

    return relation


def _gates(order: _Order) -> Gates:
    def gates(m: Module, head: HeadSignals, permitted: Value) -> None:
        here, to = head.here, head.to
        same = {name: to[name] == here[name] for name in ("row", "col")}
        ways: dict[Port, Value] = {Port.LOCAL: same["row"] & same["col"]}
        before: list[Value] = []  # that the dimensions before have been covered
        for _, name, more, less in order:
            up = greater(to[name], here[name])
            ways[more] = reduce(and_, [*before, up])
            ways[less] = reduce(and_, [*before, ~same[name], ~up])
            before.append(same[name])
        m.d.comb += [permitted[port].eq(ways[port]) for port in Port]

    return gates


def _dimension_order(name: str, order: _Order, summary: str) -> Routing:
    return Routing(name, _relation(order), _gates(order), summary)


XY = _dimension_order("xy", (ALONG_ROW, ALONG_COLUMN), "first along the row, then along the column")
"""First along the row to the right column, then along the column (dimension order; PyCARL, Table III)."""

YX = _dimension_order("yx", (ALONG_COLUMN, ALONG_ROW), "first along the column, then along the row")
"""First along the column to the right row, then along the row."""
