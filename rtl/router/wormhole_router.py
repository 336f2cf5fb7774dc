"""The wormhole router: one cycle per hop, one flit per cycle and link, nothing lost."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Value
from amaranth.lib import wiring

from ..arbitration.arbiters import LeastRecentArbiter, RoundRobinArbiter
from ..arbitration.lookahead import LookaheadArbiter
from ..arbitration.starvation_timer import StarvationTimer
from ..params import NetworkParams
from ..routing import Routing
from ..selection.strategies import SELECTORS
from ..topology import Port
from .input_unit import InputUnit
from .output_unit import WormholeOutputUnit
from .route_unit import WormholeRouteUnit
from .router_base import RouterBase
from .switch import Switch

__all__ = ["Router"]


class Router(RouterBase):
    """An input-queued wormhole router with five ports, ordered as `Port`.

    A head flit at the front of an input queue requests the output that its destination calls for. The output is granted
    to one input, and belongs to it until the packet's last flit has left, so packets never mix and a held flit never
    changes. All outputs depend on registers only (queues, owners, arbiter order, the selection's) and on the position,
    which is constant; ``ready`` of one side never depends on ``valid`` or ``ready`` of another in the same cycle.

    If the routing leaves a choice, the head requests one of the permitted outputs that no packet holds, as the
    selection strategy says, and may request another one until it is granted one. Outputs are then granted to the input
    that was granted them longest ago, so that no head starves that requests now one output and now another: it loses to
    every other input at most once at each output. With a table they go round-robin.

    Without a choice, the next grant is settled while a packet holds the output (`LookaheadArbiter`), round-robin. With
    the arbitration ``through-first``, the tile's own packets give way to those that are under way until their
    `StarvationTimer` has expired, and an output that is not held goes to the input that has the fewest ways out, which
    is straight on in the last dimension.

    With ``multicast``, a packet stays at the front of its queue until each of the outputs that the table has for its
    key has got a copy, one after the other (`Fork`); it requests those that have none, like for a choice.

    A packet for whose key the table has no output is dropped where it is found out (`Discard`).

    Only the connections between inputs and outputs that the routing can take on a mesh are built.

    Parameters and members are those of `RouterBase`.

    Raises
    ------
    DeadlockError
        If packets could wait for each other for ever.
    ValueError
        If the routing loses packets, or leaves no choice and the selection is not ``first``; or if
        ``virtual_channels`` is not 1.

    Attributes
    ----------
    inputs : list of InputUnit
        By port.
    outputs : dict of Port: WormholeOutputUnit
        By port.
    selector : Selector or None
        The selection, if the routing leaves a choice.
    """

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        if params.virtual_channels != 1:
            raise ValueError(f"virtual_channels must be 1 in a Router, not {params.virtual_channels}")
        super().__init__(params, routing=routing)
        # Made here and not in `elaborate`, so that waveforms can show them.
        select = SELECTORS[params.selection]
        self.selector = select(params, routing=self.routing) if params.leaves_choice(self.routing) else None
        self.inputs = [self._input(port) for port in Port]
        self.outputs = {port: self._output(port) for port in Port}
        self._route_unit = WormholeRouteUnit(params, self.routing, self.inputs, self.selector)
        self._switch = Switch(self.inputs, self.outputs)

    def _input(self, port: Port) -> InputUnit:
        outputs = self.destinations(port)
        return InputUnit(
            port,
            port.name.lower(),
            layouts=self.layouts,
            outputs=outputs,
            note_bits=WormholeRouteUnit.note_bits(self.routing, outputs),
            one_hot=self.selector is None,  # without a choice, a packet may go to one output
        )

    def _output(self, port: Port) -> WormholeOutputUnit:
        sources = [self.inputs[source] for source in self.sources(port)]
        return WormholeOutputUnit(port, sources, self._arbiter(sources))

    def _arbiter(self, sources: Sequence[InputUnit]) -> wiring.Component:
        if self.selector:
            return LeastRecentArbiter(len(sources))
        if self.routing.by_table:
            return RoundRobinArbiter(len(sources))
        order = list(reversed(range(len(sources))))
        if self.params.arbitration == "through-first":
            order.sort(key=lambda i: len(sources[i].outputs))
        return LookaheadArbiter(len(sources), single=self.params.flits_per_packet == 1, order=order)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for unit in self.inputs:
            unit.receive(m, self.entering(unit.port))
        configure = self.configure if self.routing.by_table else None
        requests = self._route_unit.compute(m, here=self.here, configure=configure, outputs=self.outputs)
        for output in self.outputs.values():
            output.allocate(m)
            m.d.comb += output.arbiter.requests.eq(self._output_requests(output, requests))
        self._switch.traverse(m, self.leaving)
        for port, output in self.outputs.items():
            out = self.leaving(port)
            m.d.comb += [
                self.taken[port].eq(out.valid & out.ready),
                self.starting[port].eq(out.valid & ~output.held),
            ]
        m.d.comb += self.busy.eq(Cat(unit.queue.deq.valid for unit in self.inputs).any())
        if self.params.arbitration == "through-first":
            self._limit_starvation(m)
        if self.selector:
            self._observe(m)
            with m.If(self.selector.busy):
                m.d.comb += self.busy.eq(1)
        self._route_unit.connect_forks(m, lambda unit, port: self.outputs[port].begins(unit))
        for unit in self.inputs:
            if unit.discard:
                m.d.comb += unit.discard.held.eq(self._owns(unit))
        return m

    def _output_requests(self, output: WormholeOutputUnit, requests: dict[Port, dict[Port, Value]]) -> Value:
        """The requests at an output, one bit for each of its sources."""
        found = [requests[unit.port][output.port] for unit in output.sources]
        if self.routing.by_table:
            # The table's entry for the front of an empty queue has no meaning; notes are zero then.
            found = [unit.queue.deq.valid & request for unit, request in zip(output.sources, found, strict=True)]
        if self.selector or self.routing.by_table:
            # A head that is granted an output requests no other, and its packet goes on requesting that one.
            found = [
                output.owner[i] | (request & ~self._owns(unit))
                for i, (unit, request) in enumerate(zip(output.sources, found, strict=True))
            ]
        return Cat(found)

    def _owns(self, unit: InputUnit) -> Value:
        """The packet at an input holds an output."""
        outputs = (self.outputs[port] for port in unit.outputs)
        return Cat(output.owner[output.sources.index(unit)] for output in outputs).any()

    def _limit_starvation(self, m: Module) -> None:
        """Have the tile's own packets wait for those that are under way, until they have waited long enough."""
        m.submodules.starvation_timer = timer = StarvationTimer()
        local = self.inputs[Port.LOCAL]
        # The time ends when a packet begins to leave; how many of its flits have left does not matter.
        m.d.comb += [timer.waiting.eq(local.queue.deq.valid), timer.leaving.eq(local.queue.deq.ready)]
        for port in local.outputs:
            output = self.outputs[port]
            m.d.comb += output.arbiter.giving_way[output.sources.index(local)].eq(~timer.expired)

    def _observe(self, m: Module) -> None:
        """Let the selection know what happens."""
        self._route_unit.observe(
            m,
            here=self.here,
            outputs=self.outputs,
            link_in=self.link_in,
            link_out=self.link_out,
            taken=self.taken,
            ready=Cat(self.leaving(port).ready for port in Port),
        )
