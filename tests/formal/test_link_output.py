# amaranth: UnusedElaboratable=no
"""Of what is sent to the host, nothing goes beyond its credit, and nothing is forgotten before it is acknowledged."""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Signal
from formal.prover import State, holds

from synaptile.rtl.fpga import link_output
from synaptile.rtl.fpga.link_output import LinkOutput

pytestmark = pytest.mark.formal

SIZE, ROOM_BITS = 8, 1
_PLACES = 3  # bits of a place in the memory


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_output, "_ROOM_BITS", ROOM_BITS)


def contract(link: LinkOutput, *, generous: bool = False) -> tuple[Module, list[Any]]:
    """Any data, frames, acknowledgements, limits and losses; the host acknowledges nothing that was not sent.

    Of the byte at one position, whichever it is, ``content`` is what came, until it is acknowledged (``stored``). With
    ``generous``, the circuit is told of more room than there is.
    """
    m = Module()
    m.submodules.output = link
    given, watch, written, acked, most, limit, before, was_acked = (
        Signal(16, name=name) for name in ("given", "watch", "written", "acked", "most", "limit", "before", "was_acked")
    )
    real, held, ahead, left, progress, past = (
        Signal(16, name=name) for name in ("real", "held", "ahead", "left", "progress", "past")
    )
    content = Signal(8)
    loaded, stored, taking, coming, fresh, jumped = (
        Signal(name=name) for name in ("loaded", "stored", "taking", "coming", "fresh", "jumped")
    )
    was_idle = Signal(init=1)
    was_passed, was_clear = (Signal(name=name) for name in ("was_passed", "was_clear"))
    sent = link.position
    m.d.sync += [loaded.eq(1), was_idle.eq(link.idle), before.eq(sent), was_passed.eq(taking)]
    m.d.sync += [was_clear.eq(link.clear), was_acked.eq(acked)]
    with m.If(~loaded):
        m.d.sync += watch.eq(given)
    m.d.comb += [
        link.limit.eq(real + generous),
        held.eq(written - acked),
        ahead.eq(most - sent),
        left.eq(limit - sent),
        progress.eq(link.ack - acked),
        past.eq(sent - acked),
        coming.eq(link.up.valid & link.up.ready),
        taking.eq(link.data.valid & link.data.ready),
        fresh.eq(link.heard & ~progress[15]),
        jumped.eq(loaded & ~was_passed & ~was_clear & (sent != before)),
        Assume(loaded | ~(link.up.valid | link.heard | link.greeted)),
        Assume(~link.clear | ~link.heard),
        Assume(~fresh | (progress <= (most - acked)[:16])),
        # As the frames' sender does it: a frame begins when it may, and takes data while there are more.
        Assume(link.idle | ~was_idle | link.ready),
        Assume(~link.data.ready | (link.more & ~link.idle)),
        Assert(held <= SIZE),
        Assert(~coming | (held < SIZE)),
        Assert((most - acked)[:16] <= held),
        Assert(ahead <= SIZE),
        # Nothing is sent that was not written, or for which the host has no room.
        Assert(~taking | ((left != 0) & ~left[15])),
        Assert(~taking | ((written - sent)[:16] != 0)),
        Assert((written - sent)[:16] <= 2 * SIZE),
        # It goes on where it was, or from the first byte without an acknowledgement, between frames only.
        Assert(~jumped | (was_idle & (sent == was_acked))),
        Assert(~link.room | (held <= SIZE - (1 << ROOM_BITS))),
        Assert(stored == ((watch - acked)[:16] < held)),
        # What is sent at a position is what was written there, also when it is sent again.
        Assert(~(taking & (sent == watch) & stored) | (link.data.payload == content)),
    ]
    with m.If(coming):
        m.d.sync += written.eq(written + 1)
        with m.If(written == watch):
            m.d.sync += [stored.eq(1), content.eq(link.up.payload)]
    with m.If(fresh):
        m.d.sync += [acked.eq(link.ack), limit.eq(real)]
        with m.If((watch - acked)[:16] < progress):
            m.d.sync += stored.eq(0)
    with m.If(link.greeted):
        m.d.sync += limit.eq(real)
    with m.If(taking & (sent == most)):
        m.d.sync += most.eq(most + 1)
    with m.If(link.clear):
        m.d.sync += [written.eq(0), acked.eq(0), most.eq(0), stored.eq(0)]
    inputs = [
        given, real, link.clear, link.up.valid, link.up.payload, link.heard, link.ack, link.gap, link.greeted,
        link.unit, link.idle, link.data.ready,
    ]  # fmt: skip
    return m, inputs


def kept(state: State, place: str, value: str) -> str:
    """That the memory holds a value at the place of a position, in SMT."""
    low = f"((_ extract {_PLACES - 1} 0) {place})"
    return "(and " + " ".join(
        f"(=> (= {low} (_ bv{row} {_PLACES})) (= {state[f'output.ring.storage[{row}]']} {value}))"
        for row in range(SIZE)
    ) + ")"  # fmt: skip


def inside(state: State) -> str:
    """Where bytes lie in the memory, in SMT."""
    written, acked, sent = state["written"], state["acked"], state["output.position"]
    held = f"(bvult (bvsub {sent} {acked}) (bvsub {written} {acked}))"
    conditions = [
        f"(= {state['output.written']} {written})",
        f"(= {state['output.acked']} {acked})",
        f"(= {state['output.granted']} {state['limit']})",
        f"(=> {state['stored']} {kept(state, state['watch'], state['content'])})",
        f"(=> (and {state['output.data__valid']} {held}) {kept(state, sent, state['output.ring.word'])})",
        f"(or {state['loaded']} (= {written} (_ bv0 16)))",
    ]
    return f"(and {' '.join(conditions)})"


def test_credit_is_heeded_and_what_is_unacknowledged_is_kept_for_ever() -> None:
    circuit, inputs = contract(LinkOutput(SIZE))
    assert holds(circuit, inputs, steps=2, induction=True, strengthened=inside)


def test_a_link_that_sends_beyond_its_credit_is_found() -> None:
    circuit, inputs = contract(LinkOutput(SIZE), generous=True)
    assert not holds(circuit, inputs, steps=8, induction=False)
