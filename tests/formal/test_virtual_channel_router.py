# amaranth: UnusedElaboratable=no
from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal, Value
from formal.prover import holds

from synaptile.rtl import NetworkParams, Port
from synaptile.rtl.channel.fifo import StreamFIFO
from synaptile.rtl.router import VirtualChannelRouter, input_unit
from synaptile.rtl.routing import HeadSignals
from synaptile.rtl.topology import LINKS

pytestmark = pytest.mark.formal

CHANNELS, DEPTH = 2, 2
HERE = {"row": 1, "col": 1}


class Hasty(VirtualChannelRouter):
    """A flaw: the tile's output is given away before its packet has ended."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.sync += self.outputs[Port.LOCAL].held.eq(0)
        return m


class Astray(VirtualChannelRouter):
    """A flaw: what comes from the west leaves to the south too, wherever it is sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        west = next(unit for unit in self.inputs if (unit.port, unit.channel) == (Port.WEST, 0))
        south, room = self.leaving(Port.SOUTH), self.outputs[Port.SOUTH].allocator.room
        m.d.comb += [south.flit.eq(west.front), south.valid.eq(west.queue.deq.valid & room)]
        return m


class Lossy(VirtualChannelRouter):
    """A flaw: the last flit of a packet leaves its queue without having been sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        unit = self.inputs[-1]
        m.d.comb += unit.queue.deq.ready.eq(unit.queue.deq.valid & unit.front.last)
        return m


class Twice(VirtualChannelRouter):
    """A flaw: the last flit of a packet stays in its queue when it is sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        unit = self.inputs[-1]
        with m.If(unit.front.last):
            m.d.comb += unit.queue.deq.ready.eq(0)
        return m


class Overrunning(VirtualChannelRouter):
    """A flaw: a packet gets a virtual channel whether there is room behind it or not."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        for unit in self.inputs:
            m.d.comb += [offered.eq(1) for offered in unit.offered.values()]
        return m


class Generous(VirtualChannelRouter):
    """A flaw: a credit goes back for what comes in, and not for what has left."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.sync += self.link_in[0].credit.eq(self.link_in[0].valid)
        return m


class Stack(StreamFIFO):
    """Two places, of which the one written last is read first."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        places = [Signal.like(self.enq.payload.as_value()) for _ in range(2)]
        count = Signal(range(3))
        writes, reads = self.enq.valid & self.enq.ready, self.deq.valid & self.deq.ready
        m.d.comb += [
            self.level.eq(count),
            self.enq.ready.eq(count != 2),
            self.deq.valid.eq(count != 0),
            self.deq.payload.eq(Mux(count == 2, places[1], places[0])),
        ]
        m.d.sync += count.eq(count + writes - reads)
        with m.If(writes):
            with m.If((count - reads) == 0):
                m.d.sync += places[0].eq(self.enq.payload)
            with m.Else():
                m.d.sync += places[1].eq(self.enq.payload)
        return m


class Overtaking(VirtualChannelRouter):
    """A flaw: of two packets on a virtual channel, the later one leaves first."""

    def __init__(self, params: NetworkParams) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(input_unit, "input_queue", lambda shape, params, **notes: Stack(shape, depth=2))
            super().__init__(params)


class _Way:
    """Flits that pass in one direction at one place: on a virtual channel of a link, or from or to the tile."""

    def __init__(self, m: Module, name: str, passes: Value, flit: Any, *, flits: int) -> None:
        self.name, self.passes, self.flit = name, passes, flit
        self.inside = Signal(name=f"inside_{name}")  # the head of a packet has passed, and its last flit has not
        self.sign = Signal(name=f"sign_{name}")  # of the head that has passed
        with m.If(passes):
            m.d.sync += self.inside.eq(~flit.last)
            with m.If(~self.inside):
                m.d.sync += self.sign.eq(flit.data.head.neuron[0])
        # The packet's second flit is its last, and has the same sign as its head.
        self.whole = flit.last if flits == 1 else (flit.last == self.inside)
        if flits > 1:
            self.whole &= ~self.inside | (flit.data.body.stamp[2] == self.sign)

    def marked(self, bit: int, *, flits: int) -> Value:
        """Whether a flit with a mark passes: a packet's last one, one of whose bits is the mark."""
        bits = self.flit.data.head.neuron if flits == 1 else self.flit.data.body.stamp
        return self.passes & self.flit.last & bits[bit]


def contract(router: VirtualChannelRouter) -> Module:
    """Nothing is lost, sent twice, sent astray or sent without room; order and packets are kept; credits are right.

    Any packets at any time, on any virtual channel that has room by the credits that the router gave back; the
    neighbours give credits back, and the tile takes flits, when they like.
    """
    m = Module()
    m.submodules.router = router
    flits = router.params.flits_per_packet
    m.d.comb += [router.here.row.eq(HERE["row"]), router.here.col.eq(HERE["col"])]
    ways: dict[str, list[_Way]] = {"in": [], "out": []}
    origins: list[int] = []  # numbers of the inputs, in the order of ``ways["in"]``

    def ports_of(name: str, flit: Any, came_in: Port) -> Value:
        ports = Cat(Signal(name=f"{name}_{port.name}") for port in Port)
        router.routing.gates(m, HeadSignals(router.here, flit.data.head.dst, came_in, Cat(1)), ports)
        return ports

    for side, stream, must in (("in", router.local_in, Assume), ("out", router.local_out, Assert)):
        way = _Way(m, f"local_{side}", stream.valid & stream.ready, stream.payload, flits=flits)
        ways[side].append(way)
        waiting, before = Signal(name=f"{side}_waiting"), Signal.like(stream.payload.as_value(), name=f"{side}_before")
        m.d.sync += [waiting.eq(stream.valid & ~stream.ready), before.eq(stream.payload)]
        m.d.comb += [
            must(~waiting | (stream.valid & (stream.payload.as_value() == before))),
            must(~stream.valid | way.whole),
        ]
    came, went = (ways[side][0] for side in ("in", "out"))
    m.d.comb += [
        Assume(~router.local_in.valid | came.inside | ~ports_of("enter_local", came.flit, Port.LOCAL)[Port.LOCAL]),
        Assert(~router.local_out.valid | went.inside | ports_of("leave_local", went.flit, Port.LOCAL)[Port.LOCAL]),
    ]
    for number, port in enumerate(LINKS):
        for side, link, must in (("in", router.link_in[number], Assume), ("out", router.link_out[number], Assert)):
            m.d.comb += must((link.valid & (link.valid - 1)) == 0)
            name = f"{port.name.lower()}_{side}"
            ports = ports_of(name, link.flit, port if side == "in" else Port.LOCAL)
            for channel in range(CHANNELS):
                way = _Way(m, f"{name}_{channel}", link.valid[channel], link.flit, flits=flits)
                ways[side].append(way)
                behind = Signal(range(DEPTH + 1), name=f"behind_{name}_{channel}")
                m.d.sync += behind.eq(behind + link.valid[channel] - link.credit[channel])
                # Whoever sends finds room; whoever gets flits gives a credit back for each, once.
                other = Assert if side == "in" else Assume
                m.d.comb += [
                    must(~link.valid[channel] | (behind < DEPTH)),
                    must(~link.valid[channel] | way.whole),
                    other(~link.credit[channel] | (behind != 0)),
                ]
                if side == "in":
                    legal = Cat(ports[out] for out in Port if (port, out) in router.turns).any()
                    unit = next(unit for unit in router.inputs if (unit.port, unit.channel) == (port, channel))
                    m.d.comb += [
                        Assume(~link.valid[channel] | way.inside | legal),
                        Assert(behind == unit.queue.level + link.credit[channel]),
                    ]
                else:
                    m.d.comb += Assert(~link.valid[channel] | way.inside | ports[port])
    origins.extend(range(len(ways["in"])))

    # In every cycle, as many flits pass on as leave the queues.
    read = [unit.queue.deq.valid & unit.queue.deq.ready for unit in router.inputs]
    m.d.comb += Assert(sum(read) == sum(way.passes for way in ways["out"]))
    inside = Cat(unit.queue.deq.valid for unit in router.inputs).any()

    # Two flits may carry a mark, each its own, the first one before the second and on the same way. Each comes out
    # once at most, the first one before the second, and is in the router until then.
    here, gone, origin = Signal(2), Signal(2), Signal(range(len(origins)))
    for bit in range(2):
        comes = Cat(way.marked(bit, flits=flits) for way in ways["in"])
        goes = Cat(way.marked(bit, flits=flits) for way in ways["out"])
        m.d.comb += [
            Assume(sum(comes) + here[bit] <= 1),
            Assert(sum(goes) + gone[bit] <= here[bit]),
            Assert(~here[bit] | gone[bit] | inside),
        ]
        with m.If(comes.any()):
            m.d.sync += here[bit].eq(1)
        with m.If(goes.any()):
            m.d.sync += gone[bit].eq(1)
        if bit == 0:
            for number in origins:
                with m.If(comes[number]):
                    m.d.sync += origin.eq(number)
        else:
            m.d.comb += Assume(Cat(comes[number] & ~(here[0] & (origin == number)) for number in origins) == 0)
            m.d.comb += Assert(~goes.any() | gone[0])
    return m


def shown(router: VirtualChannelRouter, bound: int) -> bool:
    inputs = [router.local_in.valid, router.local_in.payload, router.local_out.ready]
    for incoming, outgoing in zip(router.link_in, router.link_out, strict=True):
        inputs += [incoming.valid, incoming.flit, outgoing.credit]
    return holds(contract(router), inputs, steps=bound, induction=False)


def params(flits: int) -> NetworkParams:
    words = {"neurons": 4, "stamp_bits": 0} if flits == 1 else {"neurons": 2, "stamp_bits": 3}
    return NetworkParams(rows=3, cols=3, buffer_depth=DEPTH, flits_per_packet=flits, virtual_channels=CHANNELS, **words)


@pytest.mark.parametrize(("flits", "bound"), [(1, 5), (2, 4)])
def test_a_router_with_virtual_channels_keeps_its_contract(flits: int, bound: int) -> None:
    """Bounded: so many cycles from reset. Two packets of one flit, or one of two, enter and leave a channel in them."""
    assert shown(VirtualChannelRouter(params(flits)), bound)


@pytest.mark.parametrize(
    ("kind", "flits"),
    [(Hasty, 2), (Astray, 1), (Lossy, 1), (Twice, 1), (Overrunning, 1), (Generous, 1), (Overtaking, 1)],
)
def test_a_flaw_is_found(kind: type[VirtualChannelRouter], flits: int) -> None:
    assert not shown(kind(params(flits)), 5)
