"""What stands at the door of every tile of a chip of cores: a core, and what joins it to the network."""

import zlib

from amaranth.hdl import Const, Module, Mux, Shape, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .core import CoreParams, NeurosynapticCore
from .core.config_word import IDENTITY_BITS
from .core.payload import Kind, Payloads
from .packet import PacketLayouts
from .params import NetworkParams

__all__ = ["CoreTile", "host_packet", "identity_of", "network_problem", "payload_bits", "payloads_of"]


def payloads_of(core: CoreParams, network: NetworkParams) -> Payloads:
    """Return the payloads of a chip of such cores on a network, whatever the network's ``neurons``."""
    layouts = PacketLayouts(network)
    return Payloads(core, layouts.position, layouts.address.size)


def payload_bits(core: CoreParams, network: NetworkParams) -> int:
    """Width of a payload: a network for such cores has 2 to the power of it as its ``neurons``."""
    return payloads_of(core, network).bits


def host_packet(core: CoreParams, network: NetworkParams) -> data.StructLayout:
    """A packet as the host sends it: ``address``, a position or a key, and ``payload``."""
    return data.StructLayout({"address": PacketLayouts(network).address, "payload": payload_bits(core, network)})


def identity_of(core: CoreParams, network: NetworkParams, host_tile: int = 0, host_key: int = 0) -> int:
    """Return the number that says which chip of cores this is, and which configuration fits it.

    It is the same for the same parameters, and another with a probability of all but 1 in 2**24 for others.
    """
    plain = network.replace(tag_bits=0)
    values = [*vars(core).items(), *vars(plain).items(), ("host_tile", host_tile), ("host_key", host_key)]
    text = ", ".join(f"{name}={value!r}" for name, value in values)
    return zlib.crc32(text.encode()) & ((1 << IDENTITY_BITS) - 1)


def network_problem(core: CoreParams, network: NetworkParams, host_tile: int, host_key: int) -> str | None:
    """Return what is wrong with a network for cores, or with the host's place in it; None if nothing is."""
    neurons = 1 << payload_bits(core, network)
    if network.neurons != neurons:
        return f"neurons of a network for these cores must be {neurons}, not {network.neurons}"
    if not 0 <= host_tile < network.tiles:
        return f"host_tile must lie in 0..{network.tiles - 1}, not {host_tile}"
    if not 0 <= host_key < max(1, network.table_entries):
        return f"host_key must lie in 0..{max(1, network.table_entries) - 1}, not {host_key}"
    return None


class CoreTile(wiring.Component):
    """A `NeurosynapticCore`, and what joins it to its tile's network interface and, on one tile, to a host.

    What a packet carries is a payload (`Payloads`). An event acts in the tick in which the core takes it, the cycle
    after its packet's last flit has come if nothing is in the way. An entry of the destination table with a delay of 0
    sends a report of the spike to the host. Words that come while the core is at work are refused, so that they never
    stand in the way of events; and so is everything that nobody here can take. A word that is read goes to the host as
    a reply; until it has left, no other word is taken. What the core sends goes before what the host sends.

    Outputs depend on registers only, never on this cycle's inputs (``here`` is constant), and nothing changes without
    an input while ``busy`` is 0. So the circuit can be evaluated apart from the router, and left alone while it is
    still.

    Parameters
    ----------
    network
        The network; its ``neurons`` must be 2 ** `payload_bits`, its ``tag_bits`` 0.
    core
        The core.
    host_tile
        The tile at whose door the host is.
    host_key
        The key that leads from every tile to it, on a network whose addresses are keys.

    Members
    -------
    here : In(position)
        The tile's position; constant.
    tick : In(1)
        A tick begins: the packets that leave from the next cycle on carry the next number as their time stamp.
    spikes : Out(stream(spike))
        To the network.
    arrivals : In(stream(arrival))
        From the network.
    host_in : In(stream(host packet))
        What the host sends, to any tile. On any other tile than ``host_tile`` there must be nothing.
    host_out : Out(stream(payload))
        Reports, and words that were read. Likewise.
    busy : Out(1)
        The core is at work, or something is on its way through here.
    overrun : Out(1)
        In the cycle after a tick began while the core was not done with the one before.
    refused : Out(1)
        A payload has been dropped: an event without a legal axon and delay, a word in a tick or while one is being
        read, a word that cannot be written or read, or something for a host where there is none.
    fired_valid, fired_group, fired : Out
        As `Neurons` gives them.

    Raises
    ------
    ValueError
        If the network is not one for these cores, or has no such tile or key.
    """

    def __init__(self, network: NetworkParams, core: CoreParams, *, host_tile: int = 0, host_key: int = 0) -> None:
        problem = network_problem(core, network, host_tile, host_key)
        if problem is None and network.tag_bits:
            problem = f"tag_bits of a core's tile must be 0, not {network.tag_bits}"
        if problem is not None:
            raise ValueError(problem)
        self.network = network
        self.params = core
        self.host_tile, self.host_key = host_tile, host_key
        self.payloads = payloads_of(core, network)
        self._layouts = layouts = PacketLayouts(network)
        self._host_position = layouts.position_of(host_tile)
        self._host_address = host_key if network.table_entries else self._host_position
        self.core = NeurosynapticCore(core, layouts.address, identity=identity_of(core, network, host_tile, host_key))
        super().__init__(
            {
                "here": In(layouts.position),
                "tick": In(1),
                "spikes": Out(stream.Signature(layouts.spike)),
                "arrivals": In(stream.Signature(layouts.arrival)),
                "host_in": In(stream.Signature(host_packet(core, network))),
                "host_out": Out(stream.Signature(self.payloads.bits)),
                "busy": Out(1),
                "overrun": Out(1),
                "refused": Out(1),
                "fired_valid": Out(1),
                "fired_group": Out(core.group_bits),
                "fired": Out(core.lanes),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.core = core = self.core
        neurons = core.neurons
        m.d.comb += [
            core.tick.eq(self.tick),
            self.fired_valid.eq(neurons.fired_valid),
            self.fired_group.eq(neurons.fired_group),
            self.fired.eq(neurons.fired),
        ]
        m.d.sync += self.overrun.eq(core.overrun)
        stamp = Signal(self.network.stamp_bits)
        with m.If(self.tick):
            m.d.sync += stamp.eq(stamp + 1)
        receiving = self._receive(m, stamp)
        self._send(m, stamp)
        m.d.comb += self.busy.eq(core.busy | core.reading | receiving | self.spikes.valid | self.overrun)
        if self.params.counter_bits:
            with m.If(core.counting):
                m.d.comb += self.busy.eq(1)
        return m

    def _receive(self, m: Module, stamp: Value) -> Value:
        """Take arrivals, each by way of a register; whether one is there, or was in the cycle before."""
        core, arrival = self.core, self.arrivals.payload
        arrived, late = Signal(), Signal()
        payload = Signal(self.payloads.layout)
        done, leaving = Signal(), Signal()  # the second is the first but for the host, who is no register
        with m.If(self.arrivals.valid & self.arrivals.ready):
            m.d.sync += [arrived.eq(arrival.last), payload.eq(arrival.neuron)]
            if self.network.flits_per_packet > 1:
                m.d.sync += late.eq(arrival.stamp != stamp)
        with m.Elif(leaving):
            m.d.sync += arrived.eq(0)
        m.d.comb += [
            self.arrivals.ready.eq(~arrived | done),
            core.arrivals.payload.eq(payload.body.event),
            core.program.payload.word.eq(payload.body.word.word),
            core.program.payload.read.eq(payload.kind == Kind.READ),
            self.host_out.payload.eq(payload),
            leaving.eq(done | (self.host_out.valid & self.host_out.ready)),
        ]
        word, outwards = Signal(), Signal()
        with m.If(arrived), m.Switch(payload.kind):
            with m.Case(Kind.EVENT):
                m.d.comb += [core.arrivals.valid.eq(1), done.eq(core.arrivals.ready)]
            with m.Case(Kind.REPORT):
                m.d.comb += outwards.eq(1)
            with m.Case(Kind.WRITE):
                m.d.comb += word.eq(1)
            with m.Case(Kind.READ):
                m.d.comb += [word.eq(~payload.body.word.reply), outwards.eq(payload.body.word.reply)]
        # What cannot be dealt with now is dropped, for it must not stand in the way of what comes behind it.
        lost_word, lost = Signal(), Signal()
        with m.If(word):
            m.d.comb += [core.program.valid.eq(1), done.eq(1), lost_word.eq(~core.program.ready)]
        with m.If(outwards):
            m.d.comb += [self.host_out.valid.eq(self._is_host()), done.eq(~self._is_host()), lost.eq(done)]
        # Registers, as that of the queue is, so that no two of them tell at once of what came one after the other.
        dropped_word, dropped, settling = Signal(), Signal(), Signal()
        m.d.sync += [dropped_word.eq(lost_word), dropped.eq(lost), settling.eq(leaving)]
        m.d.comb += self.refused.eq(dropped | dropped_word | core.refused)
        if self.params.counter_bits:
            m.d.comb += [
                core.late.eq(late & core.arrivals.valid & core.arrivals.ready),
                core.lost.eq(dropped),
                core.lost_word.eq(dropped_word),
            ]
        return arrived | settling

    def _is_host(self) -> Value:
        """The host is at this tile's door."""
        return Value.cast(self.here) == Const(self._host_position, Shape.cast(self._layouts.position).width)

    def _send(self, m: Module, stamp: Value) -> None:
        """Send what there is, one thing after the other, each by way of a register."""
        sent, spikes, replies, hosts = self.spikes, self.core.spikes, self.core.replies, self.host_in
        packet, spike = sent.payload, spikes.payload
        event, report, reply = (Signal(self.payloads.layout, name=name) for name in ("event", "report", "reply"))
        m.d.comb += [
            event.kind.eq(Kind.EVENT),
            event.body.event.eq(spike.event),
            report.kind.eq(Kind.REPORT),
            report.body.report.neuron.eq(spike.neuron),
            report.body.report.position.eq(self.here),
            reply.kind.eq(Kind.READ),
            reply.body.word.word.eq(replies.payload),
            reply.body.word.reply.eq(1),
            spikes.ready.eq(~sent.valid),
            replies.ready.eq(~sent.valid & ~spikes.valid),
            hosts.ready.eq(~sent.valid & ~spikes.valid & ~replies.valid),
        ]
        with m.If(sent.valid):
            m.d.sync += sent.valid.eq(~sent.ready)
        with m.Else():
            m.d.sync += [sent.valid.eq(spikes.valid | replies.valid | hosts.valid), packet.stamp.eq(stamp)]
            with m.If(spikes.valid & (spike.event.delay != 0)):
                m.d.sync += [packet.dst.eq(spike.address), packet.neuron.eq(event)]
            with m.Elif(spikes.valid | replies.valid):
                m.d.sync += Value.cast(packet.dst).eq(self._host_address)
                m.d.sync += packet.neuron.eq(Mux(spikes.valid, report, reply))
            with m.Else():
                m.d.sync += [packet.dst.eq(hosts.payload.address), packet.neuron.eq(hosts.payload.payload)]
