"""The network interface: spikes into packets, packets back into spikes."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing.relation import greater

__all__ = ["Depacketizer", "Packetizer"]


class Packetizer(wiring.Component):
    """Turns a spike into the flits of its packet.

    The head leaves in the cycle in which the spike is taken, the body flits in the next ones; the next spike is taken
    after the last of them. A spike to a place that the network does not have is taken like any other, and dropped.

    Members
    -------
    spikes : In(stream(spike))
    flits : Out(stream(flit))
    busy : Out(1)
        Body flits are still to be sent.
    dropped : Out(1)
        A spike is being dropped.
    """

    def __init__(self, params: NetworkParams) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        super().__init__(
            {
                "spikes": In(stream.Signature(self.layouts.spike)),
                "flits": Out(stream.Signature(self.layouts.flit)),
                "busy": Out(1),
                "dropped": Out(1),
            }
        )

    @property
    def can_drop(self) -> bool:
        """True if a spike can name a place that the network does not have."""
        return self.params.names_places_off_the_grid

    def _offered(self, m: Module) -> Value:
        """A spike is offered, and not to be dropped."""
        spikes = self.spikes
        if not self.can_drop:
            return spikes.valid
        size = {"row": self.params.mesh_rows, "col": self.params.mesh_cols}
        beyond = Signal()
        off = (greater(spikes.payload.dst[name], Const(n - 1, (n - 1).bit_length())) for name, n in size.items())
        m.d.comb += [beyond.eq(Cat(*off).any()), self.dropped.eq(spikes.valid & spikes.ready & beyond)]
        return spikes.valid & ~beyond

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spike = self.spikes.payload
        flit = self.flits.payload
        m.d.comb += [
            flit.data.head.dst.eq(spike.dst),
            flit.data.head.neuron.eq(spike.neuron),
            flit.last.eq(self.params.flits_per_packet == 1),
        ]
        if self.params.tag_bits:
            m.d.comb += flit.tag.eq(spike.tag)
        offered = self._offered(m)
        if self.params.flits_per_packet == 1:
            m.d.comb += [self.flits.valid.eq(offered), self.spikes.ready.eq(self.flits.ready)]
            return m

        index = Signal(self.params.index_bits)  # of the flit to be sent next; 0 is the head
        stamp = Signal(self.params.stamp_bits)
        tag = Signal(self.params.tag_bits)
        m.d.comb += self.busy.eq(index != 0)
        with m.If(self.busy):
            m.d.comb += [
                self.flits.valid.eq(1),
                flit.last.eq(index == self.params.flits_per_packet - 1),
                flit.data.eq(0),
                flit.data.body.index.eq(index),
                flit.data.body.stamp.eq(stamp),
            ]
            if self.params.tag_bits:
                m.d.comb += flit.tag.eq(tag)
            with m.If(self.flits.ready):
                m.d.sync += index.eq(Mux(flit.last, 0, index + 1))
        with m.Else():
            m.d.comb += [self.flits.valid.eq(offered), self.spikes.ready.eq(self.flits.ready)]
            with m.If(offered & self.spikes.ready):
                m.d.sync += [index.eq(1), stamp.eq(spike.stamp)]
                if self.params.tag_bits:
                    m.d.sync += tag.eq(spike.tag)
        return m


class Depacketizer(wiring.Component):
    """Labels each arriving flit with the packet that it belongs to.

    Nothing waits here: a flit is passed on in the cycle in which it is offered, so the receiver sees the head as soon
    as it is there and the whole packet with its last flit.

    Members
    -------
    flits : In(stream(flit))
    arrivals : Out(stream(arrival))
    """

    def __init__(self, params: NetworkParams) -> None:
        self.params = params
        self.layouts = PacketLayouts(params)
        super().__init__(
            {
                "flits": In(stream.Signature(self.layouts.flit)),
                "arrivals": Out(stream.Signature(self.layouts.arrival)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        flit = self.flits.payload
        arrival = self.arrivals.payload
        m.d.comb += [
            self.arrivals.valid.eq(self.flits.valid),
            self.flits.ready.eq(self.arrivals.ready),
            arrival.last.eq(flit.last),
        ]
        if self.params.tag_bits:
            m.d.comb += arrival.tag.eq(flit.tag)
        if self.params.flits_per_packet == 1:
            m.d.comb += [arrival.first.eq(1), arrival.neuron.eq(flit.data.head.neuron)]
            return m

        inside = Signal()  # of a packet: its head has arrived, its last flit has not
        neuron = Signal(self.params.neuron_bits)
        m.d.comb += [
            arrival.first.eq(~inside),
            arrival.neuron.eq(Mux(inside, neuron, flit.data.head.neuron)),
            arrival.index.eq(Mux(inside, flit.data.body.index, 0)),
            arrival.stamp.eq(Mux(inside, flit.data.body.stamp, 0)),
        ]
        with m.If(self.arrivals.valid & self.arrivals.ready):
            m.d.sync += inside.eq(~flit.last)
            with m.If(~inside):
                m.d.sync += neuron.eq(flit.data.head.neuron)
        return m
