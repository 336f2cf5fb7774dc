"""How often each event of the network on chip happened that energy tables have numbers for."""

from __future__ import annotations

from .base import Activity

__all__ = ["router_events"]


def router_events(activity: Activity, *, hub_links_apart: bool) -> dict[str, int]:
    """Number of each event in routers and on links; unless apart, links to hubs count as ``link``, too."""
    reads = int(activity.buffer_reads.sum())
    north, east, south, west = activity.link_flits.sum(axis=0).tolist()
    to_hubs = int(activity.hub_link_flits.sum())
    routed = int(activity.routed_packets.sum())
    return {
        "buffer_write": int(activity.buffer_writes.sum()),
        "buffer_read": reads,
        "buffer_write_read": reads,
        "crossbar_switch": reads,
        "route": routed,
        "select": routed,
        "route_arbitrate": routed,
        "link": north + east + south + west + (0 if hub_links_apart else to_hubs),
        "link_ew": east + west,
        "link_ns": north + south,
        "link_hub": to_hubs,
        "packet_hop": activity.packet_hops,
    }
