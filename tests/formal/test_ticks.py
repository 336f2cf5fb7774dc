# amaranth: UnusedElaboratable=no
"""What belongs to a tick happens in it: events, and the end of it."""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Signal, Value
from formal.firing import firing as firing
from formal.prover import holds
from support.effort import examples

from synaptile.rtl import NetworkParams, core_mesh
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.core.payload import Kind
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import CoreTile, payload_bits

pytestmark = pytest.mark.formal

PARAMS = CoreParams(
    axons=4, neurons=4, lanes=4, weight_bits=1, state_bits=8, targets=2, refractory_bits=1, neuron="delta-lif"
)


class Unaware(NeurosynapticCore):
    """A flaw: the queue does not know that ticks wait."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.queue.behind.eq(0)
        return m


def one_event(core: NeurosynapticCore) -> tuple[Module, list[Any]]:
    """The only event, taken when a tick has begun everywhere, acts ``delay`` ticks after it here, and only then."""
    m = Module()
    m.submodules.core = core
    queue, arrival = core.queue, core.arrivals.payload
    begun, own, acts = Signal(5), Signal(5), Signal(6)  # ticks that have begun, those of the core, that of the event
    came, pending, refused = Signal(), Signal(), Signal()
    taken = core.arrivals.valid & core.arrivals.ready
    out = queue.events.valid & queue.events.ready
    m.d.comb += [Assume(~core.arrivals.valid | ~came), Assume(~begun[-1])]
    m.d.sync += [refused.eq(0), begun.eq(begun + core.tick), own.eq(own + queue.advance)]
    with m.If(taken):
        m.d.sync += [came.eq(1), pending.eq(1), acts.eq(begun + arrival.delay)]
    with m.If(core.refused | out):
        m.d.sync += pending.eq(0)
    m.d.comb += [
        Assert(~out | (pending & (own == acts))),
        Assert(~(queue.advance & pending & ~core.refused & (own == acts))),
    ]
    return m, [core.tick, core.arrivals.valid, core.arrivals.payload]


def test_a_spike_is_never_seen_in_the_tick_in_which_it_was_sent_or_before() -> None:
    """Bounded: so many cycles from reset, with ticks at any of them. A delay is 1 at least."""
    circuit, inputs = one_event(NeurosynapticCore(PARAMS, 1))
    assert holds(circuit, inputs, steps=20, induction=False)


def test_an_event_that_acts_too_early_is_found() -> None:
    circuit, inputs = one_event(Unaware(PARAMS, 1))
    assert not holds(circuit, inputs, steps=20, induction=False)


class Forgetful(CoreTile):
    """A flaw: it is not busy while it offers a packet to the network."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(~self.core.busy):
            m.d.comb += self.busy.eq(0)
        return m


def chip(*, last: int = 1) -> CoreMesh:
    """A tile, whose first neuron sends itself an event and the host a report."""
    network = NetworkParams(rows=1, cols=1, flits_per_packet=1, stamp_bits=0, buffer_depth=1)
    found = CoreMesh(network.replace(neurons=1 << payload_bits(PARAMS, network)), PARAMS)
    sender = found.tiles[0].core.sender
    sender.firsts.storage.init = [[{"entry": 0, "sends": 1}]]
    sender.entries.storage.init = [[{"event": {"axon": 1, "delay": 1}}], [{"last": last}]]
    return found


def barrier(found: CoreMesh, longest: int) -> tuple[Module, list[Any]]:
    """``busy`` is 1 while a packet is under way or a core at work, and 0 so many cycles after the last input."""
    m = Module()
    m.submodules.chip = found
    (tile,) = found.tiles
    core = tile.core
    into = [core.spikes, found.host_in]
    out = [core.arrivals, found.host_out]
    under_way, new = Signal(4), Signal()
    passes = [stream.valid & stream.ready for stream in (*into, *out)]
    m.d.sync += under_way.eq(under_way + passes[0] + passes[1] - passes[2] - passes[3])
    quiet = Signal(range(longest + 1))
    given = found.tick | found.host_in.valid
    began = Signal()
    m.d.sync += [new.eq(given), began.eq(found.tick)]
    with m.If(given):
        m.d.sync += quiet.eq(0)
    with m.Elif(quiet != longest):
        m.d.sync += quiet.eq(quiet + 1)
    payload = Value.cast(found.host_in.payload.payload)
    m.d.comb += [
        found.host_out.ready.eq(1),
        Assume(~found.tick | ~found.busy),  # else ticks could wait, for as long as they like
        Assume(payload[:2] == Kind.EVENT),
        Assume(payload[2:4] == 1),  # an axon: with more of them a tick takes longer
        Assume(payload[4:8] != 0),
        Assert(found.busy | ~began),
        Assert(found.busy | new | ((under_way == 0) & ~core.busy)),
        Assert(~found.busy | (quiet != longest)),
    ]
    return m, [found.tick, found.host_in.valid, found.host_in.payload]


LONGEST = 28
"""Cycles after the last input in which all of a tick can happen."""


@pytest.mark.usefixtures("firing")
def test_the_barrier_neither_falls_early_nor_stays() -> None:
    """Bounded: so many cycles from reset, in which a tick begins, spikes are sent, and all comes to rest."""
    circuit, inputs = barrier(chip(), LONGEST)
    assert holds(circuit, inputs, steps=examples(LONGEST + 2, LONGEST + 8), induction=False)


@pytest.mark.usefixtures("firing")
def test_a_barrier_that_falls_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_mesh, "CoreTile", Forgetful)
    circuit, inputs = barrier(chip(), LONGEST)
    assert not holds(circuit, inputs, steps=12, induction=False)


@pytest.mark.usefixtures("firing")
def test_a_barrier_that_stays_is_found() -> None:
    """A list of targets has no end."""
    circuit, inputs = barrier(chip(last=0), LONGEST)
    assert not holds(circuit, inputs, steps=LONGEST + 2, induction=False)
