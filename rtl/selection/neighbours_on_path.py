"""Selection by what lies beyond the next router."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..channel.congestion import congestion_layout, onward
from ..packet import PacketLayouts
from ..params import NetworkParams
from ..routing import HeadSignals, Routing, choices
from ..topology import LINKS, Port
from .selector import Selector, request_lowest

__all__ = ["NeighboursOnPath"]


class NeighboursOnPath(Selector):
    """The open one whose router has the most room behind the outputs that lead on; of equals, the first.

    Ascia, Catania, Palesi and Patti, "Implementation and analysis of a new selection strategy for adaptive routing in
    networks-on-chip", IEEE Transactions on Computers 57(6), 2008: the routing relation gives the outputs that
    the packet may take in the next router, and the free slots behind those among them that no packet holds are added
    up. Where the relation sees congestion, the next router is taken to be congested: those are all that may be open.

    So every router reports to its neighbours, in registers at their end, what is behind each of its own outputs
    (`congestion_layout`). With one virtual channel that has been reported to it a cycle before; with several it counts
    credits. A report is thus two cycles or one old, and each link stage makes it a cycle older.

    Members
    -------
    here : In(place)
        The router's position.
    heads : array(inputs) of In(address)
        The destination of the flit at each input's front, if it is a head.
    closed : In(4)
        Of each link: no packet can begin to leave by it.
    levels : array(4) of In(range)
        Of each link: with one virtual channel, flits in the input queue; with several, flits behind the output.
    congestion_in, congestion_out : array(4) of In(congestion), Out(congestion)
        Of each link: what the neighbour reports, and what is reported to it.

    Raises
    ------
    ValueError
        If the parameters name another selection, or a torus.
    """

    def __init__(
        self, params: NetworkParams, *, ports: Sequence[Port] = tuple(Port), routing: Routing | None = None
    ) -> None:
        congestion = congestion_layout(params)
        if congestion is None:
            raise ValueError(f"selection must be 'neighbours-on-path', not {params.selection!r}")
        if params.interconnect.has_rings:
            raise ValueError(f"topology must be mesh with selection 'neighbours-on-path', not {params.topology!r}")
        layouts = PacketLayouts(params)
        self.slots = params.virtual_channels * params.buffer_depth
        super().__init__(
            params,
            ports=ports,
            routing=routing,
            more={
                "here": In(layouts.place),
                "heads": In(layouts.address).array(len(ports)),
                "closed": In(len(LINKS)),
                "levels": In(range(self.slots + 1)).array(len(LINKS)),
                "congestion_in": In(congestion).array(len(LINKS)),
                "congestion_out": Out(congestion).array(len(LINKS)),
            },
        )

    def connect(
        self,
        m: Module,
        *,
        here: data.View,
        heads: Sequence[data.View],
        closed: Sequence[Value],
        levels: Sequence[Value],
        link_in: Sequence[Any],
        link_out: Sequence[Any],
    ) -> None:
        """Connect it in a router: members by these names, link by link and input by input."""
        m.d.comb += [self.here.eq(here), self.closed.eq(Cat(closed))]
        pairs: list[tuple[Any, Any]] = [
            *zip(self.heads, heads, strict=True),
            *zip(self.levels, levels, strict=True),
            *((self.congestion_in[i], link.congestion) for i, link in enumerate(link_out)),
            *((link.congestion, self.congestion_out[i]) for i, link in enumerate(link_in)),
        ]
        m.d.comb += [to.eq(value) for to, value in pairs]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        received = [
            Signal.like(self.congestion_in[i], name=f"congestion_{port.name.lower()}") for i, port in enumerate(LINKS)
        ]
        m.d.sync += [register.eq(report) for register, report in zip(received, self.congestion_in, strict=True)]
        m.d.comb += self.busy.eq(Cat(register.as_value().any() for register in received).any())
        self._report(m, received)
        there = {port: self._place_behind(m, port) for port in LINKS}
        for i, port in enumerate(self.ports):
            # Only for outputs that can be an alternative: a packet without a choice needs no advice.
            rivals = {ways for came_in, ways in choices(self.routing) if came_in is port and len(ways) > 1}
            occupied = {
                link: self._occupied_beyond(m, i, link, there[link], received[number])
                for number, link in enumerate(LINKS)
                if any(link in ways for ways in rivals)
            }
            request_lowest(m, self, range(i, i + 1), occupied, rivals=rivals)
        return m

    def _report(self, m: Module, received: Sequence[data.View]) -> None:
        """Report what is behind each link to the neighbours at the others."""
        behind: dict[Port, Value] = {}
        for i, port in enumerate(LINKS):
            level = received[i].level if self.params.virtual_channels == 1 else self.levels[i]
            behind[port] = Mux(self.closed[i], self.slots, level)
        for i, port in enumerate(LINKS):
            m.d.comb += [self.congestion_out[i].beyond[k].eq(behind[link]) for k, link in enumerate(onward(port))]
            if self.params.virtual_channels == 1:
                m.d.comb += self.congestion_out[i].level.eq(self.levels[i])

    def _place_behind(self, m: Module, port: Port) -> Any:
        """The position of the router behind a link; without meaning at the edge of the mesh, where no packet leaves."""
        there: Any = Signal(PacketLayouts(self.params).place, name=f"behind_{port.name.lower()}")
        down, along = port.step
        m.d.comb += [there.row.eq(self.here.row + down), there.col.eq(self.here.col + along)]
        return there

    def _occupied_beyond(self, m: Module, i: int, port: Port, there: Any, received: data.View) -> Value:
        """Slots that are not free behind the next router's outputs; all of them, where the packet may not leave it."""
        name = f"onward_{i}_{port.name.lower()}"
        permitted = Cat(Signal(name=f"{name}_{output.name.lower()}") for output in Port)
        self.routing.gates(m, HeadSignals(there, self.heads[i], port.opposite, Const(1, 1)), permitted)
        occupied: list[Value] = []
        for group in self._exclusive(port.opposite):
            slots: Value = Const(self.slots, range(self.slots + 1))
            for link in group:
                slots = Mux(permitted[link], received.beyond[onward(port.opposite).index(link)], slots)
            occupied.append(slots)
        return reduce(add, occupied)

    def _exclusive(self, came_in: Port) -> list[list[Port]]:
        """The links by which a packet can go on, in groups of which it may take at most one."""
        together = [ways for port, ways in choices(self.routing) if port is came_in]
        groups: list[list[Port]] = []
        for link in onward(came_in):
            apart = (
                group for group in groups if not any({link, other} <= ways for other in group for ways in together)
            )
            group = next(apart, None)
            if group is None:
                groups.append([link])
            else:
                group.append(link)
        return groups
