# amaranth: UnusedElaboratable=no
"""Of what the host sends, nothing is accepted twice, out of order, or without room; and credit that was given holds."""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Signal
from formal.prover import State, holds

from synaptile.rtl.fpga.link_input import LinkInput

pytestmark = pytest.mark.formal

SIZE = 8
_PLACES = 3  # bits of a place in the memory


def contract(link: LinkInput, *, blind: bool = False) -> tuple[Module, list[Any]]:
    """Any frames, sessions and readers: what is read is, byte by byte, what came in frames that continue each other.

    Of the bytes at one position, whichever it is, ``candidate`` is that of the frame which is coming, if it ``came``,
    and ``content`` that which has been accepted and not read. With ``blind``, the circuit does not see positions.
    """
    m = Module()
    m.submodules.input = link
    given, position, before, watch, accepted, read = (
        Signal(16, name=name) for name in ("given", "position", "before", "watch", "accepted", "read")
    )
    length, candidate, content = (Signal(8, name=name) for name in ("length", "candidate", "content"))
    bad, loaded, inside, came, stored, right, within, taking = (
        Signal(name=name) for name in ("bad", "loaded", "inside", "came", "stored", "right", "within", "taking")
    )
    whole = Signal(init=1)  # all bytes came in the session, in order, and within what the host had been told
    m.d.sync += [loaded.eq(1), before.eq(position)]
    with m.If(~loaded):
        m.d.sync += watch.eq(given)
    m.d.comb += [
        link.position.eq(link.expected if blind else position),
        link.length.eq(length),
        link.ended.eq(link.good | bad),
        inside.eq(length != 0),
        # As the frames' receiver does it, and the link: the position of a frame stays, and 255 bytes are the most.
        Assume(loaded | ~(link.data_valid | link.good)),
        Assume(~link.data_valid | ~(link.good | bad)),
        Assume(~link.data_valid | (length != 0xFF)),
        Assume(~inside | (position == before)),
        Assume(~link.clear | ~link.ours),
        right.eq(link.ours & (position == accepted)),
        within.eq((position + length - read)[:16] < SIZE),
        taking.eq(link.down.valid & link.down.ready),
        Assert(link.expected == accepted),
        Assert(link.level == (accepted - read)[:16]),
        Assert((accepted - read)[:16] <= SIZE),
        Assert(link.limit == (read + SIZE)[:16]),
        Assert(~link.down.valid | (accepted != read)),
        Assert(stored == ((watch - read)[:16] < (accepted - read)[:16])),
        Assert(came == ((watch - position)[:16] < length)),
        # Credit: what the host was told that there is room for is taken.
        Assert(~(link.good & right & whole) | ~link.overflow),
        # What is read in turn is what was accepted there.
        Assert(~(taking & (read == watch)) | (stored & (link.down.payload == content))),
    ]
    with m.If(link.data_valid):
        m.d.sync += [length.eq(length + 1), whole.eq(whole & right & within)]
        with m.If((position + length)[:16] == watch):
            m.d.sync += [came.eq(1), candidate.eq(link.data)]
    with m.If(link.ended):
        m.d.sync += [length.eq(0), came.eq(0), whole.eq(1)]
    with m.If(taking):
        m.d.sync += read.eq(read + 1)
        with m.If(read == watch):
            m.d.sync += stored.eq(0)
    with m.If(link.good & right & ~link.overflow):
        m.d.sync += accepted.eq(accepted + length)
        with m.If(came):
            m.d.comb += Assert(~stored)
            m.d.sync += [stored.eq(1), content.eq(candidate)]
    with m.If(link.clear):
        m.d.sync += [accepted.eq(0), read.eq(0), stored.eq(0)]
    inputs = [given, position, bad, link.clear, link.ours, link.data, link.data_valid, link.good, link.down.ready]
    return m, inputs


def kept(state: State, place: str, value: str) -> str:
    """That the memory holds a value at the place of a position, in SMT."""
    low = f"((_ extract {_PLACES - 1} 0) {place})"
    return "(and " + " ".join(
        f"(=> (= {low} (_ bv{row} {_PLACES})) (= {state[f'input.ring.storage[{row}]']} {value}))" for row in range(SIZE)
    ) + ")"  # fmt: skip


def inside(state: State) -> str:
    """Where bytes lie in the memory, in SMT."""
    position, accepted, read, length = (state[name] for name in ("before", "accepted", "read", "length"))
    watch, size, none = state["watch"], f"(_ bv{SIZE} 16)", "(_ bv0 16)"
    begun = f"(not {state.equal('length', 0, 8)})"
    behind = f"(bvsub (bvadd {position} ((_ zero_extend 8) {length})) {read})"
    fresh = f"(and (= {accepted} {none}) (= {read} {none}))"
    conditions = [
        f"(= {state['input.taken']} {read})",
        f"(= {state['input.lost']} (not {state['whole']}))",
        f"(=> {state['input.lost']} {begun})",
        f"(=> (and {begun} {state['whole']}) (and (bvule {length} (_ bv{SIZE} 8)) "
        f"(or (and (= {position} {accepted}) (bvule {behind} {size})) {fresh})))",
        f"(=> {state['stored']} {kept(state, watch, state['content'])})",
        f"(=> (and {state['came']} {state['whole']}) {kept(state, watch, state['candidate'])})",
        f"(=> {state['input.down__valid']} {kept(state, read, state['input.ring.word'])})",
        f"(or {state['loaded']} (= {length} (_ bv0 8)))",
    ]
    return f"(and {' '.join(conditions)})"


def test_every_byte_is_accepted_once_and_in_order_for_ever() -> None:
    circuit, inputs = contract(LinkInput(SIZE))
    assert holds(circuit, inputs, steps=2, induction=True, strengthened=inside)


def test_a_link_that_does_not_heed_positions_is_found() -> None:
    circuit, inputs = contract(LinkInput(SIZE), blind=True)
    assert not holds(circuit, inputs, steps=6, induction=False)
