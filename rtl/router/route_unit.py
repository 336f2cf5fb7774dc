"""Route units: which outputs the head at the front of each input requests, by relation or table, and selection."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring

from ..params import NetworkParams
from ..routing import HeadSignals, Routing
from ..routing.relation import greater
from ..selection.neighbours_on_path import NeighboursOnPath
from ..selection.selector import Selector
from ..selection.strategies import Occupancy
from ..topology import LINKS, Port
from .input_unit import ChannelInputUnit, InputUnit
from .multicast_fork import Fork
from .output_unit import ChannelOutputUnit, LocalOutputUnit, WormholeOutputUnit
from .table_lookup import connect_fork, look_up

__all__ = ["ChannelRouteUnit", "RouteUnit", "WormholeRouteUnit"]


class RouteUnit:
    """Route computation for all inputs of a router; its statements go into the router's module.

    Attributes
    ----------
    selector : Selector or None
        The selection, if the routing leaves a choice.
    forks : list of Fork
        With multicast, one for each input.
    """

    def __init__(
        self, params: NetworkParams, routing: Routing, inputs: Sequence[InputUnit], selector: Selector | None
    ) -> None:
        self.params = params
        self.routing = routing
        self.inputs = inputs
        self.selector = selector
        self.forks: list[Fork] = []

    def look_up(self, m: Module, configure: wiring.PureInterface) -> list[Value]:
        """Add the table; the outputs that it has for the head at the front of each input."""
        ports, self.forks = look_up(m, self.params, configure, self.inputs)
        return ports

    def connect_forks(self, m: Module, begins: Callable[[Any, Port], Value]) -> None:
        """Connect the forks; ``begins(unit, output)``: the output is granted to the head at an input in this cycle."""
        for unit, fork in zip(self.inputs, self.forks, strict=False):
            granted = Signal(len(Port), name=f"begins_{unit.name}")
            m.d.comb += [granted[output].eq(begins(unit, output)) for output in unit.outputs]
            connect_fork(m, fork, unit, granted)


class WormholeRouteUnit(RouteUnit):
    """Route computation of a wormhole router.

    The outputs that a packet may take are found when a flit is written into the queue, and go with it as a note, which
    stays until the packet's last flit has left: so without a choice, a packet requests its output as long as it holds
    it. If they depend on congestion, they are found for both cases, and the note has both. A table is looked up for
    the flits at the fronts.
    """

    @staticmethod
    def note_bits(routing: Routing, outputs: Sequence[Port]) -> int:
        """Width of the note of an input that can be connected to these outputs."""
        if routing.by_table:
            return 0
        return len(outputs) * (2 if routing.sees_congestion else 1)

    def compute(
        self,
        m: Module,
        *,
        here: data.View,
        configure: wiring.PureInterface | None,
        outputs: Mapping[Port, WormholeOutputUnit],
    ) -> dict[Port, dict[Port, Value]]:
        """The requests of each input, one for each output that it can be connected to; at most one of them is set."""
        permitted = self._permitted(m, here, configure)
        selector = self.selector
        if selector is None:
            return permitted
        m.submodules.selector = selector
        for port, ways in permitted.items():
            m.d.comb += [selector.options[port][output].eq(way & ~outputs[output].held) for output, way in ways.items()]
        return {port: {output: selector.requests[port][output] for output in ways} for port, ways in permitted.items()}

    def _permitted(
        self, m: Module, here: data.View, configure: wiring.PureInterface | None
    ) -> dict[Port, dict[Port, Value]]:
        """The outputs that the flit at each input's front may take if it is a head."""
        if configure is not None:
            ports = self.look_up(m, configure)
            return {
                unit.port: {output: ways[output] for output in unit.outputs}
                for unit, ways in zip(self.inputs, ports, strict=True)
            }
        congested = Signal()
        if self.routing.sees_congestion:
            levels = (unit.queue.level for unit in self.inputs)
            full = (greater(level, Const(self.params.congestion_threshold, len(level))) for level in levels)
            m.d.comb += congested.eq(Cat(full).any())
        return {unit.port: self._noted(m, unit, here, congested) for unit in self.inputs}

    def _noted(self, m: Module, unit: InputUnit, here: data.View, congested: Value) -> dict[Port, Value]:
        """Write an input's notes; the outputs that the one at its front has."""
        queue = unit.queue
        cases: list[Value] = []
        for case in ("calm", "congested") if self.routing.sees_congestion else ("calm",):
            # Bit by bit: some gates find one bit with the help of another, which as one word would feed back.
            found = Cat(Signal(name=f"{case}_{unit.name}_{output.name.lower()}") for output in Port)
            head = HeadSignals(here, queue.enq.payload.data.head.dst, unit.port, Const(case == "congested", 1))
            self.routing.gates(m, head, found)
            cases.append(Cat(found[output] for output in unit.outputs))
        m.d.comb += [queue.enq_note.eq(Cat(*cases)), queue.last.eq(queue.deq.payload.last)]
        count = len(unit.outputs)
        ways = Mux(congested, queue.note[-count:], queue.note[:count])
        return {output: ways[i] for i, output in enumerate(unit.outputs)}

    def observe(
        self,
        m: Module,
        *,
        here: data.View,
        outputs: Mapping[Port, WormholeOutputUnit],
        link_in: Sequence[Any],
        link_out: Sequence[Any],
        taken: Value,
        ready: Value,
    ) -> None:
        """Let the selection know what happens."""
        selector = self.selector
        if selector is None:
            return
        begun = (Cat(outputs[output].begins(unit) for output in unit.outputs).any() for unit in self.inputs)
        m.d.comb += [selector.granted.eq(Cat(begun)), selector.passed.eq(taken), selector.ready.eq(ready)]
        if isinstance(selector, NeighboursOnPath):
            selector.connect(
                m,
                here=here,
                heads=[unit.front.data.head.dst for unit in self.inputs],
                closed=[outputs[port].held for port in LINKS],
                levels=[self.inputs[port].queue.level for port in LINKS],
                link_in=link_in,
                link_out=link_out,
            )


class ChannelRouteUnit(RouteUnit):
    """Route computation of a router with virtual channels, for the flits at the fronts of the queues."""

    inputs: Sequence[ChannelInputUnit]

    def compute(
        self,
        m: Module,
        *,
        here: data.View,
        configure: wiring.PureInterface | None,
        local: LocalOutputUnit,
    ) -> None:
        """Find the outputs that each head requests."""
        looked_up = [] if configure is None else self.look_up(m, configure)
        congested = Signal()
        if self.routing.sees_congestion:
            full = (unit.queue.level >= self.params.congestion_threshold + 1 for unit in self.inputs)
            m.d.comb += congested.eq(Cat(full).any())
        for number, unit in enumerate(self.inputs):
            # Bit by bit: some gates find one bit with the help of another, which as one word would feed back.
            permitted = Cat(Signal(name=f"permitted_{unit.name}_{output.name.lower()}") for output in Port)
            self._select(m, number, unit, permitted, local)
            if looked_up:
                m.d.comb += permitted.eq(looked_up[number])
            else:
                self.routing.gates(m, unit.head(here, congested), permitted)
        if self.selector:
            m.submodules.selector = self.selector

    def _select(self, m: Module, number: int, unit: ChannelInputUnit, permitted: Value, local: LocalOutputUnit) -> None:
        """Request one of the permitted outputs that are open: at which a virtual channel is free and has room."""
        if not self.selector:
            m.d.comb += unit.requests.eq(permitted)
            return
        options = self.selector.options[number]
        m.d.comb += [
            options[Port.LOCAL].eq(permitted[Port.LOCAL] & ~local.held),
            *(options[port].eq(permitted[port] & offered.any()) for port, offered in unit.offered.items()),
            self.selector.granted[number].eq(unit.granted & ~unit.active),
            unit.requests.eq(self.selector.requests[number]),
        ]

    def observe(
        self,
        m: Module,
        *,
        here: data.View,
        outputs: Mapping[Port, ChannelOutputUnit],
        link_in: Sequence[Any],
        link_out: Sequence[Any],
    ) -> None:
        """Let the selection know what is behind the links."""
        selector = self.selector
        if isinstance(selector, Occupancy):
            m.d.comb += [level.eq(outputs[port].allocator.used) for port, level in selector.levels.items()]
        if isinstance(selector, NeighboursOnPath):
            selector.connect(
                m,
                here=here,
                heads=[unit.front.data.head.dst for unit in self.inputs],
                closed=[~Cat(*outputs[port].allocator.offer).any() for port in LINKS],
                levels=[outputs[port].allocator.used for port in LINKS],
                link_in=link_in,
                link_out=link_out,
            )
