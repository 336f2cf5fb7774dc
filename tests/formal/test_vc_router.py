# amaranth: UnusedElaboratable=no
"""The router with virtual channels, between neighbours that keep to the rules of a link."""

import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal, Value
from formal.prover import holds
from thorough import examples

from synaptile.rtl import NetworkParams, Port
from synaptile.rtl.routing import HeadSignals
from synaptile.rtl.topology import LINKS
from synaptile.rtl.vc_router import VirtualChannelRouter

pytestmark = pytest.mark.formal


class Twice(VirtualChannelRouter):
    """A flaw: what crosses a link stays in its queue."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        for unit in self.inputs:
            with m.If(unit.sent):
                m.d.comb += unit.queue.deq.ready.eq(0)
        return m


class Overrun(VirtualChannelRouter):
    """A flaw: what is sent to the east is not counted."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.allocators[Port.EAST].sent.eq(0)
        return m


class Generous(VirtualChannelRouter):
    """A flaw: a credit goes back for every flit that comes in, whether it has left its queue or not."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        for link in self.link_in:
            m.d.sync += link.credit.eq(link.valid)
        return m


class Mixed(VirtualChannelRouter):
    """A flaw: the tile gets flits of whichever packet was granted last."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.sync += self.held.eq(0)
        return m


class Contract:
    """Nothing is lost, sent twice, sent astray or changed while it waits; packets do not mix; credits are right.

    Packets of two flits, of any kind and at any time, at every input that the routing sends them to; a neighbour sends
    only with credit, and gives one back only for what it has got.
    """

    def __init__(self, router: VirtualChannelRouter) -> None:
        self.router = router
        self.channels, self.depth = router.params.virtual_channels, router.params.buffer_depth
        self.entered: list[Value] = []
        self.left: list[Value] = []
        self.marked_in: list[Value] = []
        self.marked_out: list[Value] = []

    def circuit(self) -> Module:
        m = Module()
        m.submodules.router = router = self.router
        # In the middle of 3 × 3, where all ways lead somewhere: what the relation asks is who is further which way.
        m.d.comb += [router.here.row.eq(1), router.here.col.eq(1)]
        self._tile(m)
        for i, port in enumerate(LINKS):
            self._coming(m, i, port)
            self._going(m, i, port)
        self._kept(m)
        return m

    def _sent_here(self, m: Module, flit: Value, port: Port) -> Value:
        """Whether the routing can send a head to this input."""
        router, name = self.router, f"enter_{port.name}"
        ways = Cat(Signal(name=f"{name}_{out.name}") for out in Port)
        router.routing.gates(m, HeadSignals(router.here, flit.data.head.dst, port, Cat(1)), ways)
        return ~Cat(ways[out] for out in Port if (port, out) not in router.turns).any()

    def _nearer(self, dst: Value, port: Port) -> Value:
        here = self.router.here
        return {
            Port.LOCAL: (dst.row == here.row) & (dst.col == here.col),
            Port.NORTH: dst.row < here.row,
            Port.EAST: dst.col > here.col,
            Port.SOUTH: dst.row > here.row,
            Port.WEST: dst.col < here.col,
        }[port]

    def _tile(self, m: Module) -> None:
        for stream, must, side in ((self.router.local_in, Assume, "in"), (self.router.local_out, Assert, "out")):
            waiting, before = Signal(name=f"{side}_waiting"), Signal.like(stream.payload.as_value())
            inside, passes = Signal(name=f"{side}_inside"), stream.valid & stream.ready
            m.d.sync += [waiting.eq(stream.valid & ~stream.ready), before.eq(stream.payload)]
            m.d.comb += must(~waiting | (stream.valid & (stream.payload.as_value() == before)))
            # Flits come in pairs, the second one being the last.
            m.d.comb += must(~stream.valid | (stream.payload.last == inside))
            with m.If(passes):
                m.d.sync += inside.eq(~inside)
            if must is Assume:
                right = self._sent_here(m, stream.payload, Port.LOCAL)
            else:
                right = self._nearer(stream.payload.data.head.dst, Port.LOCAL)
            m.d.comb += must(~stream.valid | inside | right)
            (self.entered if must is Assume else self.left).append(passes)
            marked = self.marked_in if must is Assume else self.marked_out
            marked.append(passes & self._mark(stream.payload))

    def _coming(self, m: Module, i: int, port: Port) -> None:
        link = self.router.link_in[i]
        valid, flit = link.valid, link.flit
        right = self._sent_here(m, flit, port)
        m.d.comb += Assume((valid & (valid - 1)) == 0)
        for channel in range(self.channels):
            count = Signal(range(self.depth + 1), name=f"used_{port.name}_{channel}")
            inside = Signal(name=f"inside_{port.name}_{channel}")
            queue = next(unit.queue for unit in self.router.inputs if unit.port is port and unit.channel == channel)
            m.d.comb += [
                Assume(~valid[channel] | (count < self.depth)),
                Assume(~valid[channel] | (flit.last == inside)),
                Assume(~valid[channel] | inside | right),
                # The queue takes what comes; a credit is under way for every flit that has left it, and for no other.
                Assert(~valid[channel] | queue.enq.ready),
                Assert(count == queue.level + link.credit[channel]),
            ]
            m.d.sync += count.eq(count + valid[channel] - link.credit[channel])
            with m.If(valid[channel]):
                m.d.sync += inside.eq(~inside)
        self.entered.append(valid.any())
        self.marked_in.append(valid.any() & self._mark(flit))

    def _going(self, m: Module, i: int, port: Port) -> None:
        link = self.router.link_out[i]
        valid, flit = link.valid, link.flit
        m.d.comb += Assert((valid & (valid - 1)) == 0)
        for channel in range(self.channels):
            count = Signal(range(self.depth + 1), name=f"beyond_{port.name}_{channel}")
            inside = Signal(name=f"beyond_inside_{port.name}_{channel}")
            m.d.comb += [
                Assume(~link.credit[channel] | (count != 0)),
                Assert(~valid[channel] | (count < self.depth)),
                Assert(~valid[channel] | (flit.last == inside)),
                Assert(~valid[channel] | inside | self._nearer(flit.data.head.dst, port)),
            ]
            m.d.sync += count.eq(count + valid[channel] - link.credit[channel])
            with m.If(valid[channel]):
                m.d.sync += inside.eq(~inside)
        self.left.append(valid.any())
        self.marked_out.append(valid.any() & self._mark(flit))

    def _mark(self, flit: Value) -> Value:
        """One flit may carry a mark, its lowest bit."""
        return flit.last & flit.data.body.stamp[0]

    def _kept(self, m: Module) -> None:
        """What has entered and not left is in a queue; the marked flit comes out once at most, and is there before."""
        inside, came, gone = Signal(6), Signal(), Signal()
        m.d.sync += inside.eq(inside + _sum(self.entered) - _sum(self.left))
        m.d.comb += [
            Assert(inside == _sum([unit.queue.level for unit in self.router.inputs])),
            Assume((_sum(self.marked_in) + came) <= 1),
            Assert((_sum(self.marked_out) + gone) <= came),
            Assert(~came | gone | (inside != 0)),
        ]
        m.d.sync += [came.eq(came | Cat(self.marked_in).any()), gone.eq(gone | Cat(self.marked_out).any())]


def _sum(values: list[Value]) -> Value:
    return sum((Mux(value, 1, 0) if len(value) == 1 else value for value in values), start=Mux(0, 0, 0))


def shown(kind: type[VirtualChannelRouter], bound: int, depth: int = 2) -> bool:
    params = NetworkParams(
        rows=3, cols=3, buffer_depth=depth, flits=2, neurons=1, stamp_bits=1, virtual_channels=2, routing="xy"
    )
    router = kind(params)
    inputs = [router.local_in.valid, router.local_in.payload, router.local_out.ready]
    for coming, going in zip(router.link_in, router.link_out, strict=True):
        inputs += [coming.valid, coming.flit, going.credit]
    return holds(Contract(router).circuit(), inputs, steps=bound, induction=False)


def test_a_router_with_virtual_channels_keeps_its_contract() -> None:
    """Bounded: three cycles from reset, in which a packet can enter and leave; four with SYNAPTILE_THOROUGH=1."""
    assert shown(VirtualChannelRouter, examples(3, 4))


@pytest.mark.parametrize(("kind", "depth"), [(Twice, 2), (Overrun, 1), (Generous, 2), (Mixed, 2)])
def test_a_flaw_is_found(kind: type[VirtualChannelRouter], depth: int) -> None:
    assert not shown(kind, 6, depth)
