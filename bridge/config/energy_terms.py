"""What an energy table has numbers for: the event behind each term, and which terms stand for one another."""

from __future__ import annotations

__all__ = ["EVENTS", "GROUPS", "LEAKAGE", "NEEDED", "PER_WIDTH", "TOGETHER", "WORDS", "unit_of"]

EVENTS: dict[str, str] = {
    "buffer_write": "flit written into an input queue",
    "buffer_read": "flit read out of an input queue",
    "buffer_write_read": "flit written into and read out of an input queue, given as one number",
    "crossbar_switch": "flit across a router's switch",
    "route": "head routed, once per packet and router",
    "select": "output selected and arbitrated, once per packet and router",
    "route_arbitrate": "head routed and arbitrated, once per packet and router",
    "link": "flit over a link between neighbours",
    "link_ew": "flit over a link to the east or west",
    "link_ns": "flit over a link to the north or south",
    "link_hub": "flit between a hub and the router above it",
    "packet": "packet sent by a tile, whatever its way",
    "packet_hop": "packet over a link between neighbours, whatever its flits",
    "synaptic_event": "spike arriving at one synapse",
    "neuron_update": "one neuron in one step",
    "neuron_active": "one neuron in a step in which it got a spike or fired",
    "neuron_idle": "one neuron in any other step",
    "spike": "spike fired",
    "memory_read": "word read from a core's memories",
    "memory_write": "word written into a core's memories",
    "static_mw": "leakage of a router, all the time",
    "queue_mw": "leakage of an input queue of a router, all the time",
    "switch_mw": "leakage of a router's switch, all the time",
    "route_mw": "leakage of what routes in a router, all the time",
    "select_mw": "leakage of what selects outputs in a router, all the time",
    "tile_mw": "leakage of a tile's core, all the time",
    "chip_mw": "power of the whole chip when idle, all the time",
}
"""The terms of a table and the event that each is charged for."""

LEAKAGE = tuple(term for term in EVENTS if term.endswith("_mw"))
"""The terms that are powers in mW; the others are energies in pJ."""

WORDS: dict[str, str] = {
    "buffer_write": "writes into queues",
    "buffer_read": "reads from queues",
    "buffer_write_read": "queues",
    "crossbar_switch": "switches of routers",
    "route": "routing",
    "select": "selection of outputs",
    "route_arbitrate": "routing and arbitration",
    "link": "links",
    "link_ew": "links east and west",
    "link_ns": "links north and south",
    "link_hub": "links of hubs",
    "packet": "packets sent",
    "packet_hop": "hops of packets",
    "synaptic_event": "synaptic events",
    "neuron_update": "neuron updates",
    "neuron_active": "updates of active neurons",
    "neuron_idle": "updates of idle neurons",
    "spike": "spikes",
    "memory_read": "reads of cores' memories",
    "memory_write": "writes of cores' memories",
    "static_mw": "leakage of routers",
    "queue_mw": "leakage of queues",
    "switch_mw": "leakage of switches",
    "route_mw": "leakage of routing",
    "select_mw": "leakage of selection",
    "tile_mw": "leakage of cores",
    "chip_mw": "idle power of the chip",
}
"""The terms as a person reads them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "router": (
        "buffer_write",
        "buffer_read",
        "buffer_write_read",
        "crossbar_switch",
        "route",
        "select",
        "route_arbitrate",
    ),
    "links": ("link", "link_ew", "link_ns", "link_hub"),
    "neuron": ("neuron_update", "neuron_active", "neuron_idle", "spike"),
    "memory": ("memory_read", "memory_write"),
    "leakage": LEAKAGE,
}
"""Names for several terms at once, for ``includes``."""

GROUPS["routing"] = (*GROUPS["router"], *GROUPS["links"], "packet", "packet_hop")

NEEDED = (
    ("buffer_write", "buffer_write_read"),
    ("buffer_read", "buffer_write_read"),
    ("crossbar_switch",),
    ("route_arbitrate", "route"),
    ("link", "link_ew"),
    ("link_hub", "link"),
    ("synaptic_event",),
    ("neuron_update", "neuron_active"),
    ("spike",),
    ("static_mw", "queue_mw", "chip_mw"),
    ("tile_mw", "chip_mw"),
)
"""A complete table has one alternative of each line; the first names the line when all are missing."""

TOGETHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("buffer_write_read", ("buffer_write", "buffer_read")),
    ("route_arbitrate", ("route", "select")),
    ("link", ("link_ew", "link_ns")),
    ("neuron_update", ("neuron_active", "neuron_idle")),
    ("static_mw", ("queue_mw", "switch_mw", "route_mw", "select_mw")),
    ("chip_mw", ("static_mw", "queue_mw", "switch_mw", "route_mw", "select_mw", "tile_mw")),
)
"""A term, and those that are its parts: a table has the whole or the parts."""

PER_WIDTH = (
    "buffer_write",
    "buffer_read",
    "buffer_write_read",
    "crossbar_switch",
    "link",
    "link_ew",
    "link_ns",
    "link_hub",
    "queue_mw",
    "switch_mw",
)
"""The terms that are of a flit of a certain width."""


def unit_of(term: str) -> str:
    """Return ``"mW"`` or ``"pJ"``."""
    return "mW" if term in LEAKAGE else "pJ"
