"""The wormhole router with several virtual channels on each link: one cycle per hop, one flit per cycle and link."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..arbitration.arbiters import LeastRecentArbiter, RoundRobinArbiter
from ..channel.link import link_signature
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing import Routing
from ..selection.neighbours_on_path import NeighboursOnPath
from ..selection.strategies import CHANNEL_SELECTORS, Occupancy
from ..topology import LINKS, Port
from .input_unit import InputUnit
from .multicast_fork import Fork
from .one_hot import one_of
from .permitted_turns import checked_routing, turns_of
from .table_lookup import connect_fork, look_up, table_port
from .vc_allocator import ChannelAllocator

__all__ = [
    "VirtualChannelRouter",
]


class VirtualChannelRouter(wiring.Component):
    """An input-queued wormhole router with five ports, ordered as `Port`, and several virtual channels on its links.

    Every virtual channel of a link has a queue of its own at the receiving end, so that a packet that must wait is
    passed by those on the other channels. In one cycle, from registers alone: every head finds the outputs that its
    destination calls for, and asks for one of them at which a virtual channel is free and has room (the selection
    strategy says which, if several are open). Packets that have a channel ask if there is room behind it. Each port
    picks one of its queues, each link then one of the ports that picked a queue for it (both whoever was granted
    longest ago), and the winner's flit crosses. A head is given its channel by winning, so no two can get the same.

    The local port has one queue and no virtual channels: its output grants one queue at a time, until the packet's
    last flit has left. It takes flits past the ports' picks, so that a tile that is slow to take its packets blocks
    the queues in which they are, and nothing else.

    Parameters
    ----------
    params
        The network's parameters, with 2 or more ``virtual_channels``.
    routing
        A routing relation in place of the one that the parameters name.

    Raises
    ------
    DeadlockError
        If packets could wait for each other for ever.
    ValueError
        If the routing loses packets, leaves no choice and the selection is not ``first``, or needs more channels.

    Members
    -------
    here : In(place)
        Where the router is: constant, but an input, so that all routers are the same circuit.
    local_in, local_out : In(stream(flit)), Out(stream(flit))
        From and to the tile.
    link_in, link_out : array(4) of In(link), Out(link)
        From and to the neighbours, as in `LINKS` and `link_signature`. A credit comes back in the cycle after its flit
        has left the queue.
    configure : In(table entry)
        With routing by table: writes the table (`TableMemory`).
    busy : Out(1)
        Some queue holds a flit, or a credit or news is under way.

    Attributes
    ----------
    inputs : list of InputUnit
        That of the tile, then those of the links, port by port.
    allocators : dict of Port: ChannelAllocator
        Of each link.
    selector : Selector or None
        The selection, if the routing leaves a choice.
    taken, starting : Signal(5)
        Which outputs pass a flit on in this cycle; which of them offer a packet's first flit for the first time: for
        counters, and not there where nobody counts.
    owner, held, chosen : Signal
        Of the local output: the input it belongs to (one bit for each of ``local_sources``) if it is held, whether it
        is, and the input that is connected to it.
    granted, sends, body : dict of Port: Signal
        Of each link: the port that sends in this cycle (one bit for each of `sources`); whether one does; whether what
        it sends is a body flit.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        if params.virtual_channels < 2:
            raise ValueError(
                f"virtual_channels must be at least 2 in a VirtualChannelRouter, not {params.virtual_channels}"
            )
        self.params = params
        self.routing = routing = checked_routing(params, routing)
        self.layouts = PacketLayouts(params)
        self.turns = turns_of(routing)
        flits, link = stream.Signature(self.layouts.flit), link_signature(self.layouts)
        super().__init__(
            {
                "here": In(self.layouts.place),
                "local_in": In(flits),
                "local_out": Out(flits),
                "link_in": In(link).array(len(LINKS)),
                "link_out": Out(link).array(len(LINKS)),
                "busy": Out(1),
                **table_port(params),
            }
        )
        channels, depth = params.virtual_channels, params.buffer_depth
        self.inputs = [
            InputUnit(port, i, layouts=self.layouts, outputs=[out for out in Port if (port, out) in self.turns])
            for port in Port
            for i in range(1 if port is Port.LOCAL else channels)
        ]
        self.local_sources = [i for i in self.inputs if (i.port, Port.LOCAL) in self.turns]
        self.allocators = {port: ChannelAllocator(channels, depth=depth, classes=routing.class_count) for port in LINKS}
        kind = CHANNEL_SELECTORS[params.selection]
        ports = [unit.port for unit in self.inputs]
        self.selector = kind(params, ports=ports, routing=routing) if params.leaves_choice(routing) else None
        count = len(self.local_sources)
        self.owner = Signal(count)
        self.held = Signal()
        self.taken, self.starting = Signal(len(Port)), Signal(len(Port))
        self.chosen = Signal(count)
        self.granted = {port: Signal(len(self.sources(port)), name=f"granted_{port.name.lower()}") for port in LINKS}
        self.sends = {port: Signal(name=f"sends_{port.name.lower()}") for port in LINKS}
        self.body = {port: Signal(name=f"body_{port.name.lower()}") for port in LINKS}

    def sources(self, output: Port) -> list[Port]:
        """The input ports that can be connected to an output."""
        return [port for port in Port if (port, output) in self.turns]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        wiring.connect(m, wiring.flipped(self.local_in), self.inputs[0].queue.enq)
        for unit in self.inputs:
            m.submodules[f"queue_{unit.name}"] = unit.queue
            if unit.port is not Port.LOCAL:
                link = self.link_in[LINKS.index(unit.port)]
                m.d.comb += [unit.queue.enq.valid.eq(link.valid[unit.channel]), unit.queue.enq.payload.eq(link.flit)]
                # A cycle later, for whether the tile takes a flit is known only at the end of this one.
                m.d.sync += link.credit[unit.channel].eq(unit.leaves)
            unit.look(m, self.routing, self.here, self.allocators)
        for port, allocator in self.allocators.items():
            m.submodules[f"allocator_{port.name.lower()}"] = allocator
        forks = self._route(m)
        delivered = self._deliver(m)
        self._switch(m)
        for unit, here in zip(self.inputs, delivered, strict=True):
            unit.remember(m)
            m.d.comb += unit.queue.deq.ready.eq(unit.sent | here)
        for unit, fork in zip(self.inputs, forks, strict=False):
            local = self.chosen[self.local_sources.index(unit)] & ~self.held
            begins = Signal(len(Port), name=f"begins_{unit.name}")
            m.d.comb += begins[Port.LOCAL].eq(local)
            for link, can in unit.can.items():
                m.d.comb += begins[link].eq(unit.sent & ~unit.has & can)
            connect_fork(m, fork, unit.queue, begins)
        returning = Cat(link.credit for link in self.link_in)
        m.d.comb += self.busy.eq(Cat(unit.queue.deq.valid for unit in self.inputs).any() | returning.any())
        if isinstance(self.selector, NeighboursOnPath):
            with m.If(self.selector.busy):
                m.d.comb += self.busy.eq(1)
        return m

    def _route(self, m: Module) -> list[Fork]:
        """Find the outputs that each head asks for."""
        looked_up: list[Value] = []
        forks: list[Fork] = []
        if self.routing.by_table:
            queues = [(unit.name, unit.queue) for unit in self.inputs]
            looked_up, forks = look_up(m, self.params, self.configure, queues)
        congested = Signal()
        if self.routing.sees_congestion:
            full = (unit.queue.level >= self.params.congestion_threshold + 1 for unit in self.inputs)
            m.d.comb += congested.eq(Cat(full).any())
        for number, unit in enumerate(self.inputs):
            # Bit by bit: some gates find one bit with the help of another, which as one word would feed back.
            permitted = Cat(Signal(name=f"permitted_{unit.name}_{output.name.lower()}") for output in Port)
            if not self.selector:
                m.d.comb += unit.wanted.eq(permitted)
            else:
                options = self.selector.options[number]
                m.d.comb += [
                    options[Port.LOCAL].eq(permitted[Port.LOCAL] & ~self.held),
                    *(options[port].eq(permitted[port] & offer.any()) for port, offer in unit.offer.items()),
                    self.selector.begun[number].eq(unit.sent & ~unit.has),
                    unit.wanted.eq(self.selector.wanted[number]),
                ]
            if self.routing.by_table:
                m.d.comb += permitted.eq(looked_up[number])
            else:
                self.routing.gates(m, unit.head(self.here, congested), permitted)
        if self.selector:
            m.submodules.selector = self.selector
            if isinstance(self.selector, Occupancy):
                m.d.comb += [level.eq(self.allocators[port].used) for port, level in self.selector.levels.items()]
            if isinstance(self.selector, NeighboursOnPath):
                self.selector.listen(
                    m,
                    here=self.here,
                    heads=[unit.front.data.head.dst for unit in self.inputs],
                    closed=[~Cat(*self.allocators[port].offer).any() for port in LINKS],
                    levels=[self.allocators[port].used for port in LINKS],
                    told=[link.news for link in self.link_out],
                    tell=[link.news for link in self.link_in],
                )
        return forks

    def _deliver(self, m: Module) -> list[Value]:
        """Connect an input to the local output, and keep it so from the first offer on; whose flit leaves there."""
        units, out = self.local_sources, self.local_out
        m.submodules.arbiter_local = arbiter = RoundRobinArbiter(len(units))
        owned = Signal(len(units))
        m.d.comb += [
            owned.eq(Mux(self.held, self.owner, 0)),
            arbiter.requests.eq(
                Cat(unit.queue.deq.valid & unit.wanted[Port.LOCAL] & ~unit.has for unit in units) & ~owned
            ),
            arbiter.accept.eq(~self.held),
            self.chosen.eq(Mux(self.held, self.owner, arbiter.grant)),
            out.valid.eq((self.chosen & Cat(unit.queue.deq.valid for unit in units)).any()),
            out.payload.eq(one_of(self.chosen, [unit.front.as_value() for unit in units])),
            self.taken[Port.LOCAL].eq(out.valid & out.ready),
            self.starting[Port.LOCAL].eq(out.valid & ~self.held),
        ]
        with m.If(out.valid):
            m.d.sync += [self.owner.eq(self.chosen), self.held.eq(~(out.ready & out.payload.last))]
        for unit in self.inputs:
            unit.ask(m, owned[units.index(unit)] if unit in units else Const(0, 1), self.allocators)
        return [self.chosen[units.index(unit)] & out.ready if unit in units else Const(0, 1) for unit in self.inputs]

    def _switch(self, m: Module) -> None:
        """Pick an input of every port, and a port for every link; pass the winners' flits on."""
        picks: dict[Port, Signal] = {}
        for port in Port:
            units = self._of_port(port)
            picks[port] = Signal(len(units), name=f"pick_{port.name.lower()}")
            m.submodules[f"arbiter_of_{port.name.lower()}"] = arbiter = LeastRecentArbiter(len(units))
            m.d.comb += [
                arbiter.requests.eq(Cat(Cat(unit.can.values()).any() for unit in units)),
                picks[port].eq(arbiter.grant),
                # Who is picked and then not granted the link keeps its turn.
                arbiter.accept.eq(Cat(unit.sent for unit in units).any()),
            ]
        sent: dict[str, list[Value]] = {unit.name: [] for unit in self.inputs}
        for number, output in enumerate(LINKS):
            sources, grant, link = self.sources(output), self.granted[output], self.link_out[number]
            m.submodules[f"arbiter_{output.name.lower()}"] = arbiter = LeastRecentArbiter(len(sources))
            flits: list[Value] = []
            lanes: list[Value] = []
            begun: list[Value] = []
            asking: list[Value] = []
            for port in sources:
                units, pick = self._of_port(port), picks[port]
                asking.append((pick & Cat(unit.can[output] for unit in units)).any())
                flits.append(one_of(pick, [unit.front.as_value() for unit in units]))
                lanes.append(one_of(pick, [Mux(unit.has, unit.lane, unit.offer[output]) for unit in units]))
                begun.append((pick & Cat(unit.has for unit in units)).any())
                for i, unit in enumerate(units):
                    sent[unit.name].append(pick[i] & unit.can[output] & grant[sources.index(port)])
            allocator = self.allocators[output]
            m.d.comb += [
                arbiter.requests.eq(Cat(asking)),
                arbiter.accept.eq(1),
                grant.eq(arbiter.grant),
                link.valid.eq(one_of(grant, lanes)),
                link.flit.eq(one_of(grant, flits)),
                self.body[output].eq((grant & Cat(begun)).any()),
                allocator.sent.eq(link.valid),
                allocator.last.eq(link.flit.last),
                allocator.credit.eq(link.credit),
                self.sends[output].eq(grant.any()),
                self.taken[output].eq(self.sends[output]),
                self.starting[output].eq(self.sends[output] & ~self.body[output]),
            ]
        for unit in self.inputs:
            m.d.comb += unit.sent.eq(Cat(sent[unit.name]).any())

    def _of_port(self, port: Port) -> list[InputUnit]:
        return [unit for unit in self.inputs if unit.port is port]
