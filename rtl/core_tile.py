"""What stands at the door of every tile of a chip of cores: a core, and what joins it to the network."""

from amaranth.hdl import Const, Module, Shape, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .core import CoreParams, NeurosynapticCore
from .core.payload import Kind, Payloads
from .packet import PacketLayouts
from .params import NetworkParams

__all__ = ["CoreTile", "host_packet", "network_problem", "payload_bits", "payloads_of"]


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
    stand in the way of events; and so is everything that nobody here can take. What the core sends goes before what the
    host sends.

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
        In the cycle after a payload was dropped: an event without a legal axon and delay, a word in a tick, or
        something for a host where there is none.
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
        self.payloads = payloads_of(core, network)
        self._layouts = layouts = PacketLayouts(network)
        self._host_position = layouts.position_of(host_tile)
        self._host_address = host_key if network.table_entries else self._host_position
        self.core = NeurosynapticCore(core, layouts.address)
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
        receiving = self._receive(m)
        self._send(m)
        m.d.comb += self.busy.eq(core.busy | receiving | self.spikes.valid | self.overrun)
        return m

    def _receive(self, m: Module) -> Value:
        """Take arrivals, each by way of a register; whether one is there, or was in the cycle before."""
        core = self.core
        arrived = Signal()
        payload = Signal(self.payloads.layout)
        done, leaving = Signal(), Signal()  # the second is the first but for the host, who is no register
        with m.If(self.arrivals.valid & self.arrivals.ready):
            m.d.sync += [arrived.eq(self.arrivals.payload.last), payload.eq(self.arrivals.payload.neuron)]
        with m.Elif(leaving):
            m.d.sync += arrived.eq(0)
        m.d.comb += [
            self.arrivals.ready.eq(~arrived | done),
            core.arrivals.payload.eq(payload.body.event),
            core.program.payload.eq(payload.body.word.word),
            self.host_out.payload.eq(payload),
            leaving.eq(done | (self.host_out.valid & self.host_out.ready)),
        ]
        refused, settling = Signal(), Signal()
        with m.If(arrived), m.Switch(payload.kind):
            with m.Case(Kind.EVENT):
                m.d.comb += [core.arrivals.valid.eq(1), done.eq(core.arrivals.ready)]
            with m.Case(Kind.WRITE):
                m.d.comb += [core.program.valid.eq(1), refused.eq(~core.program.ready), done.eq(1)]
            with m.Case(Kind.REPORT):
                m.d.comb += [self.host_out.valid.eq(self._is_host()), done.eq(~self._is_host())]
                m.d.comb += refused.eq(done)
            with m.Case(Kind.READ):
                m.d.comb += [done.eq(1), refused.eq(1)]
        lost = Signal()
        m.d.sync += [lost.eq(refused), settling.eq(leaving)]
        m.d.comb += self.refused.eq(lost | core.refused)
        return arrived | settling

    def _is_host(self) -> Value:
        """The host is at this tile's door."""
        return Value.cast(self.here) == Const(self._host_position, Shape.cast(self._layouts.position).width)

    def _send(self, m: Module) -> None:
        """Send what there is, one thing after the other, each by way of a register."""
        sent, ours, hosts = self.spikes, self.core.spikes, self.host_in
        stamp = Signal(self.network.stamp_bits)
        with m.If(self.tick):
            m.d.sync += stamp.eq(stamp + 1)
        event, report = Signal(self.payloads.layout), Signal(self.payloads.layout)
        m.d.comb += [
            event.kind.eq(Kind.EVENT),
            event.body.event.eq(ours.payload.event),
            report.kind.eq(Kind.REPORT),
            report.body.report.neuron.eq(ours.payload.neuron),
            report.body.report.position.eq(self.here),
        ]
        m.d.comb += [ours.ready.eq(~sent.valid), hosts.ready.eq(~sent.valid & ~ours.valid)]
        with m.If(sent.valid):
            m.d.sync += sent.valid.eq(~sent.ready)
        with m.Else():
            m.d.sync += [sent.valid.eq(ours.valid | hosts.valid), sent.payload.stamp.eq(stamp)]
            with m.If(~ours.valid):
                m.d.sync += [sent.payload.dst.eq(hosts.payload.address), sent.payload.neuron.eq(hosts.payload.payload)]
            with m.Elif(ours.payload.event.delay == 0):
                m.d.sync += [Value.cast(sent.payload.dst).eq(self._host_address), sent.payload.neuron.eq(report)]
            with m.Else():
                m.d.sync += [sent.payload.dst.eq(ours.payload.address), sent.payload.neuron.eq(event)]
