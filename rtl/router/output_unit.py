"""Output units: to which packet an output belongs, and what is known of the queues behind it."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring

from ..arbitration.arbiters import LeastRecentArbiter, RoundRobinArbiter
from ..arbitration.lookahead import LookaheadArbiter
from ..topology import Port
from .input_unit import ChannelInputUnit, InputUnit
from .one_hot import and_or_mux
from .vc_allocator import ChannelAllocator

__all__ = ["ChannelOutputUnit", "LocalOutputUnit", "OutputUnit", "WormholeOutputUnit"]


class OutputUnit:
    """An output that belongs to one packet at a time, until the packet's last flit has left.

    Its statements go into the router's module.

    Attributes
    ----------
    port
        The port that it is at.
    sources
        The inputs that it can be connected to. The signals have one bit for each.
    owner, held : Signal
        The input that it belongs to, if it is held; whether it is.
    grant : Signal
        The input that it is connected to in this cycle, one-hot.
    """

    def __init__(self, port: Port, sources: Sequence[InputUnit]) -> None:
        self.port = port
        self.sources = sources
        self.owner = Signal(len(sources), name=f"owner_{self.name}")
        self.held = Signal(name=f"held_{self.name}")
        self.grant = Signal(len(sources), name=f"grant_{self.name}")

    @property
    def name(self) -> str:
        """For signals."""
        return self.port.name.lower()

    def grants(self, unit: InputUnit) -> Value:
        """The output is connected to this input in this cycle."""
        return self.grant[self.sources.index(unit)]

    def begins(self, unit: InputUnit) -> Value:
        """The output is granted to the head at this input in this cycle."""
        return self.grants(unit) & ~self.held


class WormholeOutputUnit(OutputUnit):
    """An output of a wormhole router.

    Attributes
    ----------
    arbiter : Arbiter or LookaheadArbiter
        Grants the output. While it is held, it goes on granting the input that it belongs to.
    ends : Signal
        A packet's last flit leaves in this cycle.
    """

    def __init__(self, port: Port, sources: Sequence[InputUnit], arbiter: wiring.Component) -> None:
        super().__init__(port, sources)
        self.arbiter = arbiter
        self.ends = Signal(name=f"ends_{self.name}")

    def allocate(self, m: Module) -> None:
        """Add the arbiter, and give the output to the packet that it grants.

        A packet keeps its output from the cycle on in which it is first offered, so that what is offered stays.
        """
        m.submodules[f"arbiter_{self.name}"] = arbiter = self.arbiter
        m.d.comb += self.grant.eq(arbiter.grant)
        if isinstance(arbiter, LookaheadArbiter):
            m.d.comb += [arbiter.ends.eq(self.ends), self.owner.eq(arbiter.owner), self.held.eq(arbiter.held)]
        else:
            m.d.comb += [arbiter.hold.eq(~self.ends), arbiter.accept.eq(1)]
            m.d.sync += [
                self.owner.eq(Mux(self.ends, 0, self.grant)),
                self.held.eq(self.grant.any() & ~self.ends),
            ]


class LocalOutputUnit(OutputUnit):
    """The output to the tile of a router with virtual channels.

    Attributes
    ----------
    owned : Signal
        The input that it belongs to; zero if it is not held.
    """

    def __init__(self, sources: Sequence[ChannelInputUnit]) -> None:
        super().__init__(Port.LOCAL, sources)
        self.sources: Sequence[ChannelInputUnit] = sources
        self.owned = Signal(len(sources))

    def deliver(self, m: Module, out: wiring.PureInterface) -> None:
        """Connect an input to the tile, and keep it so from the first offer on."""
        m.submodules.arbiter_local = arbiter = RoundRobinArbiter(len(self.sources))
        valid = [unit.queue.deq.valid for unit in self.sources]
        requests = Cat(unit.queue.deq.valid & unit.requests[Port.LOCAL] & ~unit.active for unit in self.sources)
        m.d.comb += [
            self.owned.eq(Mux(self.held, self.owner, 0)),
            arbiter.requests.eq(requests & ~self.owned),
            arbiter.accept.eq(~self.held),
            self.grant.eq(Mux(self.held, self.owner, arbiter.grant)),
            out.valid.eq((self.grant & Cat(valid)).any()),
            out.payload.eq(and_or_mux(self.grant, [unit.front.as_value() for unit in self.sources])),
        ]
        with m.If(out.valid):
            m.d.sync += [self.owner.eq(self.grant), self.held.eq(~(out.ready & out.payload.last))]


class ChannelOutputUnit:
    """A link with virtual channels: its output belongs to another packet each cycle, each channel to one at a time.

    Attributes
    ----------
    port
        The port that it is at.
    sources
        The ports whose inputs it can be connected to.
    allocator : ChannelAllocator
        The packet of each virtual channel, and the room behind it.
    arbiter : LeastRecentArbiter
        Grants the link to one of ``sources`` in each cycle.
    grant : Signal
        The port that sends in this cycle, one bit for each of ``sources``.
    sends, body : Signal
        A flit is sent in this cycle; it is a body flit.
    """

    def __init__(self, port: Port, sources: Sequence[Port], allocator: ChannelAllocator) -> None:
        name = port.name.lower()
        self.port = port
        self.sources = sources
        self.allocator = allocator
        self.arbiter = LeastRecentArbiter(len(sources))
        self.grant = Signal(len(sources), name=f"grant_{name}")
        self.sends = Signal(name=f"sends_{name}")
        self.body = Signal(name=f"body_{name}")
