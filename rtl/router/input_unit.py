"""Input units: the queues in front of a router, and the state of the packet at the front of each."""

from collections.abc import Mapping
from dataclasses import replace

from amaranth.hdl import Cat, Const, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib import data, wiring

from ..channel.fifo import StreamFIFO
from ..channel.replay_fifo import ReplayFIFO
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing import HeadSignals, Routing
from ..topology import LINKS, Port
from .discard import Discard
from .vc_allocator import ChannelAllocator, channels_of_class

__all__ = ["ChannelInputUnit", "InputUnit"]


def input_queue(shape: ShapeLike, params: NetworkParams, *, note_bits: int, one_hot: bool) -> wiring.Component:
    """A queue that can be read again if packets fork, and that otherwise can take notes."""
    if params.multicast:
        return ReplayFIFO(shape, depth=params.buffer_depth)
    return StreamFIFO(shape, depth=params.buffer_depth, note_bits=note_bits, one_hot=one_hot)


class InputUnit:
    """An input of a router; its statements go into the router's module.

    Parameters
    ----------
    port
        The port that it is at.
    name
        For signals.
    layouts
        Those of the network.
    outputs
        The outputs that it can be connected to.
    note_bits, one_hot
        The queue's (`StreamFIFO`).

    Attributes
    ----------
    queue : StreamFIFO or ReplayFIFO
        The flits: the submodule ``queue_`` and the name.
    discard : Discard or None
        With a table: takes packets out of the queue for which it has no output.
    """

    def __init__(
        self,
        port: Port,
        name: str,
        *,
        layouts: PacketLayouts,
        outputs: list[Port],
        note_bits: int = 0,
        one_hot: bool = False,
    ) -> None:
        self.port = port
        self.name = name
        self.outputs = outputs
        self.queue = input_queue(layouts.flit, layouts.params, note_bits=note_bits, one_hot=one_hot)
        self.discard = Discard() if layouts.params.table_entries else None

    @property
    def front(self) -> Value:
        """The flit at the front."""
        return self.queue.deq.payload

    @property
    def leaves(self) -> Value:
        """The flit at the front leaves the queue in this cycle, and is not kept for another copy."""
        passes = self.queue.deq.valid & self.queue.deq.ready
        return passes & ~self.queue.keep if isinstance(self.queue, ReplayFIFO) else passes

    def head(self, here: data.View, congested: Value) -> HeadSignals:
        """The head at the front, as a routing relation sees it."""
        return HeadSignals(here, self.front.data.head.dst, self.port, congested)

    def receive(self, m: Module, flits: wiring.PureInterface) -> None:
        """Add the queue, and fill it from a stream or a link of one virtual channel (buffer write)."""
        m.submodules[f"queue_{self.name}"] = self.queue
        m.d.comb += [
            self.queue.enq.payload.eq(flits.payload),
            self.queue.enq.valid.eq(flits.valid),
            flits.ready.eq(self.queue.enq.ready),
        ]


class ChannelInputUnit(InputUnit):
    """The input of one virtual channel, with the state of its packet.

    Attributes
    ----------
    channel
        Its virtual channel; 0 for the tile's input, which has no others.
    requests : Signal(5)
        The outputs that a head at the front requests (route computation).
    offered : dict of Port: Signal
        Of each link: the virtual channel that a head at the front would get, one-hot (virtual-channel allocation).
    switch_requests : dict of Port: Signal
        Of each link: the flit at the front can cross to it now (switch allocation).
    granted : Signal
        The flit at the front crosses to a link in this cycle.
    active : Signal
        The packet has a virtual channel of a link.
    route : Signal
        Of which link, one bit for each that it can be connected to.
    output_channel : Signal
        Which virtual channel there, one-hot.
    """

    def __init__(self, port: Port, channel: int, *, layouts: PacketLayouts, outputs: list[Port]) -> None:
        name = "local" if port is Port.LOCAL else f"{port.name.lower()}_{channel}"
        super().__init__(port, name, layouts=layouts, outputs=outputs)
        self.channel = channel
        channels = layouts.params.virtual_channels
        links = [link for link in LINKS if link in outputs]
        self.requests = Signal(len(Port), name=f"requests_{name}")
        self.offered = {link: Signal(channels, name=f"offered_{name}_{link.name.lower()}") for link in links}
        self.switch_requests = {link: Signal(name=f"switch_request_{name}_{link.name.lower()}") for link in links}
        self.granted = Signal(name=f"granted_{name}")
        self.active = Signal(name=f"active_{name}")
        self.route = Signal(len(links), name=f"route_{name}")
        self.output_channel = Signal(channels, name=f"output_channel_{name}")

    def receive_channel(self, m: Module, link: wiring.PureInterface) -> None:
        """Add the queue, and fill it from its virtual channel of a link."""
        m.submodules[f"queue_{self.name}"] = self.queue
        m.d.comb += [self.queue.enq.valid.eq(link.valid[self.channel]), self.queue.enq.payload.eq(link.flit)]
        # A cycle later, for whether the tile takes a flit is known only at the end of this one.
        m.d.sync += link.credit[self.channel].eq(self.leaves)

    def allocate_channels(
        self, m: Module, routing: Routing, here: data.View, allocators: Mapping[Port, ChannelAllocator]
    ) -> None:
        """Find the virtual channel that a head would get at each link."""
        for link, offered in self.offered.items():
            offers = allocators[link].offer
            if len(offers) == 1:
                m.d.comb += offered.eq(offers[0])
            else:
                shares = channels_of_class(len(self.output_channel), len(offers))
                number = next(k for k, members in enumerate(shares) if self.channel in members)
                later = routing.class_gates(replace(self.head(here, Const(0, 1)), came_class=number), link)
                m.d.comb += offered.eq(Mux(later, offers[1], offers[0]))

    def request_switch(self, m: Module, delivering: Value, allocators: Mapping[Port, ChannelAllocator]) -> None:
        """Find the links that the flit at the front can cross to; none while the packet is being delivered here."""
        for i, (link, request) in enumerate(self.switch_requests.items()):
            room = self.route[i] & (self.output_channel & allocators[link].room).any()
            start = self.requests[link] & ~delivering & self.offered[link].any()
            m.d.comb += request.eq(self.queue.deq.valid & Mux(self.active, room, start))

    def update_state(self, m: Module) -> None:
        """Keep a packet's virtual channel from its head to its last flit."""
        with m.If(self.granted):
            m.d.sync += self.active.eq(~self.front.last)
            with m.If(~self.active):
                channel = Signal.like(self.output_channel, name=f"allocated_{self.name}")
                for link, request in self.switch_requests.items():
                    with m.If(request):
                        m.d.comb += channel.eq(self.offered[link])
                m.d.sync += [self.route.eq(Cat(self.switch_requests.values())), self.output_channel.eq(channel)]
