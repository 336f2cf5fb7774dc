"""The signals of a chip that waveforms show: each by its path in the node, so that any engine can find it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from amaranth.hdl import Value
from amaranth.lib import data

from synaptile.rtl import NetworkParams, PacketLayouts, Port
from synaptile.rtl.router import VirtualChannelRouter
from synaptile.rtl.topology import LINKS

__all__ = ["ARRIVAL", "CHANNEL", "FLIT", "ONE_HOT", "PLAIN", "SPIKE", "Nodes", "Probe", "View", "views"]

SPIKE = "spike"
"""A stream of spikes: the probes are valid, ready, payload."""
FLIT = "flit"
"""A stream of flits: valid, ready, payload, and a signal that is 0 only between two packets."""
CHANNEL = "channel"
"""A link with virtual channels: valid, ready (the same signal, as only flits with a credit are offered), payload, and
a signal that is 1 in a body flit."""
ARRIVAL = "arrival"
"""A stream of arrivals: valid, ready, payload."""
PLAIN = "plain"
"""A number."""
ONE_HOT = "one-hot"
"""One bit for each of some ports, and optionally a second probe that is 0 when none of them counts."""


class Nodes(Protocol):
    """A `Mesh`, or the part of one that is needed to find signals; several nodes may be one and the same object."""

    @property
    def params(self) -> NetworkParams:
        """The network."""
        ...

    @property
    def layouts(self) -> PacketLayouts:
        """The layouts of its streams."""
        ...

    @property
    def nodes(self) -> Sequence[Any]:
        """The mesh's nodes, each a `Tile` or `Cluster`, row by row."""
        ...


@dataclass(frozen=True)
class Probe:
    """A signal inside a node.

    Attributes
    ----------
    node
        The node's number.
    modules
        The names of the submodules that lead to it.
    signal
        The signal in the mesh's own node.
    """

    node: int
    modules: tuple[str, ...]
    signal: Value

    @property
    def path(self) -> tuple[str, ...]:
        """Hierarchical name below the node, as in everything that is generated from it."""
        return (*self.modules, self.signal.name)

    @property
    def width(self) -> int:
        """Number of bits."""
        return len(self.signal)


@dataclass(frozen=True)
class View:
    """Some signals that are shown together.

    Attributes
    ----------
    scope, name
        Position in the hierarchy below ``chip``, for example ``tile_0_1.east_out``; the name is empty for streams,
        which are shown field by field.
    kind
        `SPIKE`, `FLIT`, `CHANNEL`, `ARRIVAL`, `PLAIN` or `ONE_HOT`: how to read the probes.
    probes
        The signals.
    layout
        A stream's payload.
    ports
        The ports that the bits of a one-hot signal stand for.
    sender
        Of a stream that comes in from another router: the scope in which the same wires are shown as going out.
    """

    scope: str
    name: str
    kind: str
    probes: tuple[Probe, ...]
    layout: data.StructLayout | None = None
    ports: tuple[Port, ...] = ()
    sender: str = ""


def views(mesh: Nodes, number: int, members: Collection[int] | None = None) -> list[View]:
    """Views of a node, in the order in which a spike meets the signals; ports at the mesh's edge are left out.

    In a cluster, the tiles come first, all or only some ``members``, then the hub, then the router.

    The mesh must be made of `synaptile.rtl.Tile` or `synaptile.rtl.Cluster`.
    """
    node = mesh.nodes[number]
    if mesh.params.interconnect.has_hubs:
        return _of_cluster(mesh, number, range(mesh.params.tiles_per_node) if members is None else members)
    scope = _scope("tile", mesh, number)
    router = _RouterViews(mesh, number, scope, node.router, "router")
    return [
        View(scope, "busy", PLAIN, (Probe(number, (), node.busy),)),
        _stream(f"{scope}.spikes", SPIKE, number, (), node.spikes[0], mesh.layouts.spike),
        router.entering("local_in", Port.LOCAL, Probe(number, ("packetizer",), node.packetizer.busy)),
        *router.levels("local_in", Port.LOCAL),
        *router.links(),
        router.leaving("local_out", Port.LOCAL),
        *router.switch("local_out", Port.LOCAL),
        _stream(f"{scope}.arrivals", ARRIVAL, number, (), node.arrivals[0], mesh.layouts.arrival),
    ]


def _of_cluster(mesh: Nodes, number: int, members: Collection[int]) -> list[View]:
    node, layouts = mesh.nodes[number], mesh.layouts
    found: list[View] = []
    for member in members:
        row, col = divmod(mesh.params.interconnect.tile_at(number, member), mesh.params.cols)
        scope, port = f"tile_{row}_{col}", LINKS[member]
        hub = _RouterViews(mesh, number, scope, node.hub, "hub")
        busy = Probe(number, (f"packetizer_{member}",), node.packetizers[member].busy)
        found += [
            _stream(f"{scope}.spikes", SPIKE, number, (), node.spikes[member], layouts.spike),
            hub.entering("local_in", port, busy),
            *hub.levels("local_in", port),
            hub.leaving("local_out", port),
            *hub.switch("local_out", port),
            _stream(f"{scope}.arrivals", ARRIVAL, number, (), node.arrivals[member], layouts.arrival),
        ]
    of_hub, of_router = (_scope(kind, mesh, number) for kind in ("hub", "router"))
    hub = _RouterViews(mesh, number, of_hub, node.hub, "hub")
    router = _RouterViews(mesh, number, of_router, node.router, "router")
    return [
        *found,
        hub.entering("up_in", Port.LOCAL, router.held(Port.LOCAL), sender=f"{of_router}.local_out"),
        *hub.levels("up_in", Port.LOCAL),
        hub.leaving("up_out", Port.LOCAL),
        *hub.switch("up_out", Port.LOCAL),
        View(of_router, "busy", PLAIN, (Probe(number, (), node.busy),)),
        router.entering("local_in", Port.LOCAL, hub.held(Port.LOCAL), sender=f"{of_hub}.up_out"),
        *router.levels("local_in", Port.LOCAL),
        *router.links(),
        router.leaving("local_out", Port.LOCAL),
        *router.switch("local_out", Port.LOCAL),
    ]


def _scope(kind: str, mesh: Nodes, number: int) -> str:
    row, col = divmod(number, mesh.params.mesh_cols)
    return f"{kind}_{row}_{col}"


def _stream(
    scope: str,
    kind: str,
    node: int,
    path: tuple[str, ...],
    port: Any,
    layout: data.StructLayout,
    *more: Probe,
    sender: str = "",
) -> View:
    signals = (port.valid, port.ready, port.payload.as_value())
    probes = (*(Probe(node, path, signal) for signal in signals), *more)
    return View(scope, "", kind, probes, layout, sender=sender)


@dataclass(frozen=True)
class _RouterViews:
    """Makes the views of a router: the submodule ``module`` of a node, shown below ``scope``."""

    mesh: Nodes
    node: int
    scope: str
    router: Any
    module: str

    @property
    def virtual(self) -> bool:
        """True if its links have virtual channels."""
        return isinstance(self.router, VirtualChannelRouter)

    def probe(self, signal: Value, *below: str) -> Probe:
        """Probe of a signal of the router, or of a submodule."""
        return Probe(self.node, (self.module, *below), signal)

    def held(self, port: Port) -> Probe:
        """Probe that is 1 while an output that is a plain stream is in the middle of a packet."""
        return self.probe(self.router.outputs[port].held)

    def entering(self, name: str, port: Port, held: Probe, *, sender: str = "") -> View:
        """A stream that comes in."""
        return self._flits(name, self.router.entering(port), held, sender=sender)

    def leaving(self, name: str, port: Port) -> View:
        """A stream that goes out."""
        return self._flits(name, self.router.leaving(port), self.held(port))

    def levels(self, name: str, port: Port) -> list[View]:
        """Flits in the queues of an input."""
        return [
            View(
                f"{self.scope}.{name}",
                f"level_{unit.channel}" if self.virtual and port is not Port.LOCAL else "level",
                PLAIN,
                (self.probe(unit.queue.level, f"queue_{unit.name}"),),
            )
            for unit in self.router.inputs
            if unit.port is port
        ]

    def switch(self, name: str, port: Port) -> list[View]:
        """Views of the input that an output is connected to."""
        scope, output = f"{self.scope}.{name}", self.router.outputs[port]
        granted = self.probe(output.grant)
        if self.virtual and port is not Port.LOCAL:
            lane = self.probe(self.router.leaving(port).valid)
            return [
                View(scope, "chosen", ONE_HOT, (granted,), ports=tuple(output.sources)),
                View(scope, "lane", PLAIN, (lane,)),
            ]
        owner, held = self.probe(output.owner), self.probe(output.held)
        ports = tuple(unit.port for unit in output.sources)
        return [
            View(scope, "owner", ONE_HOT, (owner, held), ports=ports),
            View(scope, "held", PLAIN, (held,)),
            View(scope, "chosen", ONE_HOT, (granted,), ports=ports),
        ]

    def links(self) -> list[View]:
        """Views of all links to neighbours, in and out."""
        params = self.mesh.params
        row, col = divmod(self.node, params.mesh_cols)
        found = []
        for port in LINKS:
            there = params.interconnect.neighbour(row, col, port)
            if there is not None:
                found += self._link(port, there[0] * params.mesh_cols + there[1])
        return found

    def _link(self, port: Port, behind: int) -> list[View]:
        inward, outward = f"{port.name.lower()}_in", f"{port.name.lower()}_out"
        there = _RouterViews(
            self.mesh,
            behind,
            _scope(self.scope.partition("_")[0], self.mesh, behind),
            self.mesh.nodes[behind].router,
            self.module,
        )
        name = f"{port.opposite.name.lower()}_out"
        if self.virtual:
            incoming, outgoing = there._channel(name, port.opposite), self._channel(outward, port)
        elif self.mesh.params.link_stages:
            # With registers along it, a link is shown where it leaves its router.
            incoming, outgoing = there.leaving(name, port.opposite), self.leaving(outward, port)
        else:
            # As ports of the nodes, which are the same wires on both ends.
            i, node = LINKS.index(port), self.mesh.nodes[self.node]
            held = there.held(port.opposite)
            scope, layout = f"{self.scope}.{outward}", self.mesh.layouts.flit
            incoming = _stream("", FLIT, self.node, (), node.link_in[i], layout, held)
            outgoing = _stream(scope, FLIT, self.node, (), node.link_out[i], layout, self.held(port))
        incoming = replace(incoming, scope=f"{self.scope}.{inward}", sender=f"{there.scope}.{name}")
        return [incoming, *self.levels(inward, port), outgoing, *self.switch(outward, port)]

    def _channel(self, name: str, port: Port) -> View:
        output = self.router.outputs[port]
        sends, body = self.probe(output.sends), self.probe(output.body)
        flit = self.probe(self.router.leaving(port).flit.as_value())
        return View(f"{self.scope}.{name}", "", CHANNEL, (sends, sends, flit, body), self.mesh.layouts.flit)

    def _flits(self, name: str, wires: Any, held: Probe, *, sender: str = "") -> View:
        layout = self.mesh.layouts.flit
        return _stream(f"{self.scope}.{name}", FLIT, self.node, (self.module,), wires, layout, held, sender=sender)
