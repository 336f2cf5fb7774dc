"""A chip of neurosynaptic cores: the network-on-chip with a core at the door of every tile."""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .core import CoreParams, NeurosynapticCore
from .core.axon_queue import axon_event
from .core.params import DELAY_SLOTS
from .core.spike_sender import spike_event
from .mesh import Mesh
from .packet import PacketLayouts
from .params import NetworkParams

__all__ = ["CoreMesh", "CoreSocket", "event_bits"]


def event_bits(core: CoreParams) -> int:
    """Width of an axon event, which travels in a packet's ``neuron`` field."""
    return core.axon_bits + (DELAY_SLOTS - 1).bit_length()


class CoreSocket(wiring.Component):
    """Joins a core to its tile's network interface, and both to the tile's door for a host.

    What the core sends goes before what the host sends; a core has nothing to send every few cycles. An event that
    arrives acts in the tick in which its last flit has come; one with a delay of 0 is not for the core, but leaves
    through the door.

    Members
    -------
    core_spikes, host_spikes : In(stream(spike event))
    spikes : Out(stream(spike))
        To the network.
    arrivals : In(stream(arrival))
        From the network.
    core_events, host_events : Out(stream(axon event))
    tick : In(1)
        A tick begins: the packets that leave from now on carry the next number as their time stamp.
    busy : Out(1)
        Something is on its way through here.
    """

    def __init__(self, network: NetworkParams, core: CoreParams) -> None:
        self.network = network
        layouts = PacketLayouts(network)
        event, spike = axon_event(core), spike_event(core, layouts.address)
        super().__init__(
            {
                "core_spikes": In(stream.Signature(spike)),
                "host_spikes": In(stream.Signature(spike)),
                "spikes": Out(stream.Signature(layouts.spike)),
                "arrivals": In(stream.Signature(layouts.arrival)),
                "core_events": Out(stream.Signature(event)),
                "host_events": Out(stream.Signature(event)),
                "tick": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        stamp = Signal(self.network.stamp_bits)
        with m.If(self.tick):
            m.d.sync += stamp.eq(stamp + 1)

        # An offer stays until it is taken: once the host has been shown to the network, the core waits.
        hosts = Signal()
        m.d.sync += hosts.eq(self.spikes.valid & ~self.spikes.ready & (hosts | ~self.core_spikes.valid))
        to_host = hosts | ~self.core_spikes.valid
        sent = self.spikes.payload
        m.d.comb += [
            self.spikes.valid.eq(self.core_spikes.valid | self.host_spikes.valid),
            self.core_spikes.ready.eq(self.spikes.ready & ~to_host),
            self.host_spikes.ready.eq(self.spikes.ready & to_host),
        ]
        for chosen, source in ((~to_host, self.core_spikes.payload), (to_host, self.host_spikes.payload)):
            with m.If(chosen):
                m.d.comb += [
                    sent.dst.eq(source.address),
                    sent.neuron.eq(Cat(source.event.axon, source.event.delay)),
                    sent.stamp.eq(stamp),
                ]

        arrival = self.arrivals.payload
        event = self.core_events.payload
        outwards = Signal()
        m.d.comb += [
            Cat(event.axon, event.delay).eq(arrival.neuron),
            self.host_events.payload.eq(event),
            outwards.eq(event.delay == 0),
            self.core_events.valid.eq(self.arrivals.valid & arrival.last & ~outwards),
            self.host_events.valid.eq(self.arrivals.valid & arrival.last & outwards),
            self.arrivals.ready.eq(
                ~arrival.last | (outwards & self.host_events.ready) | (~outwards & self.core_events.ready)
            ),
            self.busy.eq(self.spikes.valid | self.arrivals.valid),
        ]
        return m


class CoreMesh(wiring.Component):
    """A network-on-chip (`Mesh`) with a `NeurosynapticCore` and a door for a host at every tile.

    Parameters
    ----------
    network
        The network; its ``neurons`` must be 2 ** `event_bits` of the core, its ``tag_bits`` 0, and it must not be
        multicast.
    core
        The core of every tile.

    Members
    -------
    tick : In(1)
        A tick begins, on all tiles.
    busy : Out(1)
        A core is at work, or a packet is under way. It is a register: 1 for at least one cycle after a tick, and 0 one
        cycle after everything is still.
    overrun, refused, error : Out(tiles), Out(tiles), Out(nodes)
        See `NeurosynapticCore` and `Mesh`.
    program : array(tiles) of In(stream(config word))
        Of each core.
    host_in : array(tiles) of In(stream(spike event))
        What the host sends through a tile's door, to any tile.
    host_out : array(tiles) of Out(stream(axon event))
        What comes to a tile with a delay of 0.

    Raises
    ------
    ValueError
        If the network is not one for these cores.
    """

    def __init__(self, network: NetworkParams, core: CoreParams) -> None:
        for name, value, rule in (
            ("neurons", network.neurons, 1 << event_bits(core)),
            ("tag_bits", network.tag_bits, 0),
            ("multicast", network.multicast, False),
        ):
            if value != rule:
                raise ValueError(f"{name} of a network for these cores must be {rule}, not {value}")
        self.params = network
        self.mesh = Mesh(network)
        address = PacketLayouts(network).address
        self.cores = [NeurosynapticCore(core, address) for _ in range(network.tiles)]
        self._sockets = [CoreSocket(network, core) for _ in range(network.tiles)]
        super().__init__(
            {
                "tick": In(1),
                "busy": Out(1),
                "overrun": Out(network.tiles),
                "refused": Out(network.tiles),
                "error": Out(network.nodes),
                "program": In(stream.Signature(self.cores[0].config.word)).array(network.tiles),
                "host_in": In(stream.Signature(spike_event(core, address))).array(network.tiles),
                "host_out": Out(stream.Signature(axon_event(core))).array(network.tiles),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.mesh = mesh = self.mesh
        for tile, (core, socket) in enumerate(zip(self.cores, self._sockets, strict=True)):
            m.submodules[f"core_{tile}"] = core
            m.submodules[f"socket_{tile}"] = socket
            wiring.connect(m, core.spikes, socket.core_spikes)
            wiring.connect(m, wiring.flipped(self.host_in[tile]), socket.host_spikes)
            wiring.connect(m, socket.spikes, mesh.spikes[tile])
            wiring.connect(m, mesh.arrivals[tile], socket.arrivals)
            wiring.connect(m, socket.core_events, core.arrivals)
            wiring.connect(m, socket.host_events, wiring.flipped(self.host_out[tile]))
            wiring.connect(m, wiring.flipped(self.program[tile]), core.program)
            m.d.comb += [
                core.tick.eq(self.tick),
                socket.tick.eq(self.tick),
                self.overrun[tile].eq(core.overrun),
                self.refused[tile].eq(core.refused),
            ]
        parts = [mesh.busy.any(), *(core.busy for core in self.cores), *(socket.busy for socket in self._sockets)]
        m.d.comb += self.error.eq(mesh.error)
        m.d.sync += self.busy.eq(self.tick | reduce(or_, parts))
        return m
