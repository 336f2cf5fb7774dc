# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.stream_harness import simulate

from synaptile.bridge.fpga.frames import cobs_decode, cobs_encode
from synaptile.rtl.fpga.cobs import CobsDecoder, CobsEncoder

FRAMES = st.lists(st.lists(st.sampled_from([0, 0, 1, 2, 255]), max_size=12).map(bytes), min_size=1, max_size=4)


# The examples of the paper by Cheshire and Baker, and of its lengths around 254.
@pytest.mark.parametrize(
    ("data", "encoded"),
    [
        ("", "01"),
        ("00", "0101"),
        ("0000", "010101"),
        ("001100", "01021101"),
        ("11220033", "0311220233"),
        ("11223344", "0511223344"),
        ("11000000", "0211010101"),
        ("01" * 254, "ff" + "01" * 254),
        ("01" * 255, "ff" + "01" * 254 + "0201"),
        ("00" + "01" * 254, "01ff" + "01" * 254),
    ],
)
def test_known_frames(data: str, encoded: str) -> None:
    assert cobs_encode(bytes.fromhex(data)).hex() == encoded
    assert cobs_decode(bytes.fromhex(encoded)) == bytes.fromhex(data)


@given(st.one_of(st.binary(max_size=600), st.lists(st.sampled_from([0, 7]), max_size=600).map(bytes)))
def test_the_host_decodes_what_it_encodes(data: bytes) -> None:
    encoded = cobs_encode(data)
    assert 0 not in encoded
    assert len(encoded) <= len(data) + 1 + len(data) // 254
    assert cobs_decode(encoded) == data


@given(st.binary(max_size=30))
def test_the_host_decodes_anything(encoded: bytes) -> None:
    data = cobs_decode(encoded)
    assert data is None or len(data) < max(1, len(encoded))


def encoded_by_gates(frames: list[bytes], taking: list[bool], waves: Path) -> bytes:
    out = bytearray()

    async def bench(ctx: Any, encoder: CobsEncoder) -> None:
        offers = [(byte, False) for frame in frames for byte in [*frame, None]]
        cycle = idle = 0
        while idle < 8:
            byte = offers[0][0] if offers else None
            ctx.set(encoder.data.valid, bool(offers))
            ctx.set(encoder.data.payload, 0x55 if byte is None else byte)
            ctx.set(encoder.end, bool(offers) and byte is None)
            take = taking[cycle % len(taking)]
            ctx.set(encoder.encoded.ready, take)
            if take and ctx.get(encoder.encoded.valid):
                out.append(ctx.get(encoder.encoded.payload))
            idle = 0 if offers or ctx.get(encoder.encoded.valid) else idle + 1
            if offers and ctx.get(encoder.data.ready):
                del offers[0]
            cycle += 1
            await ctx.tick()

    simulate(CobsEncoder, bench, waves=waves)
    return bytes(out)


def decoded_by_gates(line: bytes, waves: Path, every: int = 1) -> list[tuple[bytes, bool]]:
    frames: list[tuple[bytes, bool]] = []

    async def bench(ctx: Any, decoder: CobsDecoder) -> None:
        frame = bytearray()
        for place in range(len(line) * every + 2):
            byte, rest = divmod(place, every)
            ctx.set(decoder.encoded_valid, rest == 0 and byte < len(line))
            ctx.set(decoder.encoded, line[byte] if byte < len(line) else 0)
            if ctx.get(decoder.valid):
                frame.append(ctx.get(decoder.data))
            if ctx.get(decoder.end):
                assert not ctx.get(decoder.valid)
                frames.append((bytes(frame), bool(ctx.get(decoder.broken))))
                frame.clear()
            await ctx.tick()

    simulate(CobsDecoder, bench, waves=waves)
    return frames


@settings(max_examples=examples(25, 2000), deadline=None)
@given(FRAMES, st.lists(st.booleans(), min_size=1, max_size=5).filter(any))
@example([bytes(range(1, 255)), b"\1" * 255, b""], [True])
@example([b"\1" * 253, b"\1" * 254 + b"\0"], [True, False, False])
@example([b"\1" * 600], [False, True])
def test_gates_encode_as_the_host_does(waves: Path, frames: list[bytes], taking: list[bool]) -> None:
    assert encoded_by_gates(frames, taking, waves) == b"".join(cobs_encode(frame) + b"\0" for frame in frames)


@settings(max_examples=examples(25, 2000), deadline=None)
@given(FRAMES, st.integers(1, 3))
@example([b"\1" * 254, b"\1" * 255 + b"\0" * 3], 1)
def test_gates_decode_what_the_host_encodes(waves: Path, frames: list[bytes], every: int) -> None:
    line = b"".join(cobs_encode(frame) + b"\0" for frame in frames)
    assert decoded_by_gates(line, waves, every) == [(frame, False) for frame in frames]


@settings(max_examples=examples(25, 2000), deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 255]), max_size=30).map(bytes))
def test_gates_decode_anything_as_the_host_does(waves: Path, line: bytes) -> None:
    for (data, broken), encoded in zip(decoded_by_gates(line, waves), line.split(b"\0")[:-1], strict=True):
        expected = cobs_decode(encoded)
        assert broken == (expected is None)
        assert broken or data == expected
