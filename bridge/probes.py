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

__all__ = ["ARRIVAL", "CHANNEL", "FLIT", "ONE_HOT", "PLAIN", "SPIKE", "Probe", "Tiles", "View", "views"]

SPIKE = "spike"
"""A stream of spikes: the probes are valid, ready, payload."""
FLIT = "flit"
"""A stream of flits: valid, ready, payload, and a signal that is 0 only between two packets."""
CHANNEL = "channel"
"""A link with virtual channels: valid, ready (the same, for nothing is offered in vain), payload, and whether the flit
is a body flit."""
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
        `SPIKE`, `FLIT`, `CHANNEL`, `ARRIVAL`, `PLAIN` or `ONE_HOT`: how to read the probes.
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
    virtual = mesh.params.virtual_channels > 1

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
        at: int = number,
    ) -> View:
        signals = (port.valid, port.ready, port.payload.as_value())
        probes = (*(probe(*path, signal=signal, at=at) for signal in signals), *more)
        return View(f"{scope}.{name}", "", kind, probes, layout, sender=sender)

    def levels(name: str, port: Port) -> list[View]:
        if not virtual:
            queues = [("level", f"queue_{port.name.lower()}", router.queues[port])]
        else:
            units = [unit for unit in router.inputs if unit.port is port]
            queues = [
                ("level" if port is Port.LOCAL else f"level_{unit.channel}", f"queue_{unit.name}", unit.queue)
                for unit in units
            ]
        return [
            View(f"{scope}.{name}", shown, PLAIN, (probe("router", module, signal=queue.level),))
            for shown, module, queue in queues
        ]

    def switch(name: str, port: Port) -> list[View]:
        if virtual and port is not Port.LOCAL:
            granted = probe("router", signal=router.granted[port])
            lane = probe("router", signal=router.link_out[LINKS.index(port)].valid)
            return [
                View(f"{scope}.{name}", "chosen", ONE_HOT, (granted,), ports=tuple(router.sources(port))),
                View(f"{scope}.{name}", "lane", PLAIN, (lane,)),
            ]
        signals = router.owner, router.held, router.chosen
        owner, held, chosen = (probe("router", signal=s if virtual else s[port]) for s in signals)
        ports = tuple(unit.port for unit in router.local_sources) if virtual else tuple(router.sources(port))
        return [
            View(f"{scope}.{name}", "owner", ONE_HOT, (owner, held), ports=ports),
            View(f"{scope}.{name}", "held", PLAIN, (held,)),
            View(f"{scope}.{name}", "chosen", ONE_HOT, (chosen,), ports=ports),
        ]

    def links(i: int, port: Port, behind: int) -> list[View]:
        place = divmod(behind, mesh.params.cols)
        sender = f"tile_{place[0]}_{place[1]}.{port.opposite.name.lower()}_out"
        inward, outward = f"{port.name.lower()}_in", f"{port.name.lower()}_out"
        if virtual:

            def link(name: str, port: Port, at: int, **more: Any) -> View:
                there = mesh.tiles[at].router
                sends, body = (probe("router", signal=s[port], at=at) for s in (there.sends, there.body))
                flit = probe("router", signal=there.link_out[LINKS.index(port)].flit.as_value(), at=at)
                return View(f"{scope}.{name}", "", CHANNEL, (sends, sends, flit, body), layouts.flit, **more)

            incoming, outgoing = link(inward, port.opposite, behind, sender=sender), link(outward, port, number)
        else:
            held = probe("router", signal=mesh.tiles[behind].router.held[port.opposite], at=behind)
            # With registers along it, a link is shown where it leaves its router.
            where: dict[str, Any] = {"path": ("router",), "at": behind} if mesh.params.link_stages else {}
            wires = mesh.tiles[behind].router.link_out[LINKS.index(port.opposite)] if where else tile.link_in[i]
            incoming = stream(inward, FLIT, wires, layouts.flit, held, sender=sender, **where)
            held = probe("router", signal=router.held[port])
            wires = router.link_out[i] if where else tile.link_out[i]
            outgoing = stream(outward, FLIT, wires, layouts.flit, held, path=where.get("path", ()))
        return [incoming, *levels(inward, port), outgoing, *switch(outward, port)]

    found = [
        View(scope, "busy", PLAIN, (probe(signal=tile.busy),)),
        stream("spikes", SPIKE, tile.spikes, layouts.spike),
        stream(
            "local_in",
            FLIT,
            router.local_in,
            layouts.flit,
            probe("packetizer", signal=tile.packetizer.busy),
            path=("router",),
        ),
        *levels("local_in", Port.LOCAL),
    ]
    for i, port in enumerate(LINKS):
        torus = mesh.params.topology == "torus"
        there = neighbour(row, col, port, rows=mesh.params.rows, cols=mesh.params.cols, torus=torus)
        if there is None:
            continue
        found += links(i, port, there[0] * mesh.params.cols + there[1])
    held = probe("router", signal=router.held if virtual else router.held[Port.LOCAL])
    return [
        *found,
        stream("local_out", FLIT, router.local_out, layouts.flit, held, path=("router",)),
        *switch("local_out", Port.LOCAL),
        stream("arrivals", ARRIVAL, tile.arrivals, layouts.arrival),
    ]
