"""A node's ports, and what they are called in C++. A node is a tile or a cluster of them (`node_of`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from amaranth.hdl import Value
from amaranth.lib import wiring

from synaptile.rtl import Cluster, Tile
from synaptile.rtl.topology import LINKS

from .cut import mangled

__all__ = [
    *("CLOCK", "CONSTANT", "ENTRY", "STREAMS_IN", "STREAMS_OUT", "Links", "Node", "members_of"),
    *("counters_of", "joined_name", "output_name", "port_of", "ports_of", "probe_name", "probe_words"),
]

Node = Tile | Cluster

CLOCK = "clk"
CONSTANT = "here"
_LOCAL = {"spikes", "arrivals", "busy", CONSTANT}
_LINKS = {"link_in", "link_out"}


def ports_of(node: Node) -> Iterator[tuple[tuple[str | int, ...], wiring.Flow, Value]]:
    """Path, direction and value of every port of a node that has any width."""
    for path, member, value in node.signature.flatten(node):
        value = Value.cast(value)
        if len(value):
            yield path, member.flow, value


def joined_name(path: Iterable[str | int]) -> str:
    """The port of a path."""
    return "__".join(map(str, path))


def counters_of(node: Node) -> list[tuple[str | int, ...]]:
    """Paths of the outputs that are not wires of a node but counts, in the order in which they are read out."""
    return [path for path, flow, _ in ports_of(node) if flow is wiring.Out and path[0] not in _LOCAL | _LINKS]


def probe_name(number: int) -> str:
    """The port that shows a probe."""
    return f"probe_{number}"


def output_name(port: str) -> str:
    """The variable in C++ that is a module's output."""
    return mangled(f"o_{port}")


class Links:
    """The members of a link in each direction, from the node's point of view: (tail of the path, width).

    And ``tiles``: how many the node has; and ``entry``: the inputs that write the router's table, if it has one.
    """

    def __init__(self, node: Node) -> None:
        self.tiles = node.params.tiles_per_node
        names = {joined_name(path) for path, _flow, _value in ports_of(node)}
        self.entry = tuple(member for member, port in ENTRY.items() if port in names)
        self.forward: list[tuple[tuple[str | int, ...], int]] = []
        self.backward: list[tuple[tuple[str | int, ...], int]] = []
        for path, flow, value in ports_of(node):
            if path[:2] == ("link_out", 0):
                (self.forward if flow is wiring.Out else self.backward).append((path[2:], len(value)))

    @property
    def carried(self) -> set[int]:
        """Numbers of the forward members that mean nothing while ``valid`` is 0, as a stream's payload."""
        return {number for number, (tail, _width) in enumerate(self.forward) if tail[-1] in ("payload", "flit")}

    @property
    def valid(self) -> int:
        """Number of the forward member ``valid``."""
        return next(number for number, (tail, _width) in enumerate(self.forward) if tail[-1] == "valid")

    def signals(self, outgoing: bool) -> Iterator[tuple[str, str]]:
        """C++ member and port name of every wire of every link that the node drives, or that it reads."""
        for i in range(len(LINKS)):
            for group, members, array in (
                ("forward", self.forward, "link_out" if outgoing else "link_in"),
                ("backward", self.backward, "link_in" if outgoing else "link_out"),
            ):
                for number, (tail, _width) in enumerate(members):
                    yield f"{group}[{i}].m{number}", joined_name((array, i, *tail))


STREAMS_IN = {
    "spike": ("spikes", "payload"),
    "spike_valid": ("spikes", "valid"),
    "arrival_ready": ("arrivals", "ready"),
}
"""Members in C++ that are arrays with an element for each tile of the node, and the ports that they are."""
STREAMS_OUT = {
    "spike_ready": ("spikes", "ready"),
    "arrival_valid": ("arrivals", "valid"),
    "arrival": ("arrivals", "payload"),
}
ENTRY = {f"{hub}entry_{part}": f"{hub}configure__{part}" for hub in ("", "hub_") for part in ("valid", "key", "ports")}
"""Members in C++ that write the tables of the router and of the hub, and their ports."""


def port_of(streams: dict[str, tuple[str, str]], member: str, tile: int = 0) -> str:
    """The port that is a tile's element of a member of `STREAMS_IN` or `STREAMS_OUT`."""
    array, tail = streams[member]
    return joined_name((array, tile, tail))


def members_of(streams: dict[str, tuple[str, str]], tiles: int) -> Iterator[tuple[str, str]]:
    """C++ member and port name for every tile of a node."""
    for tile in range(tiles):
        for member in streams:
            yield f"{member}[{tile}]", port_of(streams, member, tile)


def probe_words(widths: Iterable[int]) -> list[int]:
    """How many words of 64 bits each probe is shown in."""
    return [-(-width // 64) for width in widths]
