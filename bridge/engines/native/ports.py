"""A tile's ports, and what they are called in C++."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from amaranth.hdl import Value
from amaranth.lib import wiring

from synaptile.rtl import Tile
from synaptile.rtl.tile import LINKS

from .cut import mangled

__all__ = [
    *("CLOCK", "CONSTANT", "STREAMS", "STREAMS_IN", "STREAMS_OUT", "Links"),
    *("counters_of", "joined_name", "output_name", "ports_of", "probe_name", "probe_words"),
]

CLOCK = "clk"
CONSTANT = "here"
_LOCAL = {"spikes", "arrivals", "busy", CONSTANT}
_LINKS = {"link_in", "link_out"}


def ports_of(tile: Tile) -> Iterator[tuple[tuple[str | int, ...], wiring.Flow, Value]]:
    """Path, direction and value of every port of a tile that has any width."""
    for path, member, value in tile.signature.flatten(tile):
        value = Value.cast(value)
        if len(value):
            yield path, member.flow, value


def joined_name(path: Iterable[str | int]) -> str:
    """The port of a path."""
    return "__".join(map(str, path))


def counters_of(tile: Tile) -> list[tuple[str | int, ...]]:
    """Paths of the outputs that are not wires of a tile but counts, in the order in which they are read out."""
    return [path for path, flow, _ in ports_of(tile) if flow is wiring.Out and path[0] not in _LOCAL | _LINKS]


def probe_name(number: int) -> str:
    """The port that shows a probe."""
    return f"probe_{number}"


def output_name(port: str) -> str:
    """The variable in C++ that is a module's output."""
    return mangled(f"o_{port}")


class Links:
    """The members of a link in each direction, from the tile's point of view: (tail of the path, width).

    And ``entry``: the inputs that write the router's table, if it has one.
    """

    def __init__(self, tile: Tile) -> None:
        self.entry = _ENTRY if tile.params.table_entries else ()
        self.forward: list[tuple[tuple[str | int, ...], int]] = []
        self.backward: list[tuple[tuple[str | int, ...], int]] = []
        for path, flow, value in ports_of(tile):
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
        """C++ member and port name of every wire of every link that the tile drives, or that it reads."""
        for i in range(len(LINKS)):
            for group, members, array in (
                ("forward", self.forward, "link_out" if outgoing else "link_in"),
                ("backward", self.backward, "link_in" if outgoing else "link_out"),
            ):
                for number, (tail, _width) in enumerate(members):
                    yield f"{group}[{i}].m{number}", joined_name((array, i, *tail))


STREAMS = {
    "spike": "spikes__payload",
    "spike_valid": "spikes__valid",
    "spike_ready": "spikes__ready",
    "arrival": "arrivals__payload",
    "arrival_valid": "arrivals__valid",
    "arrival_ready": "arrivals__ready",
    "busy": "busy",
    "entry_valid": "configure__valid",
    "entry_key": "configure__key",
    "entry_ports": "configure__ports",
}
_ENTRY = ("entry_valid", "entry_key", "entry_ports")
STREAMS_IN = ("spike", "spike_valid", "arrival_ready")
STREAMS_OUT = ("spike_ready", "arrival_valid", "arrival", "busy")


def probe_words(widths: Iterable[int]) -> list[int]:
    """How many words of 64 bits each probe is shown in."""
    return [-(-width // 64) for width in widths]
