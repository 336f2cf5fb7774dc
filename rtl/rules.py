"""The rules for several parameters of a chip together.

Each is a function that is given all parameters as attributes, every one of them right by itself, and yields what is
wrong with the combination.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

from .parameter import Problem
from .routing import TABLE, TORUS_ROUTINGS, Routing, is_adaptive, routing_of
from .topology import TOPOLOGIES

__all__ = ["RULES", "Rule"]

Rule = Callable[[SimpleNamespace], Iterator[Problem]]


def _stamp(p: SimpleNamespace) -> Iterator[Problem]:
    if p.flits_per_packet > 1 and not p.stamp_bits:
        rule = "must be 1 when stamp_bits is 0 (body flits carry the stamp)"
        yield Problem("flits_per_packet", rule, p.flits_per_packet)


def _torus(p: SimpleNamespace) -> Iterator[Problem]:
    if not TOPOLOGIES[p.topology].has_rings:
        return
    if p.routing not in (*TORUS_ROUTINGS, TABLE.name):
        yield Problem("routing", f"must be {' or '.join(TORUS_ROUTINGS)} on a torus without tables", p.routing)
    if p.virtual_channels < 2:
        rule = "must be at least 2 on a torus, or packets can deadlock round a ring"
        yield Problem("virtual_channels", rule, p.virtual_channels)


def _tree(p: SimpleNamespace) -> Iterator[Problem]:
    side = TOPOLOGIES[p.topology].side
    for name, value in (("rows", p.rows), ("cols", p.cols)):
        if value % side:
            rule = f"must be a multiple of {side} with a tree, whose clusters are {side} x {side} tiles"
            yield Problem(name, rule, value)


def _table(p: SimpleNamespace) -> Iterator[Problem]:
    by_table = p.routing == TABLE.name
    if by_table != (p.table_entries > 0):
        rule = "at least 1" if by_table else "0"
        yield Problem("table_entries", f"must be {rule} with routing {p.routing!r}", p.table_entries)
    if p.multicast and not by_table:
        rule = f"must be False with routing {p.routing!r}, which has one way for a packet"
        yield Problem("multicast", rule, p.multicast)
    if p.multicast and p.buffer_depth < p.flits_per_packet:
        rule = f"must be at least {p.flits_per_packet}, the flits of a packet, with multicast"
        yield Problem("buffer_depth", rule, p.buffer_depth)


def _relation(p: SimpleNamespace) -> Routing | None:
    """The routing relation; ``None`` if the topology has none of that name, about which another rule complains."""
    try:
        return routing_of(p.routing, p.topology)
    except KeyError:
        return None


def _selection(p: SimpleNamespace) -> Iterator[Problem]:
    relation = _relation(p)
    if p.selection == "first" or relation is None:
        return
    if relation.by_table:
        yield Problem("selection", f"must be first with routing {p.routing!r}", p.selection)
    elif not is_adaptive(relation):
        rule = f"must be first with routing {p.routing!r}, which never leaves a choice"
        yield Problem("selection", rule, p.selection)


def _arbitration(p: SimpleNamespace) -> Iterator[Problem]:
    relation = _relation(p)
    if p.arbitration == "round-robin":
        return
    if p.multicast:
        reason = "with multicast"
    elif p.virtual_channels > 1:
        reason = f"with {p.virtual_channels} virtual_channels"
    elif relation is not None and (relation.by_table or is_adaptive(relation)):
        reason = f"with routing {p.routing!r}"
    else:
        return
    yield Problem("arbitration", f"must be round-robin {reason}", p.arbitration)


def _dyad(p: SimpleNamespace) -> Iterator[Problem]:
    if p.dyad_threshold is None:
        return
    if p.routing != "dyad":
        rule = f"must be left out with routing {p.routing!r}, which ignores it"
        yield Problem("dyad_threshold", rule, p.dyad_threshold)
    elif p.dyad_threshold > p.buffer_depth:
        yield Problem("dyad_threshold", f"must lie in 0..{p.buffer_depth}, the buffer_depth", p.dyad_threshold)


RULES: tuple[Rule, ...] = (_stamp, _torus, _tree, _table, _selection, _arbitration, _dyad)
"""All rules, in the order in which they are asked."""
