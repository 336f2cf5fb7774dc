"""A tile: a router with the network interface of the crossbar at its local port."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..channel.link import LinkSignature
from ..channel.link_stage import LinkStage
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..router import router_of
from ..router.table_lookup import table_port
from ..routing import Routing
from ..topology import LINKS, Port
from .counters import PortCounters, counter_ports, node_counter_ports
from .network_interface import Depacketizer, Packetizer

__all__ = ["Tile", "count", "drops_of", "join_links", "report_drops"]


class Tile(wiring.Component):
    """A tile in trace mode: the spikes that its crossbar emits come from outside, those it receives go there.

    Outputs depend on registers only, never on this cycle's inputs (``here`` is constant). So tiles can be evaluated
    in any order, left alone while nothing changes, and cut apart at chip borders.

    Members
    -------
    here : In(place)
        Row and column, on a torus also the last row and column; constant.
    spikes : array(1) of In(stream(spike))
        What the crossbar sends.
    arrivals : array(1) of Out(stream(arrival))
        What it receives, flit by flit.
    link_in, link_out : array(4) of In(link), Out(link)
        To the NORTH, EAST, SOUTH and WEST, as in `LINKS` (`LinkSignature`).
    configure : In(table entry)
        With routing by table: writes the router's table, before packets with that key are under way.
    busy : Out(1)
        Something can change without a new input.
    error : Out(1)
        A packet was dropped at the last clock edge: a spike to a place that the network does not have, or a packet for
        whose key the router's table has no output. Only if ``params.can_drop``, else always 0.
    flits_out, packets_out : array(5) of Out(counter_bits)
        Flits and packets that left through each port of the router, if ``counter_bits`` is not 0.
    flits_in : array(1) of Out(counter_bits)
        Flits that entered the router from this tile, likewise.
    dropped : Out(counter_bits)
        Packets that were dropped, likewise, if ``params.can_drop``.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        self.router = router_of(params, routing=routing)
        self.routing = self.router.routing
        self.packetizer = Packetizer(params)
        self.depacketizer = Depacketizer(params)
        link = LinkSignature.of(self.layouts)
        super().__init__(
            {
                "here": In(self.layouts.place),
                "spikes": In(stream.Signature(self.layouts.spike)).array(1),
                "arrivals": Out(stream.Signature(self.layouts.arrival)).array(1),
                "link_in": In(link).array(len(LINKS)),
                "link_out": Out(link).array(len(LINKS)),
                "busy": Out(1),
                "error": Out(1),
                **table_port(params),
                **counter_ports(params),
                **node_counter_ports(params),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.router = router = self.router
        m.submodules.packetizer = packetizer = self.packetizer
        m.submodules.depacketizer = depacketizer = self.depacketizer
        m.d.comb += router.here.eq(self.here)
        wiring.connect(m, wiring.flipped(self.spikes[0]), packetizer.spikes)
        wiring.connect(m, packetizer.flits, router.local_in)
        wiring.connect(m, router.local_out, depacketizer.flits)
        wiring.connect(m, depacketizer.arrivals, wiring.flipped(self.arrivals[0]))
        stages = join_links(m, self, router)
        m.d.comb += self.busy.eq(reduce(or_, (stage.busy for stage in stages), router.busy | packetizer.busy))
        drops = drops_of([router], [packetizer])
        report_drops(m, self, drops)
        if self.params.table_entries:
            wiring.connect(m, wiring.flipped(self.configure), router.configure)
        if self.params.counter_bits:
            count(m, self, router, [router.local_in], drops)
        return m


def join_links(m: Module, node: Any, router: Any) -> list[LinkStage]:
    """Connect a router's links to those of the circuit that it is in, through their stages, which are returned."""
    stages: list[LinkStage] = []
    for i, port in enumerate(LINKS):
        wiring.connect(m, wiring.flipped(node.link_in[i]), router.link_in[i])
        outgoing = router.link_out[i]
        for number in range(node.params.link_stages):
            m.submodules[f"stage_{port.name.lower()}_{number}"] = stage = LinkStage(node.params)
            wiring.connect(m, outgoing, stage.enq)
            outgoing = stage.deq
            stages.append(stage)
        wiring.connect(m, outgoing, wiring.flipped(node.link_out[i]))
    return stages


def drops_of(routers: Sequence[Any], packetizers: Sequence[Packetizer]) -> list[Value]:
    """One bit for each place in a node at which packets can be dropped: one is dropped there now."""
    found = [dropped for router in routers for dropped in router.dropped]
    return found + [packetizer.dropped for packetizer in packetizers if packetizer.can_drop]


def report_drops(m: Module, node: Any, drops: Sequence[Value]) -> None:
    """Report in the next cycle what is dropped, and be busy until then: ``error`` changes without an input."""
    if not drops:
        m.d.comb += node.error.eq(0)  # else it would be taken for an input
    else:
        m.d.sync += node.error.eq(Cat(*drops).any())
        with m.If(node.error):
            m.d.comb += node.busy.eq(1)


def count(
    m: Module, node: Any, router: Any, entering: Sequence[Any], drops: Sequence[Value] = (), prefix: str = ""
) -> None:
    """Count a router's events, what enters it through some streams, and drops, for the circuit that it is in."""
    counters = PortCounters(node.params.counter_bits, len(entering), len(drops))
    m.submodules[f"{prefix}counters"] = counters
    if drops:
        m.d.comb += [counters.dropping.eq(Cat(*drops)), node.dropped.eq(counters.dropped)]
    m.d.comb += [
        counters.taken.eq(router.taken),
        counters.starting.eq(router.starting),
        counters.entering.eq(Cat(flits.valid & flits.ready for flits in entering)),
        *(node.flits_in[number].eq(entered) for number, entered in enumerate(counters.entered)),
    ]
    for port in Port:
        m.d.comb += [
            getattr(node, f"{prefix}flits_out")[port].eq(counters.flits[port]),
            getattr(node, f"{prefix}packets_out")[port].eq(counters.packets[port]),
        ]
