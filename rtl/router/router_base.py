"""The base of both kinds of router: their ports, their routing, and the connections that it needs."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..channel.link import LinkSignature
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing import Routing
from ..topology import LINKS, Port
from .input_unit import InputUnit
from .permitted_turns import checked_routing, turns_of
from .table_lookup import table_port

__all__ = ["RouterBase"]


class RouterBase(wiring.Component):
    """A router with five ports, ordered as `Port`.

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
        If the routing loses packets, leaves no choice and the selection is not ``first``, or needs more virtual
        channels.

    Members
    -------
    here : In(place)
        The router's position: constant, but an input, so that all routers are the same circuit.
    local_in, local_out : In(stream(flit)), Out(stream(flit))
        From and to the tile.
    link_in, link_out : array(4) of In(link), Out(link)
        From and to the neighbours, as in `LINKS` (`LinkSignature`).
    configure : In(table entry)
        With routing by table: writes the table (`TableMemory`).
    busy : Out(1)
        Something can change without a new input.

    Attributes
    ----------
    turns : frozenset of (Port, Port)
        Every (input, output) that is connected: those that the routing can take.
    inputs : list of InputUnit
        The inputs.
    taken, starting : Signal(5)
        Which outputs pass a flit on in this cycle, and which offer a packet's first flit for the first time: for
        counters, and left out where there are none.
    """

    inputs: Sequence[InputUnit]

    def __init__(self, params: NetworkParams, *, routing: Routing | None = None) -> None:
        self.params = params
        self.routing = checked_routing(params, routing)
        self.layouts = PacketLayouts(params)
        self.turns = turns_of(self.routing)
        flits, link = stream.Signature(self.layouts.flit), LinkSignature.of(self.layouts)
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
        self.taken, self.starting = Signal(len(Port)), Signal(len(Port))

    @property
    def dropped(self) -> list[Value]:
        """Of each input at which packets may come for which there is no output: one is dropped in this cycle."""
        return [unit.discard.dropped for unit in self.inputs if unit.discard]

    def entering(self, port: Port) -> Any:
        """The member by which flits come in at a port."""
        return self.local_in if port is Port.LOCAL else self.link_in[LINKS.index(port)]

    def leaving(self, port: Port) -> Any:
        """The member by which flits go out at a port."""
        return self.local_out if port is Port.LOCAL else self.link_out[LINKS.index(port)]

    def sources(self, output: Port) -> list[Port]:
        """The inputs that can be connected to an output."""
        return [port for port in Port if (port, output) in self.turns]

    def destinations(self, source: Port) -> list[Port]:
        """The outputs that an input can be connected to."""
        return [port for port in Port if (source, port) in self.turns]
