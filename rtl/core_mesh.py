"""A chip of neurosynaptic cores: the network-on-chip with a core at the door of every tile."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Module, ResetSignal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .core import CoreParams
from .core_tile import CoreTile, host_packet, network_problem, payload_bits
from .mesh import Mesh
from .params import NetworkParams
from .router.table_memory import table_entry_signature

__all__ = ["CoreMesh"]


class CoreMesh(wiring.Component):
    """A network-on-chip (`Mesh`) with a `CoreTile` at every tile, and a host at one of them.

    Parameters
    ----------
    network
        The network; its ``neurons`` must be 2 ** `payload_bits`.
    core
        The core of every tile.
    host_tile, host_key
        See `CoreTile`.
    make_node, make_tile
        Make each node of the network and each tile's circuit; anything with their ports will do, for example an
        instance of one that is compiled apart.

    Members
    -------
    tick : In(1)
        A tick begins, on all tiles.
    busy : Out(1)
        A core is at work, or a packet is under way. It is a register: 1 for at least one cycle after a tick, and 0 one
        cycle after everything is still.
    overrun, refused, error : Out(tiles), Out(tiles), Out(nodes)
        See `CoreTile` and `Mesh`.
    host_in : In(stream(host packet))
        What the host sends, to any tile.
    host_out : Out(stream(payload))
        What is sent to the host. It must take it sooner or later, or it is in the way of everything else.
    configure, hub_configure : array(nodes) of In(table entry)
        With routing by table, see `Mesh`.
    tags : array(tiles) of In(tag_bits)
        In simulation only, if the network has tags: that of the packet which a tile offers to the network.

    Attributes
    ----------
    mesh : Mesh
    tiles : list of CoreTile, or what `make_tile` makes

    Raises
    ------
    ValueError
        If the network is not one for these cores, or has no such tile or key.
    """

    def __init__(
        self,
        network: NetworkParams,
        core: CoreParams,
        *,
        host_tile: int = 0,
        host_key: int = 0,
        make_node: Callable[[], wiring.Component] | None = None,
        make_tile: Callable[[], wiring.Component] | None = None,
    ) -> None:
        problem = network_problem(core, network, host_tile, host_key)
        if problem is not None:
            raise ValueError(problem)
        self.params = network
        self.mesh = Mesh(network, make_node=make_node)
        self._host_tile = host_tile
        plain = network.replace(tag_bits=0)
        make_tile = make_tile or (lambda: CoreTile(plain, core, host_tile=host_tile, host_key=host_key))
        self.tiles: list[Any] = [make_tile() for _ in range(network.tiles)]
        tables = [name for name in ("configure", "hub_configure") if name in self.mesh.signature.members]
        super().__init__(
            {
                "tick": In(1),
                "busy": Out(1),
                "overrun": Out(network.tiles),
                "refused": Out(network.tiles),
                "error": Out(network.nodes),
                "host_in": In(stream.Signature(host_packet(core, network))),
                "host_out": Out(stream.Signature(payload_bits(core, network))),
                **{name: In(table_entry_signature(network.key_bits)).array(network.nodes) for name in tables},
                **({"tags": In(network.tag_bits).array(network.tiles)} if network.tag_bits else {}),
            }
        )
        self._tables = tables

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.mesh = mesh = self.mesh
        for number, tile in enumerate(self.tiles):
            m.submodules[f"tile_{number}"] = tile
            sent, received = mesh.spikes[number], mesh.arrivals[number]
            m.d.comb += [
                tile.here.eq(mesh.layouts.position_of(number)),
                tile.tick.eq(self.tick),
                self.overrun[number].eq(tile.overrun),
                self.refused[number].eq(tile.refused),
                sent.valid.eq(tile.spikes.valid),
                tile.spikes.ready.eq(sent.ready),
                tile.arrivals.valid.eq(received.valid),
                received.ready.eq(tile.arrivals.ready),
            ]
            m.d.comb += [sent.payload[name].eq(tile.spikes.payload[name]) for name in ("dst", "neuron", "stamp")]
            m.d.comb += [
                tile.arrivals.payload[name].eq(received.payload[name]) for name, _ in tile.arrivals.payload.shape()
            ]
            if self.params.tag_bits:
                m.d.comb += sent.payload.tag.eq(self.tags[number])
            if number != self._host_tile:
                m.d.comb += tile.host_out.ready.eq(1)
        running = ~ResetSignal("sync", allow_reset_less=True)
        door = self.tiles[self._host_tile]
        m.d.comb += [
            door.host_in.valid.eq(self.host_in.valid),
            door.host_in.payload.eq(self.host_in.payload),
            self.host_in.ready.eq(door.host_in.ready & running),
            self.host_out.valid.eq(door.host_out.valid & running),
            self.host_out.payload.eq(door.host_out.payload),
            door.host_out.ready.eq(self.host_out.ready),
        ]
        for name in self._tables:
            for number, written in enumerate(getattr(mesh, name)):
                wiring.connect(m, wiring.flipped(getattr(self, name)[number]), written)
        parts = [mesh.busy.any(), *(tile.busy for tile in self.tiles)]
        m.d.comb += self.error.eq(mesh.error)
        m.d.sync += self.busy.eq(self.tick | reduce(or_, parts))
        return m
