# amaranth: UnusedElaboratable=no
"""The decoder of frames makes of what the encoder sends the same bytes and ends again, in order, whatever they are.

Bounded: so many cycles from reset. Pieces are of 2 bytes at most instead of 254, so that long ones are among them.
"""

from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Mux, Signal
from formal.prover import holds
from support.effort import examples

from synaptile.rtl.fpga import cobs
from synaptile.rtl.fpga.cobs import CobsDecoder, CobsEncoder

pytestmark = pytest.mark.formal

LONGEST, PLACES = 3, 8


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces and the encoder's memory."""
    monkeypatch.setattr(cobs, "_LONGEST", LONGEST)
    monkeypatch.setattr(cobs, "_PLACES", PLACES)


def round_trip(*, forget: bool = False, noise: int = 0, every: int = 0) -> tuple[Module, list[Any]]:
    """An encoder, a line, and a decoder.

    Bytes and ends are counted. Of one, whichever it is, it is kept what it was. The line takes a byte in every cycle of
    so many (``every``) while the encoder always has something to do; with 0, all of this is as may be. With ``noise``,
    the decoder gets so many bytes of any kind before, and a 0. With ``forget``, the line makes bytes of 3 those of 2.
    """
    m = Module()
    m.submodules.encoder, m.submodules.decoder = encoder, decoder = CobsEncoder(), CobsDecoder()
    given, watch, into, out = (Signal(5, name=name) for name in ("given", "watch", "into", "out"))
    loaded, seen, ended = (Signal(name=name) for name in ("loaded", "seen", "ended"))
    taking, any_byte, byte = Signal(), Signal(8), Signal(8)
    before = Signal(range(noise + 3))
    source, line = encoder.data, encoder.encoded
    quiet = before != noise + 2
    m.d.sync += loaded.eq(1)
    with m.If(~loaded):
        m.d.sync += watch.eq(given)
    with m.If(quiet & loaded):
        m.d.sync += before.eq(before + 1)
    m.d.comb += [
        Assume(loaded | ~source.valid),
        line.ready.eq(taking & ~quiet),
        decoder.encoded.eq(line.payload),
        decoder.encoded_valid.eq(line.valid & line.ready),
    ]
    if every:
        phase = Signal(range(every))
        m.d.sync += phase.eq(Mux(phase == every - 1, 0, phase + 1))
        m.d.comb += [Assume(source.valid | ~loaded), Assume(taking == (phase == 0))]
    if forget:
        with m.If(line.payload == 3):
            m.d.comb += decoder.encoded.eq(2)
    with m.If(loaded & quiet & (before != noise + 1)):
        m.d.comb += [decoder.encoded_valid.eq(1), decoder.encoded.eq(any_byte)]
        with m.If(before == noise):
            m.d.comb += decoder.encoded.eq(0)
    with m.If(source.valid & source.ready):
        m.d.sync += into.eq(into + 1)
        with m.If(into == watch):
            m.d.sync += [seen.eq(1), ended.eq(encoder.end), byte.eq(source.payload)]
    with m.If((decoder.valid | decoder.end) & ~quiet):
        m.d.sync += out.eq(out + 1)
        m.d.comb += [
            Assert(out < into),
            Assert((out != watch) | (seen & (decoder.end == ended) & (ended | (decoder.data == byte)))),
            Assert(~(decoder.valid & decoder.end)),
            Assert(~(decoder.end & decoder.broken)),
        ]
    return m, [given, taking, any_byte, source.valid, source.payload, encoder.end]


@pytest.mark.parametrize(("every", "steps"), [(0, examples(12, 16)), (1, examples(24, 32)), (3, examples(28, 36))])
def test_frames_come_out_as_they_went_in(every: int, steps: int) -> None:
    circuit, inputs = round_trip(every=every)
    assert holds(circuit, inputs, steps=steps, induction=False)


def test_whatever_came_before_a_0_does_not_matter() -> None:
    circuit, inputs = round_trip(noise=3, every=1)
    assert holds(circuit, inputs, steps=examples(18, 26), induction=False)


def test_a_line_that_changes_bytes_is_found() -> None:
    circuit, inputs = round_trip(forget=True, every=1)
    assert not holds(circuit, inputs, steps=16, induction=False)
