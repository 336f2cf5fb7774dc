"""The turns that a router permits, and the check that its routing is free of deadlock."""

from ..params import NetworkParams
from ..routing import HUB, HUB_TABLE, HUB_TURNS, Routing, is_adaptive, routing_of, turns
from ..routing.deadlock import require_freedom
from ..routing.table import TABLE_TURNS
from ..topology import Port

__all__ = ["checked_routing", "turns_of"]


def checked_routing(params: NetworkParams, routing: Routing | None) -> Routing:
    """The routing relation of a network, or another one in its place, if a network with it works.

    Raises
    ------
    DeadlockError
        If packets could wait for each other for ever.
    ValueError
        If it loses packets, leaves no choice and the selection is not ``first``, or needs more virtual channels.
    """
    routing = routing or routing_of(params.routing, params.topology)
    if routing in (HUB, HUB_TABLE) and params.interconnect.has_hubs:
        return routing  # whatever the mesh above it is, it adds no cycle
    if routing.topology != params.grid:
        raise ValueError(f"routing must be one for a {params.grid}, not {routing.name!r} for a {routing.topology}")
    if routing.by_table:
        return routing  # `RoutingTable` has checked the tables
    if params.virtual_channels < routing.class_count:
        raise ValueError(
            f"virtual_channels must be at least {routing.class_count} with routing {routing.name!r}, "
            f"not {params.virtual_channels}"
        )
    require_freedom(routing, params.mesh_rows, params.mesh_cols)
    if params.selection != "first" and not is_adaptive(routing):
        raise ValueError(
            f"selection must be first with routing {routing.name!r}, which never leaves a choice, "
            f"not {params.selection!r}"
        )
    return routing


def turns_of(routing: Routing) -> frozenset[tuple[Port, Port]]:
    """Every (input, output) that a router has to connect."""
    if routing in (HUB, HUB_TABLE):
        return HUB_TURNS
    return TABLE_TURNS if routing.by_table else turns(routing)
