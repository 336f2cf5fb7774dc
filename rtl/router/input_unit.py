"""A queue of one virtual channel in front of a router, with what the router remembers of the packet in it."""

from dataclasses import replace

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data

from ..channel.replay_fifo import ReplayFIFO
from ..packet import PacketLayouts
from ..routing import HeadSignals, Routing
from ..topology import LINKS, Port
from .table_lookup import input_queue
from .vc_allocator import ChannelAllocator, channels_of_class

__all__ = ["InputUnit"]


class InputUnit:
    """The input of one virtual channel, as part of a router (its statements go into the router's module).

    Attributes
    ----------
    port, channel
        Where it is.
    name
        For signals: ``east_1``; ``local`` for the tile's, which has one channel.
    queue
        The flits.
    wanted : Signal(5)
        The outputs that a head at the front asks for.
    can : dict of Port: Signal
        Of each link: whether the flit at the front can cross it now.
    offer : dict of Port: Signal
        Of each link: the virtual channel that a head at the front would get, one-hot.
    sent : Signal
        The flit at the front crosses a link in this cycle.
    has, way, lane : Signal
        Whether the packet has a virtual channel; of which links, one bit for each; which one, one-hot.
    """

    def __init__(self, port: Port, channel: int, *, layouts: PacketLayouts, outputs: list[Port]) -> None:
        params = layouts.params
        self.port = port
        self.channel = channel
        self.name = name = "local" if port is Port.LOCAL else f"{port.name.lower()}_{channel}"
        self.queue = input_queue(layouts.flit, params)
        self.wanted = Signal(len(Port), name=f"wanted_{name}")
        links = [port for port in LINKS if port in outputs]
        self.can = {link: Signal(name=f"can_{name}_{link.name.lower()}") for link in links}
        self.offer = {link: Signal(params.virtual_channels, name=f"offer_{name}_{link.name.lower()}") for link in links}
        self.sent = Signal(name=f"sent_{name}")
        self.has = Signal(name=f"has_{name}")
        self.way = Signal(len(links), name=f"way_{name}")
        self.lane = Signal(params.virtual_channels, name=f"lane_{name}")

    @property
    def front(self) -> Value:
        """The flit at the front."""
        return self.queue.deq.payload

    @property
    def leaves(self) -> Value:
        """Whether the flit at the front leaves the queue in this cycle, and is not kept for another copy."""
        passes = self.queue.deq.valid & self.queue.deq.ready
        return passes & ~self.queue.keep if isinstance(self.queue, ReplayFIFO) else passes

    def head(self, here: data.View, congested: Value) -> HeadSignals:
        """What a routing relation may look at."""
        return HeadSignals(here, self.front.data.head.dst, self.port, congested)

    def look(self, m: Module, routing: Routing, here: data.View, allocators: dict[Port, ChannelAllocator]) -> None:
        """Find the virtual channel that a head would get at each link."""
        for link, offer in self.offer.items():
            offers = allocators[link].offer
            if len(offers) == 1:
                m.d.comb += offer.eq(offers[0])
            else:
                shares = channels_of_class(len(self.lane), len(offers))
                number = next(k for k, members in enumerate(shares) if self.channel in members)
                later = routing.class_gates(replace(self.head(here, Const(0, 1)), came_class=number), link)
                m.d.comb += offer.eq(Mux(later, offers[1], offers[0]))

    def ask(self, m: Module, delivering: Value, allocators: dict[Port, ChannelAllocator]) -> None:
        """Find the links that the flit at the front can cross; none while the packet is being delivered here."""
        for i, (link, can) in enumerate(self.can.items()):
            room = self.way[i] & (self.lane & allocators[link].room).any()
            start = self.wanted[link] & ~delivering & self.offer[link].any()
            m.d.comb += can.eq(self.queue.deq.valid & Mux(self.has, room, start))

    def remember(self, m: Module) -> None:
        """Keep a packet's channel from its head to its last flit."""
        with m.If(self.sent):
            m.d.sync += self.has.eq(~self.front.last)
            with m.If(~self.has):
                lanes = Signal.like(self.lane, name=f"given_{self.name}")
                for link, can in self.can.items():
                    with m.If(can):
                        m.d.comb += lanes.eq(self.offer[link])
                m.d.sync += [self.way.eq(Cat(self.can.values())), self.lane.eq(lanes)]
