# amaranth: UnusedElaboratable=no
"""The sender and the receiver of frames in gates, against the host's."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.stream_harness import simulate

from synaptile.bridge.fpga.frames import Frame, cobs_decode, cobs_encode
from synaptile.rtl.fpga.crc16 import crc16
from synaptile.rtl.fpga.frame import MAX_DATA, FrameKind
from synaptile.rtl.fpga.frame_receiver import FrameReceiver
from synaptile.rtl.fpga.frame_sender import FrameSender

NUMBERS = st.one_of(st.sampled_from([0, 1, 0xFF, 0x100, 0xFFFF]), st.integers(0, 0xFFFF))
FRAMES = st.builds(
    Frame, st.sampled_from(FrameKind), st.integers(0, 255), NUMBERS, NUMBERS, NUMBERS, st.binary(max_size=20),
    st.booleans(), st.integers(0, 15),
)  # fmt: skip


@settings(max_examples=examples(15, 1000), deadline=None)
@given(st.lists(FRAMES, min_size=1, max_size=3), st.integers(1, 3))
@example([Frame(FrameKind.DATA, 1, 2, 3, 4, bytes(range(MAX_DATA)))], 1)
def test_gates_send_what_the_host_would(waves: Path, frames: list[Frame], slow: int) -> None:
    async def bench(ctx: Any, sender: FrameSender) -> None:
        for frame in frames:
            header, waiting, out = sender.header, list(frame.data), bytearray()
            for name in ("kind", "gap", "session", "position", "ack", "limit", "version"):
                ctx.set(header[name], getattr(frame, name))
            assert ctx.get(sender.idle)
            ctx.set(sender.start, 1)
            for cycle in range(2000):
                ctx.set(sender.more, bool(waiting))
                ctx.set(sender.data.valid, bool(waiting) and cycle % slow == 0)
                ctx.set(sender.data.payload, waiting[0] if waiting else 0)
                ctx.set(sender.encoded.ready, 1)
                if ctx.get(sender.encoded.valid):
                    out.append(ctx.get(sender.encoded.payload))
                taken = ctx.get(sender.data.valid) and ctx.get(sender.data.ready)
                await ctx.tick()
                ctx.set(sender.start, 0)
                if taken:
                    del waiting[0]
                if out and out[-1] == 0:
                    break
            assert bytes(out) == frame.to_line()

    simulate(FrameSender, bench, waves=waves)


def test_a_frame_has_no_more_data_than_the_most(waves: Path) -> None:
    async def bench(ctx: Any, sender: FrameSender) -> None:
        ctx.set(sender.start, 1)
        ctx.set(sender.more, 1)
        ctx.set(sender.data.valid, 1)
        ctx.set(sender.encoded.ready, 1)
        out = bytearray()
        while not out or out[-1]:
            if ctx.get(sender.encoded.valid):
                out.append(ctx.get(sender.encoded.payload))
            await ctx.tick()
            ctx.set(sender.start, 0)
        line = [0] * 8 + [0] * MAX_DATA
        assert len(out) == len(line) + 3 + 2

    simulate(FrameSender, bench, waves=waves)


def received(line: bytes, waves: Path) -> list[Frame | None]:
    frames: list[Frame | None] = []

    async def bench(ctx: Any, receiver: FrameReceiver) -> None:
        data = bytearray()
        for place in range(len(line) + 3):
            ctx.set(receiver.byte, line[place] if place < len(line) else 1)
            ctx.set(receiver.byte_valid, place < len(line))
            if ctx.get(receiver.data_valid):
                data.append(ctx.get(receiver.data))
            if ctx.get(receiver.good):
                found = {
                    name: ctx.get(receiver.header[name]) for name in ("session", "position", "ack", "limit", "gap")
                }
                kind, version = ctx.get(receiver.header.kind), ctx.get(receiver.header.version)
                known = kind in list(FrameKind)
                frames.append(Frame(FrameKind(kind), data=bytes(data), version=version, **found) if known else None)
            assert not (ctx.get(receiver.good) and ctx.get(receiver.bad))
            if ctx.get(receiver.bad):
                frames.append(None)
            if ctx.get(receiver.good) or ctx.get(receiver.bad):
                data.clear()
            await ctx.tick()

    simulate(FrameReceiver, bench, waves=waves)
    return frames


@settings(max_examples=examples(15, 1000), deadline=None)
@given(st.lists(FRAMES, min_size=1, max_size=3))
def test_gates_receive_what_the_host_sends(waves: Path, frames: list[Frame]) -> None:
    line = b"".join(frame.to_line() for frame in frames)
    assert [*map(repr, received(line, waves))] == [repr_of(frame) for frame in frames]
    assert [Frame.of_line(part) for part in line.split(b"\0")[:-1]] == frames


def repr_of(frame: Frame) -> str:
    return repr(Frame(**{**vars(frame), "gap": int(frame.gap)}))


@settings(max_examples=examples(40, 5000), deadline=None)
@given(FRAMES, st.data())
def test_what_is_damaged_is_no_frame(waves: Path, frame: Frame, data: Any) -> None:
    line = bytearray(frame.to_line())
    place = data.draw(st.integers(0, len(line) - 2))
    how = data.draw(st.sampled_from(["flip", "drop", "double", "cut"]))
    if how == "flip":
        line[place] ^= 1 << data.draw(st.integers(0, 7))
    elif how == "drop":
        del line[place]
    elif how == "double":
        line.insert(place, line[place])
    else:
        del line[place:-1]
    kept = [Frame.of_line(bytes(part)) for part in bytes(line).split(b"\0")[:-1] if part]
    unchanged = bytes(line) == frame.to_line()
    assert kept == ([frame] if unchanged else [None] * len(kept))
    if not unchanged:
        assert all(found is None for found in received(bytes(line), waves))


@pytest.mark.parametrize("length", [0, 2, 4, 255])
def test_a_frame_of_another_length_than_it_says_is_none(length: int, waves: Path) -> None:
    body = cobs_decode(Frame(FrameKind.DATA, 1, 2, 3, 4, b"abc").to_line()[:-1])
    assert body is not None
    body = body[:-3] + bytes([length])
    line = cobs_encode(body + crc16(body).to_bytes(2, "big")) + b"\0"
    assert Frame.of_line(line[:-1]) is None
    assert received(line, waves) == [None]


def test_nothing_is_no_frame(waves: Path) -> None:
    assert received(b"\0\0\0", waves) == []


def test_too_much_data_for_a_frame() -> None:
    with pytest.raises(ValueError, match="data must have at most 240 bytes, not 241"):
        Frame(FrameKind.DATA, 1, 0, 0, 0, bytes(241)).to_line()
