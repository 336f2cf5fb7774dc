"""Selection strategies: which of the permitted outputs a packet asks for.

Each is a `Selector` and an entry in `SELECTIONS`. What a head flit asks for may change from cycle to cycle until an
output is granted to it; from then on it keeps that output. A strategy may look at registers only.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .arbiter import RoundRobinArbiter
from .params import NetworkParams
from .topology import LINKS, Port

__all__ = ["SELECTORS", "BufferLevel", "First", "Random", "RoundRobin", "Selector"]


class Selector(wiring.Component):
    """Chooses for every input of a router one of the outputs that are open to it.

    Members
    -------
    options : array(5) of In(5)
        Of each input: the outputs that are permitted to its head and not held by another packet.
    wanted : array(5) of Out(5)
        Of each input: one of its options; zero if there is none.
    begun : In(5)
        Of each input: its head is granted an output in this cycle.
    passed, ready : In(5)
        Of each output: a flit leaves; the receiver is ready. Both depend on this cycle's inputs, ``wanted`` must not.
    busy : Out(1)
        A register can change in a router without flits.
    """

    def __init__(self, params: NetworkParams) -> None:
        self.params = params
        super().__init__(
            {
                "options": In(len(Port)).array(len(Port)),
                "wanted": Out(len(Port)).array(len(Port)),
                "begun": In(len(Port)),
                "passed": In(len(Port)),
                "ready": In(len(Port)),
                "busy": Out(1),
            }
        )


class First(Selector):
    """The first open one, in the order NORTH, EAST, SOUTH, WEST."""

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        m.d.comb += [self.wanted[port].eq(self.options[port] & -self.options[port]) for port in Port]
        return m


class RoundRobin(Selector):
    """The open one whose turn it is; every input takes turns of its own."""

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        for port in Port:
            m.submodules[f"turn_{port.name.lower()}"] = turn = RoundRobinArbiter(len(Port))
            m.d.comb += [
                turn.requests.eq(self.options[port]),
                self.wanted[port].eq(turn.grant),
                turn.accept.eq(self.begun[port]),
            ]
        return m


class Random(Selector):
    """The first or the last open one, by the toss of a coin for every packet.

    A minimal relation on a mesh never permits more than two, so each is as likely as the other. The coins are bits of
    a shift register that moves on whenever a packet is granted an output: 16 bits with feedback from 16, 15, 13 and 4,
    which has the longest possible period (Xilinx application note XAPP052, table 3). It begins with
    ``params.selection_seed``.
    """

    def __init__(self, params: NetworkParams) -> None:
        super().__init__(params)
        self.state = Signal(16, init=params.selection_seed)

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        state = self.state
        with m.If(self.begun.any()):
            m.d.sync += state.eq(Cat(state[15] ^ state[14] ^ state[12] ^ state[3], state[:-1]))
        for port in Port:
            options = self.options[port]
            last = Cat(options[i] & ~options[i + 1 :].any() for i in range(len(Port)))
            # Three bits apart, so that the coin of one input is not that of another a packet later.
            m.d.comb += self.wanted[port].eq(Mux(state[3 * port], last, options & -options))
        return m


class BufferLevel(Selector):
    """The open one behind which the buffer is believed to hold the fewest flits; of equals, the first.

    A link tells only whether the next buffer is full. So the router keeps an estimate for every output: full when it
    was seen full, at least one when a flit was sent, else one less each cycle, as if the next router passed on a flit.
    """

    def __init__(self, params: NetworkParams) -> None:
        super().__init__(params)
        self.levels = {
            port: Signal(range(params.buffer_depth + 1), name=f"level_{port.name.lower()}") for port in LINKS
        }

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        for port, level in self.levels.items():
            with m.If(~self.ready[port]):
                m.d.sync += level.eq(self.params.buffer_depth)
            with m.Elif(self.passed[port]):
                m.d.sync += level.eq(Mux(level.any(), level, 1))
            with m.Elif(level.any()):
                m.d.sync += level.eq(level - 1)
        m.d.comb += self.busy.eq(Cat(level.any() for level in self.levels.values()).any())

        # Whether an output comes before another; compared once for all inputs.
        before: dict[tuple[Port, Port], Value] = {}
        for at, a in enumerate(LINKS):
            for b in LINKS[at + 1 :]:
                first = Signal(name=f"{a.name}_before_{b.name}".lower())
                m.d.comb += first.eq(self.levels[a] <= self.levels[b])
                before[a, b], before[b, a] = first, ~first
        for port in Port:
            options, wanted = self.options[port], self.wanted[port]
            m.d.comb += wanted[Port.LOCAL].eq(options[Port.LOCAL])
            for a in LINKS:
                better = Cat(options[b] & before[b, a] for b in LINKS if b is not a)
                m.d.comb += wanted[a].eq(options[a] & ~better.any())
        return m


SELECTORS: dict[str, type[Selector]] = {
    "first": First,
    "round-robin": RoundRobin,
    "random": Random,
    "buffer-level": BufferLevel,
}
"""Selection strategies by name."""
