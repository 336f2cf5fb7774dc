# amaranth: UnusedElaboratable=no
"""The link in gates against the host's end of it, over lines with and without faults.

The gates are compiled (CXXRTL), with bytes in place of the serial line, and send back what they get. A second of the
host's is so many cycles that the units of time of both are in proportion.
"""

import random
from collections import Counter

import pytest
from support.bad_line import BadLine
from support.compiled_board import ByteBoard
from support.echoing_link import EchoingLink
from support.effort import examples

from synaptile.bridge.fpga.frames import Frame, cobs_encode
from synaptile.bridge.fpga.link_end import LinkEnd
from synaptile.rtl.fpga.frame import FrameKind
from synaptile.rtl.fpga.link import HEARTBEAT_UNITS, WATCHDOG_UNITS, HostLink, unit_bits
from synaptile.rtl.fpga.link_output import ROOM

UNIT_BITS = 15
UNIT = 1 << UNIT_BITS
SIZE = 2048


class Pair:
    """A board, a host, and what passes between them."""

    def __init__(self, chance: random.Random, *, faults: float = 0.0, unit_bits: int = UNIT_BITS) -> None:
        self.chance = chance
        self.board = board(unit_bits=unit_bits)
        self.second = (1 << unit_bits) / 0.010  # cycles
        self.down, self.up = BadLine(chance, faults), BadLine(chance, faults)
        self.frames: Counter[str] = Counter()
        self.begin(7)

    def begin(self, session: int) -> None:
        """The host is started, be it that it was running."""
        if hasattr(self, "end"):
            self.frames += self.end.counts
        self.end = LinkEnd(session)
        self.sent = self.got = b""

    def passed(self) -> int:
        """Frames so far."""
        return sum(counts["received"] + counts["sent"] for counts in (self.frames, self.end.counts))

    def step(self, cycles: int) -> None:
        """Pass on what there is."""
        now = self.board.cycles / self.second
        self.board.give(self.down(self.end.poll(now)))
        self.end.feed(self.up(self.board.run(cycles)), self.board.cycles / self.second)
        data = self.end.receive(self.chance.randrange(1, 2000))
        self.got += data
        assert self.sent.startswith(self.got), "nothing twice, nothing else, nothing left out"

    def send(self, data: bytes) -> None:
        self.sent += data
        self.end.send(data)

    def finish(self, seconds: float = 60.0) -> None:
        """Until everything has come back."""
        until = self.board.cycles + seconds * self.second
        while self.got != self.sent and not self.end.lost:
            self.step(1000)
            assert self.board.cycles < until, "the link hangs"


def data_of(chance: random.Random, size: int) -> bytes:
    return chance.choice([chance.randbytes(size), bytes(size), b"\xff" * size, b"\1" * size])


@pytest.mark.parametrize("seed", range(2))
def test_everything_comes_once_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    pair = Pair(chance)
    for _ in range(examples(10, 300)):
        pair.send(data_of(chance, chance.randrange(3000)))
        pair.step(chance.randrange(1, 5000))
    pair.finish()
    assert not pair.end.lost
    assert not pair.end.counts["errors"]
    assert not pair.end.counts["retransmissions"]


@pytest.mark.slow
@pytest.mark.parametrize(("faults", "unit_bits"), [(1e-4, 15), (1e-3, examples(15, 13)), (4e-3, 11)])
def test_nothing_is_lost_or_doubled_by_a_bad_line(faults: float, unit_bits: int) -> None:
    """Bytes are flipped, dropped, doubled, replaced, cut away; hosts are started anew. Or else the host says so.

    A unit of time is 8,192, 2,048 or 512 bytes long. At 3 Mbaud it is up to 4,800; at 115,200 it is 92 to 184.
    """
    chance = random.Random(faults)
    pair = Pair(chance, faults=faults, unit_bits=unit_bits)
    frames = examples(700, 340_000)
    rounds = restarts = 0
    while pair.passed() < frames or restarts < 3:
        pair.send(data_of(chance, chance.randrange(2000)))
        for _ in range(chance.randrange(4)):
            pair.step(chance.randrange(1, 4000))
        if chance.random() < 0.8:
            pair.finish()
        if pair.end.lost:
            assert faults > 1e-3, pair.end.lost
        rounds += 1
        if pair.end.lost or rounds % 3 == 0:
            restarts += 1
            pair.begin(chance.choice([pair.end.session, chance.randrange(1, 256)]))
    assert restarts
    assert pair.down.done
    assert pair.up.done


def test_after_the_worst_of_lines_the_link_is_as_good_as_new() -> None:
    chance = random.Random(5)
    pair = Pair(chance, faults=0.05)
    pair.send(chance.randbytes(3000))
    for _ in range(100):
        pair.step(5000)
    pair.down.faults = pair.up.faults = 0.0
    if pair.end.lost:
        pair.begin(9)
        pair.send(chance.randbytes(3000))
    pair.finish()
    assert not pair.end.lost


def frames_of(line: bytes) -> list[Frame]:
    found = [Frame.of_line(part) for part in line.split(b"\0") if part]
    assert None not in found
    return found  # type: ignore[return-value]


def hello(session: int, limit: int = 1000) -> bytes:
    return Frame(FrameKind.HELLO, session, 0, 0, limit).to_line()


def board(rate: int = 4, unit_bits: int = UNIT_BITS) -> ByteBoard:
    return ByteBoard(
        lambda: EchoingLink(buffer_bytes=SIZE, unit_bits=unit_bits), rate, key=f"echoing, {unit_bits} bits of time"
    )


def test_a_greeting_is_answered_and_changes_nothing_when_it_comes_again() -> None:
    gates = board()
    gates.give(hello(3))
    assert frames_of(gates.run(1000)) == [Frame(FrameKind.HELLO, 3, 0, 0, SIZE)]
    gates.give(Frame(FrameKind.DATA, 3, 0, 0, 1000, b"abc").to_line())
    *_, last = frames_of(gates.run(2000))
    assert (last.data, last.ack, last.position) == (b"abc", 3, 0)
    gates.give(hello(3))
    assert frames_of(gates.run(1000)) == [Frame(FrameKind.HELLO, 3, 3, 3, SIZE + 3)]
    gates.give(hello(4))
    assert frames_of(gates.run(1000)) == [Frame(FrameKind.HELLO, 4, 0, 0, SIZE)]


def test_data_sent_along_with_a_greeting_are_taken_wholly_or_not_at_all() -> None:
    """A host should wait for the answer. The board opens the session when its frame of the one before has gone."""
    data = bytes(range(1, 201))
    for wait in range(0, 1200, 11):
        gates = board()
        gates.give(hello(3))
        for position in range(0, 960, 240):
            gates.give(Frame(FrameKind.DATA, 3, position, 0, 1000, bytes(240)).to_line())
        begun = gates.run(3000 + wait)  # in which it begins to send them back
        gates.give(hello(4) + Frame(FrameKind.DATA, 4, 0, 0, 1000, data).to_line())
        heard = frames_of(begun + gates.run(12000))
        assert max(frame.ack for frame in heard if frame.session == 4) in (0, 200)
        assert b"".join(frame.data for frame in heard if frame.session == 4) in (b"", data), wait


def test_a_host_with_the_number_of_the_session_before_takes_the_next() -> None:
    pair = Pair(random.Random(1))
    pair.send(b"of the first host")
    pair.finish()
    pair.begin(7)
    pair.send(b"of the second")
    pair.finish()
    assert pair.end.session == 8


def test_the_session_ends_when_the_host_is_silent_for_so_long() -> None:
    gates = board()
    gates.give(hello(3))
    gates.run(1000)
    heard = frames_of(gates.run(int((WATCHDOG_UNITS - 1.5) * UNIT)))
    assert len(heard) >= (WATCHDOG_UNITS - 2) // HEARTBEAT_UNITS, "heartbeats"
    assert {(frame.kind, frame.session) for frame in heard} == {(FrameKind.DATA, 3)}
    gates.run(2 * UNIT)
    assert gates.run(8 * UNIT) == b""
    gates.give(Frame(FrameKind.DATA, 3, 0, 0, 1000, b"too late").to_line())
    assert [(frame.kind, frame.session) for frame in frames_of(gates.run(1000))] == [(FrameKind.HELLO, 0)]


def test_a_host_is_told_when_another_has_begun_a_session() -> None:
    pair = Pair(random.Random(1))
    pair.send(b"x")
    pair.finish()
    pair.board.give(hello(100))
    for _ in range(40):
        pair.step(20_000)
    assert pair.end.lost == "the board has ended the session: it was reset, or another host has begun one"


def test_more_than_there_is_room_for_is_not_taken() -> None:
    gates = board()
    gates.give(hello(3, limit=0))  # nothing may come back
    gates.run(1000)
    position = 0
    for _ in range(25):
        gates.give(Frame(FrameKind.DATA, 3, position, 0, 0, bytes(200)).to_line())
        ack = frames_of(gates.run(3000))[-1]
        assert not ack.data
        assert ack.ack <= ack.limit
        position = ack.ack
    # The echo has filled the memory for data to the host but for its reserve, and then that for data from it.
    assert 2 * SIZE - ROOM - 200 - 2 <= position <= 2 * SIZE
    assert ack.gap
    gates.give(Frame(FrameKind.DATA, 3, position, 0, 4000).to_line())
    assert b"".join(frame.data for frame in frames_of(gates.run(20_000)))[:240] == bytes(240)


def test_frames_of_another_version_are_not_taken() -> None:
    gates = board()
    gates.give(hello(3))
    gates.run(1000)
    gates.give(Frame(FrameKind.DATA, 3, 0, 0, 1000, b"abc", version=2).to_line())
    (answer,) = frames_of(gates.run(1000))
    assert (answer.kind, answer.ack) == (FrameKind.HELLO, 0)


def test_what_is_no_frame_is_asked_for_again() -> None:
    gates = board()
    gates.give(hello(3))
    gates.run(1000)
    gates.give(cobs_encode(b"nonsense") + b"\0")
    (answer,) = frames_of(gates.run(1000))
    assert answer.gap


def test_the_link_is_85_per_cent_efficient_at_3_megabaud() -> None:
    """The host looks every millisecond, in which 300 bytes pass each way, and all data come back.

    A byte takes 10 cycles here, and 160 at 48 MHz: the unit of time is as many bytes long as it is there, and the gates
    have less time for each.
    """
    rate, per_millisecond = 10, 3000
    gates, end = board(rate), LinkEnd(1)
    size = examples(60_000, 3_000_000)
    data = random.Random(2).randbytes(size)
    end.send(data)
    got, begin, first, now = bytearray(), 0, 0, 0.0
    while len(got) < size:
        gates.give(end.poll(now))
        end.feed(gates.run(per_millisecond), now)
        now += 1e-3
        got += end.receive()
        if got and not begin:
            begin, first = gates.cycles, len(got)
    assert got == data
    assert (size - first) * rate / (gates.cycles - begin) >= 0.85
    assert not end.counts["retransmissions"]


@pytest.mark.parametrize("size", [256, 500, 32_768])
def test_impossible_memories(size: int) -> None:
    with pytest.raises(ValueError, match=f"buffer_bytes must be a power of two in 512..16384, not {size}"):
        HostLink(buffer_bytes=size, unit_bits=13)


@pytest.mark.parametrize("clock_hz", [12e6, 25e6, 48e6, 60e6, 100e6])
def test_the_unit_of_time(clock_hz: float) -> None:
    assert 0.008 < (1 << unit_bits(clock_hz)) / clock_hz <= 0.016
