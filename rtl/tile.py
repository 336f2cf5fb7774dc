"""A tile: a router with the network interface of the crossbar at its local port."""

from functools import reduce
from operator import or_

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .counters import PortCounters
from .interface import Depacketizer, Packetizer
from .link import link_signature
from .lookup import table_port
from .packet import PacketLayouts
from .params import NetworkParams
from .pipeline import LinkStage
from .routing import Routing
from .topology import LINKS, Port
from .vc_router import router_of

__all__ = ["LINKS", "Tile"]


class Tile(wiring.Component):
    """A tile in trace mode: the spikes that its crossbar emits come from outside, those it receives go there.

    Outputs depend on registers only, never on this cycle's inputs (``here`` is constant). So tiles can be evaluated
    in any order, left alone while nothing changes, and cut apart at chip borders.

    Members
    -------
    here : In(place)
        Row and column, on a torus also the last row and column; constant.
    spikes : In(stream(spike))
        What the crossbar sends.
    arrivals : Out(stream(arrival))
        What it receives, flit by flit.
    link_in, link_out : array(4) of In(link), Out(link)
        To the NORTH, EAST, SOUTH and WEST, as in `LINKS` (`link_signature`).
    configure : In(table entry)
        With routing by table: writes the router's table, before packets with that key are under way.
    busy : Out(1)
        Something can change without a new input.
    flits_out, packets_out : array(5) of Out(counter_bits)
        Flits and packets that left through each port of the router, if ``counter_bits`` is not 0.
    flits_in : Out(counter_bits)
        Flits that entered the router from this tile, likewise.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        self.router = router_of(params, routing=routing)
        self.routing = self.router.routing
        self.packetizer = Packetizer(params)
        self.depacketizer = Depacketizer(params)
        link = link_signature(self.layouts)
        members = {
            "here": In(self.layouts.place),
            "spikes": In(stream.Signature(self.layouts.spike)),
            "arrivals": Out(stream.Signature(self.layouts.arrival)),
            "link_in": In(link).array(len(LINKS)),
            "link_out": Out(link).array(len(LINKS)),
            "busy": Out(1),
            **table_port(params),
        }
        if params.counter_bits:
            members["flits_out"] = Out(params.counter_bits).array(len(Port))
            members["packets_out"] = Out(params.counter_bits).array(len(Port))
            members["flits_in"] = Out(params.counter_bits)
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        m.submodules.router = router = self.router
        m.submodules.packetizer = packetizer = self.packetizer
        m.submodules.depacketizer = depacketizer = self.depacketizer
        stages: list[LinkStage] = []
        m.d.comb += router.here.eq(self.here)

        wiring.connect(m, wiring.flipped(self.spikes), packetizer.spikes)
        entering, leaving = router.local_in, router.local_out
        wiring.connect(m, packetizer.flits, entering)
        wiring.connect(m, leaving, depacketizer.flits)
        wiring.connect(m, depacketizer.arrivals, wiring.flipped(self.arrivals))
        for i in range(len(LINKS)):
            wiring.connect(m, wiring.flipped(self.link_in[i]), router.link_in[i])
            outgoing = router.link_out[i]
            for number in range(self.params.link_stages):
                m.submodules[f"stage_{LINKS[i].name.lower()}_{number}"] = stage = LinkStage(self.params)
                wiring.connect(m, outgoing, stage.enq)
                outgoing = stage.deq
                stages.append(stage)
            wiring.connect(m, outgoing, wiring.flipped(self.link_out[i]))

        m.d.comb += self.busy.eq(reduce(or_, (stage.busy for stage in stages), router.busy | packetizer.busy))

        if self.params.table_entries:
            wiring.connect(m, wiring.flipped(self.configure), router.configure)
        if self.params.counter_bits:
            m.submodules.counters = counters = PortCounters(self.params.counter_bits)
            m.d.comb += [
                counters.taken.eq(router.taken),
                counters.starting.eq(router.starting),
                counters.entering.eq(entering.valid & entering.ready),
                self.flits_in.eq(counters.entered),
            ]
            for port in Port:
                m.d.comb += [
                    self.flits_out[port].eq(counters.flits[port]),
                    self.packets_out[port].eq(counters.packets[port]),
                ]
        return m
