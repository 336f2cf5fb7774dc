"""The interface of selection strategies to a router."""

from collections.abc import Collection, Mapping, Sequence

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ..params import NetworkParams
from ..routing import Routing, routing_of
from ..topology import LINKS, Port

__all__ = ["Selector", "request_lowest"]


class Selector(wiring.Component):
    """Chooses for every input of a router one of the outputs that are open to it.

    Parameters
    ----------
    params
        The network's parameters.
    ports
        At which port each of the router's inputs is: one at each or, with virtual channels, all of their queues.
    routing
        A routing relation in place of the one that the parameters name.
    more
        Further members that a strategy has.

    Members
    -------
    options : array(inputs) of In(5)
        Of each input: the outputs that are permitted to its head and not held by another packet.
    requests : array(inputs) of Out(5)
        Of each input: the one of its options that it requests; zero if there is none.
    granted : In(inputs)
        Of each input: its head is granted an output in this cycle.
    passed, ready : In(5)
        Of each output: a flit leaves; the receiver is ready. Both depend on this cycle's inputs, ``requests`` must not.
    busy : Out(1)
        A register can change in a router without flits.
    """

    def __init__(
        self,
        params: NetworkParams,
        *,
        ports: Sequence[Port] = tuple(Port),
        routing: Routing | None = None,
        more: Mapping[str, wiring.Member] | None = None,
    ) -> None:
        self.params = params
        self.ports = ports
        self.inputs = inputs = len(ports)
        self.routing = routing or routing_of(params.routing, params.topology)
        super().__init__(
            {
                "options": In(len(Port)).array(inputs),
                "requests": Out(len(Port)).array(inputs),
                "granted": In(inputs),
                "passed": In(len(Port)),
                "ready": In(len(Port)),
                "busy": Out(1),
                **(more or {}),
            }
        )


def request_lowest(
    m: Module,
    selector: Selector,
    inputs: range,
    levels: Mapping[Port, Value],
    *,
    rivals: Collection[frozenset[Port]] | None = None,
) -> None:
    """Have some inputs request the option with the lowest level; of equals, the first.

    ``rivals``: the sets of options that there can be, if not all; outputs that never meet are not compared.
    """
    # Whether an output comes before another; compared once for all of these inputs.
    before: dict[tuple[Port, Port], Value] = {}
    for at, a in enumerate(LINKS):
        for b in LINKS[at + 1 :]:
            if rivals is None or any({a, b} <= options for options in rivals):
                first = Signal(name=f"{a.name}_before_{b.name}".lower())
                m.d.comb += first.eq(levels[a] <= levels[b])
                before[a, b], before[b, a] = first, ~first
    for i in inputs:
        options, requests = selector.options[i], selector.requests[i]
        m.d.comb += requests[Port.LOCAL].eq(options[Port.LOCAL])
        for a in LINKS:
            better = Cat(options[b] & first for (b, other), first in before.items() if other is a)
            m.d.comb += requests[a].eq(options[a] & ~better.any())
