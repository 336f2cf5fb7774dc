"""The comment at the head of an exported chip."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields
from importlib import metadata

from amaranth.lib import wiring

from ..packet import leaves
from ..params import NetworkParams
from ..tile import Cluster, Tile
from ..topology import LINKS, Port
from .identity import settings_identity
from .top import Top

__all__ = ["header", "settings_of", "wrapped"]


def header(node: Tile | Cluster, top: Top) -> str:
    """The comment at the head of a chip of these nodes: parameters, ports, packing."""
    params, layouts = node.params, node.layouts
    lines = [
        f"{top.name}: a {params.topology} of {params.rows} x {params.cols} tiles",
        f"Written by synaptile {metadata.version('synaptile')}.",
        f"Identity: {settings_identity(settings_of(node))}, a hash of the parameters.",
        "",
        "Parameters",
        *(f"  {name} = {value}" for name, value in settings_of(node).items()),
        "",
        "Ports",
        "  clk: clock (rising edge). rst: synchronous reset, active high; one cycle is enough. While rst is 1 nothing",
        "  passes: ready of spikes and valid of arrivals are 0, and entries written into tables are not kept. Then all",
        "  is as after power-up: queues and tables are empty, counters are 0.",
        "  T is a tile's number, row * cols + col. Tile 0 is in the corner of row 0 and column 0; row 0 is the",
        "  northernmost, column 0 the westernmost.",
        *wrapped(_of_a_tree(params)),
        f"  P is a port of a router: {', '.join(f'{port.value} {port.name}' for port in Port)}.",
        "  Streams: an item passes at a rising edge at which valid and ready are 1. valid does not wait for ready,",
        "  and the payload stays until it has passed. All outputs follow from registers and rst only.",
        *_port_table(top),
        "",
        "Packets",
        *wrapped(_packets(params)),
        "",
        "Payloads (spike: into a tile; arrival: out of a tile, flit by flit; flit: between tiles)",
        "  Fields are unsigned, the first one in the lowest bits. [high:low] are bits of the payload, 0 the lowest.",
    ]
    for kind in ("spike", "arrival", "flit"):
        layout = getattr(layouts, kind)
        lines.append(f"  {kind}, {layout.size} bits")
        lines += [f"    {_bits(low, width):>9}  {'.'.join(path)}" for path, low, width in leaves(layout) if width]
    if params.flits_per_packet == 1:
        lines.append("  A packet of one flit carries no stamp: that of a spike is ignored.")
    lines.append("  Fields of width 0 are left out.")
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)


def _packets(params: NetworkParams) -> Iterator[str]:
    """What becomes of a spike, in words."""
    flits, hop = params.flits_per_packet, 1 + params.link_stages
    if flits == 1:
        yield "A spike becomes a packet of one flit, with first and last 1."
    else:
        yield (
            f"A spike becomes a packet of {flits} flits, which index numbers; first and last mark its ends, and all "
            "but the first have the stamp. Flits of another packet never come between."
        )
    hubs = ", and 1 for each between a hub and its router" if params.interconnect.has_hubs else ""
    yield (
        "If nothing is in its way, the first flit is at its tile 1 cycle after the cycle in which its spike was taken, "
        f"and {hop} more for each link between routers on its way{hubs}."
    )
    yield "A packet to the tile that sends it crosses the router there, and arrives like any other."
    if params.table_entries:
        yield (
            "A packet of a key for which the table has no entry where it comes by is dropped there: error tells of it, "
            "and nothing waits behind it."
        )
        yield (
            "In a cycle with valid an entry is written: bit P of ports says whether packets of that key leave by port "
            "P. It holds from the next cycle on. Write a key wherever its packets come by, and before they are sent. "
            f"Keys are 0 to {params.table_entries - 1}. Outputs that lead off the mesh are left out."
        )
    elif params.can_drop:
        yield (
            f"A spike to a row beyond {params.mesh_rows - 1} or a column beyond {params.mesh_cols - 1} is taken and "
            "dropped: error tells of it, and nothing waits behind it."
        )
    else:
        yield "A spike can name no other place than those of the chip, so that none is dropped, and error is always 0."


def wrapped(paragraphs: Iterable[str]) -> Iterator[str]:
    """Lines of some paragraphs, the first of each less indented."""
    for text in paragraphs:
        yield from textwrap.wrap(text, 108, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def settings_of(node: Tile | Cluster) -> dict[str, object]:
    """The parameters that have a meaning in this chip."""
    params = node.params
    settings = {field.name: getattr(params, field.name) for field in fields(params)} | {"routing": node.routing.name}
    if params.selection != "random":
        del settings["selection_seed"]
    if node.routing.sees_congestion:
        settings["dyad_threshold"] = params.congestion_threshold
    else:
        del settings["dyad_threshold"]
    return settings


def _port_table(top: Top) -> Iterator[str]:
    """One line for every kind of port; T, C and P stand for the numbers."""
    texts = _STREAMS | _COUNTERS
    if top.params.interconnect.has_hubs:
        texts |= _IN_A_TREE
    kinds = {port.kind: port for port in top.ports()}
    for kind, port in kinds.items():
        way = "in" if port.flow is wiring.In else "out"
        yield f"  {way:3} {_bits(0, port.width):>8}  {kind:24} {texts.get(port.group, '')}"


_STREAMS = {
    "spikes": "spikes to be sent by tile T",
    "arrivals": "flits that have arrived at tile T",
    "configure": "writes an entry of the table of tile T, with valid",
    "hub_configure": "writes an entry of the table of cluster C's hub, with valid",
    "busy": "bit T: tile T holds a flit or part of a packet",
    "error": "bit T: tile T dropped a packet at the last edge",
}
_COUNTERS = {
    "flits_in": "flits that entered the router of tile T from the tile itself",
    "flits_out": "flits that left the router of tile T through port P",
    "packets_out": "packets that left the router of tile T through port P",
    "dropped": "packets that tile T dropped",
    "hub_flits_out": "flits that left the hub of cluster C through port P",
    "hub_packets_out": "packets that left the hub of cluster C through port P",
}
_IN_A_TREE = {
    "configure": "writes an entry of the table of cluster C's router, with valid",
    "hub_configure": _STREAMS["hub_configure"],
    "busy": "bit C: cluster C holds a flit or part of a packet",
    "error": "bit C: cluster C dropped a packet at the last edge",
    "flits_out": "flits that left the router of cluster C through port P",
    "packets_out": "packets that left the router of cluster C through port P",
    "dropped": "packets that cluster C dropped",
    "hub_flits_out": _COUNTERS["hub_flits_out"],
    "hub_packets_out": _COUNTERS["hub_packets_out"],
}


def _of_a_tree(params: NetworkParams) -> Iterator[str]:
    """Lines on the numbers of a tree's clusters, and on the destinations of a hub's ports."""
    if not params.interconnect.has_hubs:
        return
    yield f"C is a cluster's number: {params.side} x {params.side} tiles, {params.mesh_cols} clusters in a row."
    yield "Row and column of a packet's destination are those of its cluster, member is the tile's number there."
    yield "LOCAL of a cluster's router leads to its hub, and LOCAL of the hub to the router."
    members = ", ".join(f"{port.name} to {divmod(i, params.side)}" for i, port in enumerate(LINKS))
    yield f"The hub's other ports lead to the cluster's tiles, by row and column there: {members}."


def _bits(low: int, width: int) -> str:
    return f"[{low + width - 1}:{low}]"
