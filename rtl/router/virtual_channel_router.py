"""The wormhole router with several virtual channels on each link: one cycle per hop, one flit per cycle and link."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Value

from ..params import NetworkParams
from ..routing import Routing
from ..selection.neighbours_on_path import NeighboursOnPath
from ..selection.strategies import CHANNEL_SELECTORS
from ..topology import LINKS, Port
from .input_unit import ChannelInputUnit
from .output_unit import ChannelOutputUnit, LocalOutputUnit
from .route_unit import ChannelRouteUnit
from .router_base import RouterBase
from .switch import ChannelSwitch
from .vc_allocator import ChannelAllocator

__all__ = ["VirtualChannelRouter"]


class VirtualChannelRouter(RouterBase):
    """An input-queued wormhole router with five ports, ordered as `Port`, and several virtual channels on its links.

    Every virtual channel of a link has a queue of its own at the receiving end, so that a packet that must wait is
    passed by those on the other channels. In one cycle, from registers alone: every head finds the outputs that its
    destination calls for, and requests one of them at which a virtual channel is free and has room (the selection
    strategy says which, if several are open). Packets that have a channel request its link if there is room behind the
    channel. The switch grants each link to one of them, and the winner's flit crosses (`ChannelSwitch`). A head is
    given its channel by winning, so no two can get the same.

    The local port has one queue and no virtual channels: its output is granted to one queue at a time, until the
    packet's last flit has left. It takes flits past the switch, so that a tile that is slow to take its packets blocks
    the queues in which they are, and nothing else.

    A packet for whose key the table has no output is dropped where it is found out (`Discard`).

    Parameters and members are those of `RouterBase`. A credit comes back in the cycle after its flit has left the
    queue.

    Raises
    ------
    DeadlockError
        If packets could wait for each other for ever.
    ValueError
        If the routing loses packets, leaves no choice and the selection is not ``first``, or needs more channels; or
        if ``virtual_channels`` is less than 2.

    Attributes
    ----------
    inputs : list of ChannelInputUnit
        That of the tile, then those of the links, port by port.
    outputs : dict of Port: LocalOutputUnit or ChannelOutputUnit
        By port.
    selector : Selector or None
        The selection, if the routing leaves a choice.
    """

    inputs: Sequence[ChannelInputUnit]

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        if params.virtual_channels < 2:
            raise ValueError(
                f"virtual_channels must be at least 2 in a VirtualChannelRouter, not {params.virtual_channels}"
            )
        super().__init__(params, routing=routing)
        # Made here and not in `elaborate`, so that waveforms can show them.
        self.inputs = [
            ChannelInputUnit(port, channel, layouts=self.layouts, outputs=self.destinations(port))
            for port in Port
            for channel in range(1 if port is Port.LOCAL else params.virtual_channels)
        ]
        self._local = LocalOutputUnit([unit for unit in self.inputs if Port.LOCAL in unit.outputs])
        self._links = {port: ChannelOutputUnit(port, self.sources(port), self._allocator()) for port in LINKS}
        self.outputs: dict[Port, LocalOutputUnit | ChannelOutputUnit] = {Port.LOCAL: self._local, **self._links}
        self.selector = None
        if params.leaves_choice(self.routing):
            ports = [unit.port for unit in self.inputs]
            self.selector = CHANNEL_SELECTORS[params.selection](params, ports=ports, routing=self.routing)
        self._route_unit = ChannelRouteUnit(params, self.routing, self.inputs, self.selector)
        self._switch = ChannelSwitch(self.inputs, self._links)

    def _allocator(self) -> ChannelAllocator:
        params = self.params
        return ChannelAllocator(params.virtual_channels, depth=params.buffer_depth, classes=self.routing.class_count)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        self._receive(m)
        configure = self.configure if self.routing.by_table else None
        self._route_unit.compute(m, here=self.here, configure=configure, local=self._local)
        self._route_unit.observe(m, here=self.here, outputs=self._links, link_in=self.link_in, link_out=self.link_out)
        self._local.deliver(m, self.local_out)
        allocators = {port: output.allocator for port, output in self._links.items()}
        for unit in self.inputs:
            unit.request_switch(m, self._of_local(unit, self._local.owned), allocators)
        self._switch.allocate(m)
        self._switch.traverse(m, self.leaving)
        for unit in self.inputs:
            unit.update_state(m)
            delivered = self._of_local(unit, self._local.grant) & self.local_out.ready
            read = unit.granted | delivered
            if unit.discard:
                m.d.comb += unit.discard.held.eq(unit.active | self._of_local(unit, self._local.owned))
                read |= unit.discard.discards
            m.d.comb += unit.queue.deq.ready.eq(read)
        self._count(m)
        self._route_unit.connect_forks(m, self._begins)
        returning = Cat(link.credit for link in self.link_in)
        m.d.comb += self.busy.eq(Cat(unit.queue.deq.valid for unit in self.inputs).any() | returning.any())
        if isinstance(self.selector, NeighboursOnPath):
            with m.If(self.selector.busy):
                m.d.comb += self.busy.eq(1)
        return m

    def _receive(self, m: Module) -> None:
        """Fill the queues, and find the virtual channels that heads would get."""
        allocators = {port: output.allocator for port, output in self._links.items()}
        for unit in self.inputs:
            if unit.port is Port.LOCAL:
                unit.receive(m, self.local_in)
            else:
                unit.receive_channel(m, self.entering(unit.port))
            unit.allocate_channels(m, self.routing, self.here, allocators)
        for port, allocator in allocators.items():
            m.submodules[f"allocator_{port.name.lower()}"] = allocator

    def _of_local(self, unit: ChannelInputUnit, signal: Value) -> Value:
        """The bit that an input has in a signal of the local output; 0 if it cannot be connected to it."""
        sources = self._local.sources
        return signal[sources.index(unit)] if unit in sources else Const(0, 1)

    def _count(self, m: Module) -> None:
        """Show what leaves."""
        m.d.comb += [
            self.taken[Port.LOCAL].eq(self.local_out.valid & self.local_out.ready),
            self.starting[Port.LOCAL].eq(self.local_out.valid & ~self._local.held),
        ]
        for port, output in self._links.items():
            m.d.comb += [self.taken[port].eq(output.sends), self.starting[port].eq(output.sends & ~output.body)]

    def _begins(self, unit: ChannelInputUnit, port: Port) -> Value:
        """An output is granted to the head at an input in this cycle."""
        if port is Port.LOCAL:
            return self._local.begins(unit)
        return unit.granted & ~unit.active & unit.switch_requests[port]
