"""A node's ports, and what they are called in C++. A node is a tile or a cluster of them (`node_of`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from amaranth.lib import wiring

from synaptile.rtl import Cluster, Tile
from synaptile.rtl.ports import port_name, ports_of
from synaptile.rtl.topology import LINKS

from .cut import mangled

__all__ = [
    "CLOCK",
    "CONSTANT",
    "ENTRY",
    "STREAMS_IN",
    "STREAMS_OUT",
    "Links",
    "Node",
    "counters_of",
    "members_of",
    "output_name",
    "port_of",
    "probe_name",
    "probe_words",
]

Node = Tile | Cluster

CLOCK = "clk"
"""Name of the clock's port."""
CONSTANT = "here"
"""The input that never changes: the node's position."""
_LOCAL = {"spikes", "arrivals", "busy", "error", CONSTANT}
_LINKS = {"link_in", "link_out"}


def counters_of(node: Node) -> list[tuple[str | int, ...]]:
    """Paths of the outputs that are event counters, in the order in which they are read out."""
    return [path for path, flow, _ in ports_of(node) if flow is wiring.Out and path[0] not in _LOCAL | _LINKS]


def probe_name(number: int) -> str:
    """Name of the port that shows a probe."""
    return f"probe_{number}"


def output_name(port: str) -> str:
    """Name of the variable in C++ that is a module's output."""
    return mangled(f"o_{port}")


class Links:
    """The wires of a node's links.

    Attributes
    ----------
    forward, backward
        The members of a link that the node drives, and that it reads, where the link leaves it: (end of the path,
        width).
    tiles
        Number of tiles in the node.
    entry
        Members in C++ that write the tables of its routers; none if they have no tables.
    """

    def __init__(self, node: Node) -> None:
        self.tiles = node.params.tiles_per_node
        names = {port_name(path) for path, _flow, _value in ports_of(node)}
        self.entry = tuple(member for member, port in ENTRY.items() if port in names)
        self.forward: list[tuple[tuple[str | int, ...], int]] = []
        self.backward: list[tuple[tuple[str | int, ...], int]] = []
        for path, flow, value in ports_of(node):
            if path[:2] == ("link_out", 0):
                (self.forward if flow is wiring.Out else self.backward).append((path[2:], len(value)))

    @property
    def carried(self) -> set[int]:
        """Numbers of the forward members that are payload: they have no meaning while ``valid`` is 0."""
        return {number for number, (tail, _width) in enumerate(self.forward) if tail[-1] in ("payload", "flit")}

    @property
    def valid(self) -> int:
        """Number of the forward member ``valid``."""
        return next(number for number, (tail, _width) in enumerate(self.forward) if tail[-1] == "valid")

    def signals(self, outgoing: bool) -> Iterator[tuple[str, str]]:
        """C++ member and port name of every wire of all links that the node drives, or else of those that it reads."""
        for i in range(len(LINKS)):
            for group, members, array in (
                ("forward", self.forward, "link_out" if outgoing else "link_in"),
                ("backward", self.backward, "link_in" if outgoing else "link_out"),
            ):
                for number, (tail, _width) in enumerate(members):
                    yield f"{group}[{i}].m{number}", port_name((array, i, *tail))


STREAMS_IN = {
    "spike": ("spikes", "payload"),
    "spike_valid": ("spikes", "valid"),
    "arrival_ready": ("arrivals", "ready"),
}
"""Inputs in C++ that are arrays with an element for each tile of the node, and their ports: (array, member)."""
STREAMS_OUT = {
    "spike_ready": ("spikes", "ready"),
    "arrival_valid": ("arrivals", "valid"),
    "arrival": ("arrivals", "payload"),
}
"""The same for outputs."""
ENTRY = {f"{hub}entry_{part}": f"{hub}configure__{part}" for hub in ("", "hub_") for part in ("valid", "key", "ports")}
"""Members in C++ that write the tables of the router and of the hub, and their ports."""


def port_of(streams: dict[str, tuple[str, str]], member: str, tile: int = 0) -> str:
    """Name of the port of a tile's element of a member of `STREAMS_IN` or `STREAMS_OUT`."""
    array, tail = streams[member]
    return port_name((array, tile, tail))


def members_of(streams: dict[str, tuple[str, str]], tiles: int) -> Iterator[tuple[str, str]]:
    """C++ member and port name of every element of `STREAMS_IN` or `STREAMS_OUT` in a node with so many tiles."""
    for tile in range(tiles):
        for member in streams:
            yield f"{member}[{tile}]", port_of(streams, member, tile)


def probe_words(widths: Iterable[int]) -> list[int]:
    """Number of words of 64 bits for each of some probes."""
    return [-(-width // 64) for width in widths]
