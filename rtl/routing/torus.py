"""Dimension-order routing on a torus: along each ring the shorter way, and never all round it on one channel.

Where both ways are equally long, which happens between the halves of a ring of an even number of routers, half of the
packets must go each way, or the links of one way are loaded up to three times as much as those of the other.
"""

from dataclasses import replace

from amaranth.hdl import Cat, Module, Mux, Value, ValueLike

from ..topology import Port, Torus
from .relation import ALONG_COLUMN, ALONG_ROW, TABLE, Dimension, Gates, Head, HeadSignals, Relation, Routing

__all__ = ["TORUS_TABLE", "TORUS_XY", "TORUS_YX", "ring_class", "ring_class_gates"]

_AXES = (ALONG_ROW, ALONG_COLUMN)
_Order = tuple[Dimension, ...]


def _tie_goes_less(head: Head, axis: int, before: Dimension | None) -> bool:
    """Which of two equally long ways round a ring is taken; ``before`` is the dimension that is already done.

    Links are loaded alike, in each ring and both ways, only if these differ from source to source and, where half of a
    ring is an odd number, also among the packets of one source. All that is known of the others here is where they go
    (in the first dimension) or where they come from (in the second).
    """
    other = 1 - axis
    differs = head.to[other] if before is None else int(head.came_in is before.less.opposite)
    return bool((head.here[0] + head.here[1] + differs) % 2)


def _going(came_in: Port, axis: Dimension) -> Port | None:
    """The way round a ring on which a packet is already, by the input that it came in by."""
    return next((way for way in (axis.more, axis.less) if came_in is way.opposite), None)


def _relation(order: _Order) -> Relation:
    def relation(head: Head) -> frozenset[Port]:
        for before, dimension in zip((None, *order[:-1]), order, strict=True):
            axis, _, more, less = dimension
            ahead = (head.to[axis] - head.here[axis]) % head.size[axis]
            if ahead:
                way = more if 2 * ahead + _tie_goes_less(head, axis, before) <= head.size[axis] else less
                return frozenset({_going(head.came_in, dimension) or way})
        return frozenset({Port.LOCAL})

    return relation


def _gates(order: _Order) -> Gates:
    def gates(m: Module, head: HeadSignals, permitted: Value) -> None:
        rest: ValueLike = 1
        for before, dimension in zip((None, *order[:-1]), order, strict=True):
            axis, name, more, less = dimension
            here, to, last = head.here[name], head.to[name], head.here[f"last_{name}"]
            going = _going(head.came_in, dimension)
            if going is None:
                ahead = (Mux(to < here, to + last + 1, to) - here)[: len(last)]
                # In a ring of an odd number of routers the sum is never equal, and the added bit makes no difference.
                forward = Cat(_tie_gates(head, 1 - axis, before), ahead) <= last + 1
                m.d.comb += [
                    permitted[more].eq(rest & (to != here) & forward),
                    permitted[less].eq(rest & (to != here) & ~forward),
                ]
            else:
                m.d.comb += permitted[going].eq(rest & (to != here))
            rest = rest & (to == here)
        m.d.comb += permitted[Port.LOCAL].eq(rest)

    return gates


def _tie_gates(head: HeadSignals, other: int, before: Dimension | None) -> Value:
    """`_tie_goes_less` in gates: one bit."""
    names = ("row", "col")
    numbers = [head.here[name] for name in names]
    if before is None:
        numbers.append(head.to[names[other]])
    odd = Cat(number[:1] for number in numbers).xor()
    return odd if before is None or head.came_in is not before.less.opposite else ~odd


def _channel_class(head: Head, output: Port) -> int:
    for axis, _, more, less in _AXES:
        if output is more:
            return int(head.to[axis] >= head.here[axis])
        if output is less:
            return int(head.to[axis] <= head.here[axis])
    return 0


def _class_gates(head: HeadSignals, output: Port) -> ValueLike:
    for _, name, more, less in _AXES:
        here, to = head.here[name], head.to[name]
        if output is more:
            return to >= here
        if output is less:
            return to <= here
    return 0


def ring_class(head: Head, output: Port) -> int:
    """The class of a packet whose destination the router does not know: 1 once it has crossed the edge of the ring.

    A packet begins each ring on class 0, and goes on along it on class 1 from the router on at which it has arrived by
    the link from the last tile to the first, or back. Which that is follows from the place, the input and its class.
    If no packet goes all round a ring, no class has a cycle: the link across the edge is on class 0, and the links
    after it are on class 1.
    """
    for axis, _, more, less in _AXES:
        if output in (more, less) and head.came_in is output.opposite:
            first = 0 if output is more else head.size[axis] - 1
            return int(head.came_class == 1 or head.here[axis] == first)
    return 0


def ring_class_gates(head: HeadSignals, output: Port) -> ValueLike:
    """`ring_class` as a value of one bit."""
    for _, name, more, less in _AXES:
        if output in (more, less) and head.came_in is output.opposite:
            here, last = head.here[name], head.here[f"last_{name}"]
            at_first = ~here.any() if output is more else here == last
            return 1 if head.came_class else at_first
    return 0


def _torus(name: str, order: _Order, summary: str) -> Routing:
    return Routing(
        name,
        _relation(order),
        _gates(order),
        summary,
        topology=Torus.name,
        class_count=2,
        channel_class=_channel_class,
        class_gates=_class_gates,
    )


TORUS_XY = _torus("xy", (ALONG_ROW, ALONG_COLUMN), "first along the row, then along the column")
"""The shorter way round the row to the right column, then the shorter way round the column.

A packet keeps the way that it has begun. Where it begins, one of two equally long ways is chosen by a parity, the
eastward or southward one if it is even: in the row, of the router's row and column and the row that the packet goes to;
in the column, of the router's row and column, and one more if the packet came in from the east. So all packets from one
tile to another take the same way, and each way round is taken as often as the other.

A ring is a cycle of channels. So there are two classes of virtual channels: a packet is on class 0 as long as the
link from the last tile of the ring to its first, or back, still lies before it, and on class 1 from there on, or if it
never takes it (Dally and Seitz, IEEE Transactions on Computers C-36(5), 1987, section IV). Nothing on class 1 takes
that link, and nothing returns from class 1 to class 0, so that neither has a cycle."""

TORUS_YX = _torus("yx", (ALONG_COLUMN, ALONG_ROW), "first along the column, then along the row")
"""First along the column, then along the row, each the shorter way; else like `TORUS_XY`."""

TORUS_TABLE = replace(TABLE, topology=Torus.name, class_count=2, channel_class=ring_class, class_gates=ring_class_gates)
"""Stands for the tables of the routers of a torus, where a packet changes its class of virtual channels on the way
(`ring_class`)."""
