"""The wormhole router: one cycle per hop, one flit per cycle and link, nothing dropped."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..arbitration.arbiters import LeastRecentArbiter, RoundRobinArbiter
from ..arbitration.lookahead import LookaheadArbiter
from ..arbitration.starvation_timer import StarvationTimer
from ..channel.congestion import news_ports
from ..channel.link import with_news
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing import HeadSignals, Routing
from ..routing.relation import greater
from ..selection.neighbours_on_path import NeighboursOnPath
from ..selection.strategies import SELECTORS, Selector
from ..topology import LINKS, Port
from .multicast_fork import Fork
from .one_hot import picked
from .permitted_turns import checked_routing, turns_of
from .table_lookup import connect_fork, input_queue, look_up, table_port

__all__ = ["Router"]


class Router(wiring.Component):
    """An input-queued wormhole router with five ports, ordered as `Port`.

    A head flit at the front of an input queue asks for the output that its destination calls for. The output grants
    one input, and belongs to it until the packet's last flit has left, so packets never mix and a held flit never
    changes. All outputs depend on registers only (queues, owners, arbiter order, the selection's) and on the position,
    which is constant; ``ready`` of one side never depends on ``valid`` or ``ready`` of another in the same cycle.

    If the routing leaves a choice, the head asks for one of the permitted outputs that no packet holds, as the
    selection strategy says, and may ask for another one until it is granted one. Outputs are then granted to whoever
    was granted them longest ago, so that a head that hesitates is not passed by for ever: it loses to every other
    input at most once at each output. With a table they go round-robin.

    Without a choice, the next grant is settled while a packet holds the output (`LookaheadArbiter`), round-robin. With
    the arbitration ``through-first``, the tile's own packets give way to those that are under way until their
    `StarvationTimer` is spent, and an output that nobody holds goes to the input that has the fewest ways out, which is
    straight on in the last dimension.

    With ``multicast``, a packet stays at the front of its queue until each of the outputs that the table has for its
    key has got a copy, one after the other (`Fork`); it asks for those that have none, like for a choice.

    Only the connections between inputs and outputs that the routing can take on a mesh are built.

    Parameters
    ----------
    params
        The network's parameters, among them the names of routing and selection.
    routing
        A routing relation in place of the one that the parameters name.

    Raises
    ------
    DeadlockError
        If packets could wait for each other for ever.
    ValueError
        If the routing loses packets, or leaves no choice and the selection is not ``first``; or if
        ``virtual_channels`` is not 1.

    Members
    -------
    here : In(place)
        Where the router is: constant, but an input, so that all routers are the same circuit.
    enq, deq : array(5) of In(stream(flit)), Out(stream(flit))
        Flits coming in and going out at each port.
    configure : In(table entry)
        With routing by table: writes the table (`TableMemory`).
    news_in, news_out : array(4) of In(news), Out(news)
        With the selection ``neighbours-on-path``: from and to the neighbours (`news_layout`).
    busy : Out(1)
        Some queue holds a flit.

    Attributes
    ----------
    queues : dict of Port: StreamFIFO
        The input queues.
    selector : Selector or None
        The selection, if the routing leaves a choice.
    arbiters : dict of Port: Arbiter or LookaheadArbiter
        Of each output. One that is held goes on granting the input that it belongs to.
    taken, starting : Signal(5)
        Which outputs pass a flit on in this cycle (depends on ``deq[i].ready``), and which hold a packet's first flit:
        for counters, and not there where nobody counts.
    owner, held, chosen : dict of Port: Signal
        Of each output: the input it belongs to (one bit for each of `sources`) if it is held, whether it is, and the
        input that is connected to it in this cycle.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        if params.virtual_channels != 1:
            raise ValueError(f"virtual_channels must be 1 in a Router, not {params.virtual_channels}")
        self.params = params
        self.routing = routing = checked_routing(params, routing)
        self.layouts = PacketLayouts(params)
        self.turns = turns_of(routing)
        flits = stream.Signature(self.layouts.flit)
        super().__init__(
            {
                "here": In(self.layouts.place),
                "enq": In(flits).array(len(Port)),
                "deq": Out(flits).array(len(Port)),
                "busy": Out(1),
                **table_port(params),
                **news_ports(params),
            }
        )
        # Made here and not in `elaborate`, so that waveforms can show them.
        select = SELECTORS[params.selection]
        self.selector = select(params, routing=routing) if params.leaves_choice(routing) else None
        # A note says where a packet may go; without a choice, that is one output.
        self.queues = {
            port: input_queue(self.layouts.flit, params, note_bits=self._note_bits(port), one_hot=self.selector is None)
            for port in Port
        }
        self.arbiters = {port: self._arbiter(self.sources(port)) for port in Port}
        self.taken, self.starting = Signal(len(Port)), Signal(len(Port))
        self.owner = {port: Signal(len(self.sources(port)), name=f"owner_{port.name.lower()}") for port in Port}
        self.held = {port: Signal(name=f"held_{port.name.lower()}") for port in Port}
        self.chosen = {port: Signal(len(self.sources(port)), name=f"chosen_{port.name.lower()}") for port in Port}

    @property
    def local_in(self) -> wiring.PureInterface:
        """The input from the tile."""
        return self.enq[Port.LOCAL]

    @property
    def local_out(self) -> wiring.PureInterface:
        """The output to the tile."""
        return self.deq[Port.LOCAL]

    @property
    def link_in(self) -> list[wiring.PureInterface]:
        """The inputs from the neighbours, as in `LINKS`."""
        if not isinstance(self.selector, NeighboursOnPath):
            return [self.enq[port] for port in LINKS]
        ends = zip(LINKS, self.news_out, strict=True)
        return [with_news(self.layouts, self.enq[port], news, outgoing=False) for port, news in ends]

    @property
    def link_out(self) -> list[wiring.PureInterface]:
        """The outputs to the neighbours, as in `LINKS`."""
        if not isinstance(self.selector, NeighboursOnPath):
            return [self.deq[port] for port in LINKS]
        ends = zip(LINKS, self.news_in, strict=True)
        return [with_news(self.layouts, self.deq[port], news, outgoing=True) for port, news in ends]

    def sources(self, output: Port) -> list[Port]:
        """The inputs that can be connected to an output."""
        return [port for port in Port if (port, output) in self.turns]

    def outputs(self, source: Port) -> list[Port]:
        """The outputs that an input can be connected to."""
        return [port for port in Port if (source, port) in self.turns]

    def _arbiter(self, inputs: Sequence[Port]) -> wiring.Component:
        if self.selector:
            return LeastRecentArbiter(len(inputs))
        if self.routing.by_table:
            return RoundRobinArbiter(len(inputs))
        order = list(reversed(range(len(inputs))))
        if self.params.arbitration == "through-first":
            order.sort(key=lambda i: len(self.outputs(inputs[i])))
        return LookaheadArbiter(len(inputs), single=self.params.flits == 1, order=order)

    def _note_bits(self, port: Port) -> int:
        """Width of what is noted of a flit: the outputs that it may take, without and with congestion."""
        if self.routing.by_table:
            return 0
        return len(self.outputs(port)) * (2 if self.routing.sees_congestion else 1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        queues = self.queues
        owned: dict[Port, list[Value]] = {port: [] for port in Port}
        popped: dict[Port, list[Value]] = {port: [] for port in Port}
        arbiters = self.arbiters

        for port in Port:
            m.submodules[f"queue_{port.name.lower()}"] = queues[port]
            wiring.connect(m, wiring.flipped(self.enq[port]), queues[port].enq)
        wanted, forks = self._route(m)

        for output in Port:
            name = output.name.lower()
            inputs = self.sources(output)
            m.submodules[f"arbiter_{name}"] = arbiters[output]
            owner, held, chosen = self.owner[output], self.held[output], self.chosen[output]
            out = self.deq[output]
            valid = Cat(queues[port].deq.valid for port in inputs)
            last = Cat(queues[port].deq.payload.last for port in inputs)

            for i, port in enumerate(inputs):
                owned[port].append(owner[i])
                popped[port].append(chosen[i] & out.ready)
            ends = Signal(name=f"ends_{name}")
            m.d.comb += [
                chosen.eq(arbiters[output].grant),
                out.valid.eq((chosen & valid).any()),
                out.payload.eq(picked(chosen, [queues[port].deq.payload.as_value() for port in inputs])),
                ends.eq(out.ready & (chosen & valid & last).any()),
                self.taken[output].eq(out.valid & out.ready),
                self.starting[output].eq(out.valid & ~held),
            ]
            # From the cycle in which it is first offered, a packet keeps its output, so that what is held stays.
            arbiter = arbiters[output]
            if isinstance(arbiter, LookaheadArbiter):
                m.d.comb += [arbiter.ends.eq(ends), owner.eq(arbiter.owner), held.eq(arbiter.held)]
            else:
                m.d.comb += [arbiter.hold.eq(~ends), arbiter.accept.eq(1)]
                m.d.sync += [owner.eq(Mux(ends, 0, chosen)), held.eq(chosen.any() & ~ends)]

        for output in Port:
            asking = [wanted[port][output] for port in self.sources(output)]
            if self.routing.by_table:
                # What a table has for an empty queue's front means nothing; notes are zero then.
                asking = [queues[port].deq.valid & ask for ask, port in zip(asking, self.sources(output), strict=True)]
            if self.selector or self.routing.by_table:
                # A head that is granted an output asks for no other, and its packet goes on asking for that one.
                asking = [
                    self.owner[output][i] | (asking[i] & ~Cat(owned[port]).any())
                    for i, port in enumerate(self.sources(output))
                ]
            m.d.comb += arbiters[output].requests.eq(Cat(asking))
        for port in Port:
            m.d.comb += queues[port].deq.ready.eq(Cat(popped[port]).any())
        m.d.comb += self.busy.eq(Cat(queues[port].deq.valid for port in Port).any())
        if self.params.arbitration == "through-first":
            self._give_way(m)
        if self.selector:
            self._inform(m, self.selector)
        for port, fork in zip(Port, forks, strict=False):
            begins = Signal(len(Port), name=f"begins_{port.name.lower()}")
            for out in Port:
                if (port, out) in self.turns:
                    m.d.comb += begins[out].eq(self.chosen[out][self.sources(out).index(port)] & ~self.held[out])
            connect_fork(m, fork, queues[port], begins)
        return m

    def _route(self, m: Module) -> tuple[dict[Port, dict[Port, Value]], list[Fork]]:
        """Whether each input's front flit asks for an output, for each that it can be connected to; for one at most."""
        permitted, forks = self._permitted(m)
        if not self.selector:
            return permitted, forks
        m.submodules.selector = self.selector
        for port in Port:
            for output, open_to in permitted[port].items():
                m.d.comb += self.selector.options[port][output].eq(open_to & ~self.held[output])
        asked = {port: {output: self.selector.wanted[port][output] for output in self.outputs(port)} for port in Port}
        return asked, forks

    def _permitted(self, m: Module) -> tuple[dict[Port, dict[Port, Value]], list[Fork]]:
        """The outputs that each input's front flit may take if it is a head."""
        if self.routing.by_table:
            queues = [(port.name.lower(), self.queues[port]) for port in Port]
            ports, forks = look_up(m, self.params, self.configure, queues)
            ways = dict(zip(Port, ports, strict=True))
            return {port: {output: ways[port][output] for output in self.outputs(port)} for port in Port}, forks
        congested = Signal()
        if self.routing.sees_congestion:
            levels = (self.queues[port].level for port in Port)
            full = (greater(level, Const(self.params.congestion_threshold, len(level))) for level in levels)
            m.d.comb += congested.eq(Cat(full).any())
        return {port: self._noted(m, port, congested) for port in Port}, []

    def _noted(self, m: Module, port: Port, congested: Value) -> dict[Port, Value]:
        """The outputs that an input's front flit may take if it is a head.

        They are found when the flit is written into the queue and go with it as a note, which stays until the packet's
        last flit has left: so without a choice, a packet asks for its output as long as it holds it. If they depend on
        congestion, they are found for both cases, and the note has both.
        """
        queue, name = self.queues[port], port.name.lower()
        entering = queue.enq.payload
        cases: list[Value] = []
        for case in ("calm", "congested") if self.routing.sees_congestion else ("calm",):
            # Bit by bit: some gates find one bit with the help of another, which as one word would feed back.
            found = Cat(Signal(name=f"{case}_{name}_{output.name.lower()}") for output in Port)
            head = HeadSignals(self.here, entering.data.head.dst, port, Const(case == "congested", 1))
            self.routing.gates(m, head, found)
            cases.append(Cat(found[output] for output in self.outputs(port)))
        m.d.comb += [queue.enq_note.eq(Cat(*cases)), queue.last.eq(queue.deq.payload.last)]
        count = len(self.outputs(port))
        ways = Mux(congested, queue.note[-count:], queue.note[:count])
        return {output: ways[i] for i, output in enumerate(self.outputs(port))}

    def _give_way(self, m: Module) -> None:
        """Have the tile's own packets wait for those that are under way, but not for ever."""
        m.submodules.patience = patience = StarvationTimer()
        front = self.queues[Port.LOCAL].deq
        # Once a packet has begun to leave, it need not be patient; how many of its flits have left does not matter.
        m.d.comb += [patience.waiting.eq(front.valid), patience.leaving.eq(front.ready)]
        for output in Port:
            inputs = self.sources(output)
            if Port.LOCAL in inputs:
                m.d.comb += self.arbiters[output].giving_way[inputs.index(Port.LOCAL)].eq(~patience.spent)

    def _inform(self, m: Module, selector: Selector) -> None:
        """Tell the selection what happens."""
        begun: dict[Port, list[Value]] = {port: [] for port in Port}
        for output in Port:
            for i, port in enumerate(self.sources(output)):
                begun[port].append(self.chosen[output][i] & ~self.held[output])
        m.d.comb += [
            selector.begun.eq(Cat(Cat(begun[port]).any() for port in Port)),
            selector.passed.eq(self.taken),
            selector.ready.eq(Cat(self.deq[output].ready for output in Port)),
        ]
        if isinstance(selector, NeighboursOnPath):
            selector.listen(
                m,
                here=self.here,
                heads=[self.queues[port].deq.payload.data.head.dst for port in Port],
                closed=[self.held[port] for port in LINKS],
                levels=[self.queues[port].level for port in LINKS],
                told=self.news_in,
                tell=self.news_out,
            )
        with m.If(selector.busy):
            m.d.comb += self.busy.eq(1)
