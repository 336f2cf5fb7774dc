"""Which signals of a chip are worth looking at: each by its path in the tile, so that any engine can find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from amaranth.hdl import Value
from amaranth.lib import data

from synaptile.rtl import NetworkParams, PacketLayouts, Port
from synaptile.rtl.tile import LINKS
from synaptile.rtl.topology import neighbour

__all__ = ["ARRIVAL", "FLIT", "ONE_HOT", "PLAIN", "SPIKE", "Probe", "Tiles", "View", "views"]

SPIKE = "spike"
"""A stream of spikes: the probes are valid, ready, payload."""
FLIT = "flit"
"""A stream of flits: valid, ready, payload, and a signal that is 0 only between two packets."""
ARRIVAL = "arrival"
"""A stream of arrivals: valid, ready, payload."""
PLAIN = "plain"
"""A number."""
ONE_HOT = "one-hot"
"""One bit for each of some ports, and optionally a second probe that is 0 when none of them counts."""


class Tiles(Protocol):
    """A `Mesh`, or as much of one as it takes to find signals in; several tiles may be one and the same."""

    @property
    def params(self) -> NetworkParams:
        """The network."""
        ...

    @property
    def layouts(self) -> PacketLayouts:
        """Its streams."""
        ...

    @property
    def tiles(self) -> Sequence[Any]:
        """A `Tile` for every place, row by row."""
        ...


@dataclass(frozen=True)
class Probe:
    """A signal inside a tile.

    Attributes
    ----------
    tile
        The tile's number.
    modules
        The names of the submodules that lead to it.
    signal
        The signal in the mesh's own tile.
    """

    tile: int
    modules: tuple[str, ...]
    signal: Value

    @property
    def path(self) -> tuple[str, ...]:
        """Hierarchical name below the tile, as in everything that is generated from it."""
        return (*self.modules, self.signal.name)

    @property
    def width(self) -> int:
        """Bits."""
        return len(self.signal)


@dataclass(frozen=True)
class View:
    """Some signals that are shown together.

    Attributes
    ----------
    scope, name
        Where to show it below ``chip``, for example ``tile_0_1.east_out``; the name is empty for streams, which are
        shown field by field.
    kind
        `SPIKE`, `FLIT`, `ARRIVAL`, `PLAIN` or `ONE_HOT`: how to read the probes.
    probes
        The signals.
    layout
        A stream's payload.
    ports
        What the bits of a one-hot signal stand for.
    sender
        Of a stream that comes in over a link: the scope in which the same wires are shown as going out.
    """

    scope: str
    name: str
    kind: str
    probes: tuple[Probe, ...]
    layout: data.StructLayout | None = None
    ports: tuple[Port, ...] = ()
    sender: str = ""


def views(mesh: Tiles, number: int) -> list[View]:
    """Everything to be seen of a tile, in the order in which a spike meets it; ports at the mesh's edge are left out.

    The mesh must be made of `synaptile.rtl.Tile`.
    """
    tile = mesh.tiles[number]
    layouts = mesh.layouts
    row, col = divmod(number, mesh.params.cols)
    scope = f"tile_{row}_{col}"
    router = tile.router

    def probe(*path: str, signal: Value, at: int = number) -> Probe:
        return Probe(at, path, signal)

    def stream(
        name: str,
        kind: str,
        port: object,
        layout: data.StructLayout,
        *more: Probe,
        path: tuple[str, ...] = (),
        sender: str = "",
    ) -> View:
        signals = (port.valid, port.ready, port.payload.as_value())
        probes = (*(probe(*path, signal=signal) for signal in signals), *more)
        return View(f"{scope}.{name}", "", kind, probes, layout, sender=sender)

    def level(name: str, port: Port) -> View:
        queue = f"queue_{port.name.lower()}"
        return View(f"{scope}.{name}", "level", PLAIN, (probe("router", queue, signal=router.queues[port].level),))

    def switch(name: str, port: Port) -> list[View]:
        owner, held, chosen = (
            probe("router", signal=signals[port]) for signals in (router.owner, router.held, router.chosen)
        )
        ports = tuple(router.sources(port))
        return [
            View(f"{scope}.{name}", "owner", ONE_HOT, (owner, held), ports=ports),
            View(f"{scope}.{name}", "held", PLAIN, (held,)),
            View(f"{scope}.{name}", "chosen", ONE_HOT, (chosen,), ports=ports),
        ]

    found = [
        View(scope, "busy", PLAIN, (probe(signal=tile.busy),)),
        stream("spikes", SPIKE, tile.spikes, layouts.spike),
        stream(
            "local_in",
            FLIT,
            router.enq[Port.LOCAL],
            layouts.flit,
            probe("packetizer", signal=tile.packetizer.busy),
            path=("router",),
        ),
        level("local_in", Port.LOCAL),
    ]
    for i, port in enumerate(LINKS):
        there = neighbour(row, col, port, rows=mesh.params.rows, cols=mesh.params.cols)
        if there is None:
            continue
        behind = there[0] * mesh.params.cols + there[1]
        held = probe("router", signal=mesh.tiles[behind].router.held[port.opposite], at=behind)
        sender = f"tile_{there[0]}_{there[1]}.{port.opposite.name.lower()}_out"
        inward, outward = f"{port.name.lower()}_in", f"{port.name.lower()}_out"
        found += [
            stream(inward, FLIT, tile.link_in[i], layouts.flit, held, sender=sender),
            level(inward, port),
            stream(outward, FLIT, tile.link_out[i], layouts.flit, probe("router", signal=router.held[port])),
            *switch(outward, port),
        ]
    held = probe("router", signal=router.held[Port.LOCAL])
    return [
        *found,
        stream("local_out", FLIT, router.deq[Port.LOCAL], layouts.flit, held, path=("router",)),
        *switch("local_out", Port.LOCAL),
        stream("arrivals", ARRIVAL, tile.arrivals, layouts.arrival),
    ]
