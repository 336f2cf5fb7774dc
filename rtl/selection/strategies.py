"""Selection strategies: which of the permitted outputs a packet requests.

Each is a `Selector` and an entry in `SELECTIONS`. The request of a head flit may change from cycle to cycle until an
output is granted to it; from then on it keeps that output. A strategy may depend on registers only.
"""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal

from ..arbitration.arbiters import RoundRobinArbiter
from ..params import NetworkParams
from ..routing import Routing
from ..topology import LINKS, Port
from .neighbours_on_path import NeighboursOnPath
from .selector import Selector, request_lowest

__all__ = ["CHANNEL_SELECTORS", "SELECTORS", "BufferLevel", "First", "Occupancy", "Random", "RoundRobin", "Selector"]


class First(Selector):
    """The first open one, in the order NORTH, EAST, SOUTH, WEST."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [self.requests[i].eq(self.options[i] & -self.options[i]) for i in range(self.inputs)]
        return m


class RoundRobin(Selector):
    """The open one whose turn it is; every input takes turns of its own."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for i in range(self.inputs):
            m.submodules[f"turn_{i}"] = turn = RoundRobinArbiter(len(Port))
            m.d.comb += [
                turn.requests.eq(self.options[i]),
                self.requests[i].eq(turn.grant),
                turn.accept.eq(self.granted[i]),
            ]
        return m


class Random(Selector):
    """The first or the last open one, by the toss of a coin for every packet.

    A minimal relation on a mesh never permits more than two, so each is as likely as the other. The coins are bits of
    a shift register that moves on whenever a packet is granted an output: 16 bits with feedback from 16, 15, 13 and 4,
    which has the longest possible period (Xilinx application note XAPP052, table 3). It begins with
    ``params.selection_seed``.
    """

    def __init__(
        self, params: NetworkParams, *, ports: Sequence[Port] = tuple(Port), routing: Routing | None = None
    ) -> None:
        super().__init__(params, ports=ports, routing=routing)
        self.state = Signal(16, init=params.selection_seed)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        state = self.state
        with m.If(self.granted.any()):
            m.d.sync += state.eq(Cat(state[15] ^ state[14] ^ state[12] ^ state[3], state[:-1]))
        for number in range(self.inputs):
            options = self.options[number]
            last = Cat(options[i] & ~options[i + 1 :].any() for i in range(len(Port)))
            # Three bits apart, so that the coin of one input is not that of another a packet later. The last of 17
            # inputs has the first one's.
            coin = state[3 * number % len(state)]
            m.d.comb += self.requests[number].eq(Mux(coin, last, options & -options))
        return m


class BufferLevel(Selector):
    """The open one behind which the buffer is believed to hold the fewest flits; of equals, the first.

    A link shows only whether the next buffer is full. So the router keeps an estimate for every output: full when it
    was seen full, at least one when a flit was sent, else one less each cycle, as if the next router passed on a flit.
    """

    def __init__(
        self, params: NetworkParams, *, ports: Sequence[Port] = tuple(Port), routing: Routing | None = None
    ) -> None:
        super().__init__(params, ports=ports, routing=routing)
        self.levels = {
            port: Signal(range(params.buffer_depth + 1), name=f"level_{port.name.lower()}") for port in LINKS
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for port, level in self.levels.items():
            with m.If(~self.ready[port]):
                m.d.sync += level.eq(self.params.buffer_depth)
            with m.Elif(self.passed[port]):
                m.d.sync += level.eq(Mux(level.any(), level, 1))
            with m.Elif(level.any()):
                m.d.sync += level.eq(level - 1)
        m.d.comb += self.busy.eq(Cat(level.any() for level in self.levels.values()).any())
        request_lowest(m, self, range(self.inputs), self.levels)
        return m


class Occupancy(Selector):
    """The open one with the fewest flits behind it on all virtual channels; of equals, the first.

    The router counts credits, so it knows: what is in the next router's queues, or under way to them, and what has
    left them so lately that the credit is not back.

    Attributes
    ----------
    levels : dict of Port: Signal
        Of each link, those flits; to be driven by the router.
    """

    def __init__(
        self, params: NetworkParams, *, ports: Sequence[Port] = tuple(Port), routing: Routing | None = None
    ) -> None:
        super().__init__(params, ports=ports, routing=routing)
        most = params.virtual_channels * params.buffer_depth
        self.levels = {port: Signal(range(most + 1), name=f"level_{port.name.lower()}") for port in LINKS}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        request_lowest(m, self, range(self.inputs), self.levels)
        return m


SELECTORS: dict[str, type[Selector]] = {
    "first": First,
    "round-robin": RoundRobin,
    "random": Random,
    "buffer-level": BufferLevel,
    "neighbours-on-path": NeighboursOnPath,
}
"""Selection strategies by name."""

CHANNEL_SELECTORS: dict[str, type[Selector]] = {**SELECTORS, "buffer-level": Occupancy}
"""Selection strategies of a router with several virtual channels by name."""
