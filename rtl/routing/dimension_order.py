"""Dimension-order routing: XY and YX."""

from amaranth.hdl import Module, Value

from ..topology import Port
from .relation import Head, HeadSignals, Routing, greater

__all__ = ["XY", "YX"]


def _xy_relation(head: Head) -> frozenset[Port]:
    here, to = head.here, head.to
    if to[1] != here[1]:
        return frozenset({Port.EAST if to[1] > here[1] else Port.WEST})
    if to[0] != here[0]:
        return frozenset({Port.SOUTH if to[0] > here[0] else Port.NORTH})
    return frozenset({Port.LOCAL})


def _xy_gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    here, to = head.here, head.to
    same_row, same_col = to.row == here.row, to.col == here.col
    south, east = greater(to.row, here.row), greater(to.col, here.col)
    m.d.comb += [
        permitted[Port.LOCAL].eq(same_row & same_col),
        permitted[Port.NORTH].eq(same_col & ~same_row & ~south),
        permitted[Port.EAST].eq(east),
        permitted[Port.SOUTH].eq(same_col & south),
        permitted[Port.WEST].eq(~same_col & ~east),
    ]


def _yx_relation(head: Head) -> frozenset[Port]:
    here, to = head.here, head.to
    if to[0] != here[0]:
        return frozenset({Port.SOUTH if to[0] > here[0] else Port.NORTH})
    if to[1] != here[1]:
        return frozenset({Port.EAST if to[1] > here[1] else Port.WEST})
    return frozenset({Port.LOCAL})


def _yx_gates(m: Module, head: HeadSignals, permitted: Value) -> None:
    here, to = head.here, head.to
    same_row, same_col = to.row == here.row, to.col == here.col
    south, east = greater(to.row, here.row), greater(to.col, here.col)
    m.d.comb += [
        permitted[Port.LOCAL].eq(same_row & same_col),
        permitted[Port.NORTH].eq(~same_row & ~south),
        permitted[Port.EAST].eq(same_row & east),
        permitted[Port.SOUTH].eq(south),
        permitted[Port.WEST].eq(same_row & ~same_col & ~east),
    ]


XY = Routing("xy", _xy_relation, _xy_gates, "first along the row, then along the column")
"""First along the row to the right column, then along the column (dimension order; PyCARL, Table III)."""

YX = Routing("yx", _yx_relation, _yx_gates, "first along the column, then along the row")
"""First along the column to the right row, then along the row."""
