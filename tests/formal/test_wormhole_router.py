# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Signal, Value
from formal.prover import holds
from support.effort import examples

from synaptile.rtl import NetworkParams, Port, Router
from synaptile.rtl.routing import HeadSignals, turns

pytestmark = pytest.mark.formal


class Hasty(Router):
    """A flaw: an output is given away before its packet has ended."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.outputs[Port.LOCAL].arbiter.ends.eq(self.local_out.valid & self.local_out.ready)
        return m


class Astray(Router):
    """A flaw: what the tile sends leaves to the north too, wherever it is sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += [
            self.leaving(Port.NORTH).payload.eq(self.inputs[Port.LOCAL].front),
            self.leaving(Port.NORTH).valid.eq(self.inputs[Port.LOCAL].queue.deq.valid),
        ]
        return m


def contract(router: Router) -> Module:
    """Nothing is lost, sent twice, sent astray or changed while it waits; packets do not mix.

    Packets of two flits, of any kind and at any time, at every input that the routing sends them to.
    """
    m = Module()
    m.submodules.router = router
    params = router.params
    possible = turns(router.routing)
    m.d.comb += [Assume(router.here.row < params.rows), Assume(router.here.col < params.cols)]
    here = Signal.like(router.here.as_value())
    known = Signal()
    m.d.sync += [here.eq(router.here), known.eq(1)]
    m.d.comb += Assume(~known | (here == router.here.as_value()))

    def permitted(name: str, dst: Value, came_in: Port) -> Value:
        ports = Cat(Signal(name=f"{name}_{port.name}") for port in Port)
        router.routing.gates(m, HeadSignals(router.here, dst, came_in, Cat(1)), ports)
        return ports

    entering, leaving = [router.entering(port) for port in Port], [router.leaving(port) for port in Port]
    for streams, must in ((entering, Assume), (leaving, Assert)):
        for port in Port:
            stream, side = streams[port], "in" if must is Assume else "out"
            waiting, before = Signal(name=f"{side}_waiting_{port}"), Signal.like(stream.payload.as_value())
            inside = Signal(name=f"{side}_inside_{port}")
            m.d.sync += [waiting.eq(stream.valid & ~stream.ready), before.eq(stream.payload)]
            m.d.comb += must(~waiting | (stream.valid & (stream.payload.as_value() == before)))
            # Flits come in pairs, the second one being the last.
            m.d.comb += must(~stream.valid | (stream.payload.last == inside))
            with m.If(stream.valid & stream.ready):
                m.d.sync += inside.eq(~inside)
            if must is Assume:
                dst = stream.payload.data.head.dst
                ways = permitted(f"enter_{port.name}", dst, port)
                for out in Port:
                    if (port, out) not in possible:
                        m.d.comb += Assume(~stream.valid | inside | ~ways[out])
            else:
                # Any way that leads nearer is permitted from some input, no other.
                dst = stream.payload.data.head.dst
                nearer = {
                    Port.LOCAL: (dst.row == router.here.row) & (dst.col == router.here.col),
                    Port.NORTH: dst.row < router.here.row,
                    Port.EAST: dst.col > router.here.col,
                    Port.SOUTH: dst.row > router.here.row,
                    Port.WEST: dst.col < router.here.col,
                }
                m.d.comb += Assert(~stream.valid | inside | nearer[port])
    # Every queue has what has come in and has not been read; in every cycle, as many flits pass on as are read.
    read = []
    for port in Port:
        queue = router.inputs[port].queue
        enq, deq, level = router.entering(port), queue.deq, queue.level
        kept = Signal.like(level, name=f"kept_{port.name}")
        read.append(deq.valid & deq.ready)
        m.d.sync += kept.eq(kept + (enq.valid & enq.ready) - read[-1])
        m.d.comb += Assert(level == kept)
    m.d.comb += Assert(sum(read) == sum(router.leaving(port).valid & router.leaving(port).ready for port in Port))
    inside = Cat(unit.queue.deq.valid for unit in router.inputs).any()

    # One flit may carry a mark, its lowest bit: it comes out once at most, and it is in the router until then.
    marked_in, marked_out = (
        [stream.valid & stream.ready & stream.payload.last & stream.payload.data.body.stamp[0] for stream in streams]
        for streams in (entering, leaving)
    )
    came, gone = Signal(), Signal()
    m.d.comb += [
        Assume((sum(marked_in) + came) <= 1),
        Assert((sum(marked_out) + gone) <= came),
    ]
    m.d.sync += [came.eq(came | Cat(marked_in).any()), gone.eq(gone | Cat(marked_out).any())]
    m.d.comb += Assert(~came | gone | inside)
    return m


def shown(router: Router, bound: int = 4) -> bool:
    inputs = [router.here]
    for port in Port:
        inputs += [router.entering(port).valid, router.entering(port).payload, router.leaving(port).ready]
    return holds(contract(router), inputs, steps=bound, induction=False)


def params(**policy: str) -> NetworkParams:
    return NetworkParams(rows=3, cols=3, buffer_depth=2, flits_per_packet=2, neurons=1, stamp_bits=1, **policy)


@pytest.mark.parametrize(
    ("policy", "bound"),
    [
        ({"routing": "xy"}, examples(4, 5)),
        ({"routing": "xy", "arbitration": "through-first"}, examples(3, 4)),
        ({"routing": "odd-even", "selection": "random"}, 3),
    ],
    ids=["xy", "through-first", "odd-even"],
)
def test_a_router_keeps_its_contract(policy: dict[str, str], bound: int) -> None:
    """Bounded: so many cycles from reset, in which a packet can enter and leave; one more with SYNAPTILE_THOROUGH=1."""
    assert shown(Router(params(**policy)), bound)


@pytest.mark.parametrize("kind", [Hasty, Astray])
def test_a_flaw_is_found(kind: type[Router]) -> None:
    assert not shown(kind(params()))
