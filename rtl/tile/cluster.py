"""A cluster: four tiles round a hub, with a router of the mesh above it."""

from functools import reduce
from operator import or_

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..channel.link import LinkSignature
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..router import Router, router_of
from ..router.table_lookup import table_port
from ..routing import HUB, HUB_TABLE, Routing
from ..topology import LINKS
from .counters import counter_ports, node_counter_ports
from .network_interface import Depacketizer, Packetizer
from .tile import count, drops_of, join_links, report_drops

__all__ = ["Cluster", "hub_of"]


def hub_of(params: NetworkParams) -> Router:
    """The hub of a cluster: a router with one virtual channel, whatever those in the mesh above are like."""
    by_table = params.table_entries > 0
    plain = params.replace(
        virtual_channels=1,
        routing="table" if by_table else "xy",
        selection="first",
        arbitration="round-robin",
        dyad_threshold=None,
    )
    return Router(plain, routing=HUB_TABLE if by_table else HUB)


class Cluster(wiring.Component):
    """The node of a tree: the network interfaces of four tiles, the hub that joins them, and a router of the mesh.

    This is the hierarchy of DYNAP-SE (Moradi et al., IEEE TBCAS 12(1), 2018), whose R1 serves a core, R2 the cores of
    a chip, and R3 the mesh of chips: here the network interfaces, the hub and the router. Hub and router are the same
    circuit as every other router; they face each other with their local ports, and the hub's links lead to the tiles.

    What `Tile` says of its outputs holds here, too.

    Members
    -------
    here : In(place)
        Row and column of the cluster; constant.
    spikes, arrivals : array(4) of In(stream(spike)), Out(stream(arrival))
        Of each tile, as in `Tile`.
    link_in, link_out : array(4) of In(link), Out(link)
        To the clusters in the NORTH, EAST, SOUTH and WEST.
    configure, hub_configure : In(table entry)
        With routing by table: write the tables of the router and of the hub, as in `Tile`.
    busy : Out(1)
        Something can change without a new input.
    error : Out(1)
        A packet was dropped at the last clock edge, as in `Tile`.
    flits_out, packets_out : array(5) of Out(counter_bits)
        Flits and packets that left through each port of the router; LOCAL leads to the hub.
    hub_flits_out, hub_packets_out : array(5) of Out(counter_bits)
        Those that left through each port of the hub; LOCAL leads to the router, the others to the tiles.
    flits_in : array(4) of Out(counter_bits)
        Flits that entered the hub from each tile.
    dropped : Out(counter_bits)
        Packets that were dropped anywhere in the cluster, if ``params.can_drop``.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        self.router = router_of(params, routing=routing)
        self.routing = self.router.routing
        self.hub = hub_of(params)
        tiles = range(params.tiles_per_node)
        self.packetizers = [Packetizer(params) for _ in tiles]
        self.depacketizers = [Depacketizer(params) for _ in tiles]
        link = LinkSignature.of(self.layouts)
        super().__init__(
            {
                "here": In(self.layouts.place),
                "spikes": In(stream.Signature(self.layouts.spike)).array(len(tiles)),
                "arrivals": Out(stream.Signature(self.layouts.arrival)).array(len(tiles)),
                "link_in": In(link).array(len(LINKS)),
                "link_out": Out(link).array(len(LINKS)),
                "busy": Out(1),
                "error": Out(1),
                **table_port(params),
                **{f"hub_{name}": member for name, member in table_port(params).items()},
                **counter_ports(params),
                **counter_ports(params, "hub_"),
                **node_counter_ports(params),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.router = router = self.router
        m.submodules.hub = hub = self.hub
        m.d.comb += [router.here.eq(self.here), hub.here.eq(self.here)]
        wiring.connect(m, hub.local_out, router.local_in)
        wiring.connect(m, router.local_out, hub.local_in)
        for number, (packetizer, depacketizer) in enumerate(zip(self.packetizers, self.depacketizers, strict=True)):
            m.submodules[f"packetizer_{number}"] = packetizer
            m.submodules[f"depacketizer_{number}"] = depacketizer
            wiring.connect(m, wiring.flipped(self.spikes[number]), packetizer.spikes)
            wiring.connect(m, packetizer.flits, hub.link_in[number])
            wiring.connect(m, hub.link_out[number], depacketizer.flits)
            wiring.connect(m, depacketizer.arrivals, wiring.flipped(self.arrivals[number]))
        parts = [hub, *self.packetizers, *join_links(m, self, router)]
        m.d.comb += self.busy.eq(reduce(or_, (part.busy for part in parts), router.busy))
        drops = drops_of([router, hub], self.packetizers)
        report_drops(m, self, drops)
        if self.params.table_entries:
            wiring.connect(m, wiring.flipped(self.configure), router.configure)
            wiring.connect(m, wiring.flipped(self.hub_configure), hub.configure)
        if self.params.counter_bits:
            count(m, self, router, [])
            count(m, self, hub, hub.link_in, drops, prefix="hub_")
        return m
