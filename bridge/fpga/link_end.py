"""The host's end of the link, without a port: bytes that came go in, bytes to be sent come out."""

from __future__ import annotations

from collections import Counter

from synaptile.rtl.fpga.frame import MAX_DATA, VERSION, FrameKind

from .frames import Frame

__all__ = ["WINDOW", "LinkEnd"]

WINDOW = 16_384
"""Bytes that may have come and not been read."""

_HELLO_SECONDS = 0.1
_REPEAT_SECONDS = 0.1  # at first; twice as long each time that it has not helped, for the line may be slow
_MOST_REPEAT_SECONDS = 0.4
_ALIVE_SECONDS = 0.2
_MASK = 0xFFFF
_LONG = MAX_DATA // 2
_LONGEST_FRAME = 512  # encoded; what is longer is none


class LinkEnd:
    """Sends and receives bytes in order, each once, whatever the line does to them.

    It knows no clock: times are given to it, in seconds from anywhere, never decreasing.

    Parameters
    ----------
    session
        Number of the session, 1..255, better another than that of a host before. If the board is in the middle of one
        of the same number, the next number is taken.

    Attributes
    ----------
    is_up
        The board has answered.
    lost
        Why the session is over, or empty.
    heard
        When the last frame of the session came.
    counts
        ``sent`` and ``received`` frames, ``errors`` (frames that were damaged), ``retransmissions``, ``duplicates``,
        ``gaps``, ``overflows``.
    """

    def __init__(self, session: int) -> None:
        if not 1 <= session <= 0xFF:
            raise ValueError(f"session must lie in 1..255, not {session}")
        self.session = session
        self.is_up = False
        self.lost = ""
        self.heard = 0.0
        self.counts: Counter[str] = Counter()
        self._line = bytearray()  # since the last 0
        # What is to be sent: from the first byte that has no acknowledgement on.
        self._out = bytearray()
        self._acked, self._sent, self._limit = 0, 0, 0  # a position, a number of bytes in it, a position
        self._progress = 0.0
        self._patience = _REPEAT_SECONDS
        self._repeated: int | None = None  # the acknowledgement for which it was sent again
        # What has come.
        self._in = bytearray()
        self._expected = 0
        self._owing = self._missing = False
        self._asked: int | None = None  # the position from which it was asked for again
        self._asked_at = 0.0
        self._last = -1.0

    # What the user of it does.

    def send(self, data: bytes) -> None:
        """Take bytes to be sent."""
        self._out += data

    @property
    def unsent(self) -> int:
        """Bytes that have no acknowledgement."""
        return len(self._out)

    @property
    def available(self) -> int:
        """Bytes that have come and have not been read."""
        return len(self._in)

    def receive(self, size: int = WINDOW) -> bytes:
        """Return bytes that have come, at most so many."""
        data = bytes(self._in[:size])
        before = len(self._in)
        del self._in[:size]
        # The board is told of room once half of it is there.
        if before > WINDOW // 2 >= len(self._in):
            self._owing = True
        return data

    # What the port does.

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes that came from the line."""
        *whole, rest = data.split(b"\0")
        for part in whole:
            encoded = bytes(self._line) + part
            self._line.clear()
            if encoded:
                frame = Frame.of_line(encoded)
                if frame is None:
                    self.counts["errors"] += 1
                    self._want_again(now)
                else:
                    self.counts["received"] += 1
                    self._take(frame, now)
        self._line += rest[: max(0, _LONGEST_FRAME - len(self._line))]

    def poll(self, now: float) -> bytes:
        """Return bytes for the line."""
        if self.lost:
            return b""
        if not self.is_up:
            if self._last >= 0 and now - self._last < _HELLO_SECONDS:
                return b""
            self._last = now
            self.counts["sent"] += 1
            # A 0 before it, for the board may have got half a frame of another host.
            return b"\0" + Frame(FrameKind.HELLO, self.session, 0, 0, WINDOW).to_line()
        if self._sent and now - self._progress >= self._patience:
            self._patience = min(2 * self._patience, _MOST_REPEAT_SECONDS)
            self._repeat(now)
        frames = []
        while (size := self._may_send()) > 0:
            frames.append(self._frame(self._sent, size))
            if not self._sent:
                self._progress = now
            self._sent += size
        if not frames and (self._owing or self._missing or now - self._last >= _ALIVE_SECONDS):
            frames.append(self._frame(self._sent, 0))
        if frames:
            self._last = now
            self._owing = self._missing = False
            self.counts["sent"] += len(frames)
        return b"".join(frames)

    def goodbye(self) -> bytes:
        """Return bytes for the line that end the session."""
        return b"\0" + Frame(FrameKind.HELLO, 0, 0, 0, WINDOW).to_line()

    def _may_send(self) -> int:
        left = min(len(self._out) - self._sent, MAX_DATA)
        room = (self._limit - self._acked & _MASK) - self._sent
        # Room comes in small pieces while the board reads. A frame for each would fill the line with headers: while
        # something is under way, whose acknowledgement brings more room, a frame that could be longer is not short.
        return min(left, room) if left <= room or room >= _LONG or not self._sent else 0

    def _frame(self, offset: int, size: int) -> bytes:
        return Frame(
            FrameKind.DATA,
            self.session,
            self._acked + offset & _MASK,
            self._expected,
            self._expected - len(self._in) + WINDOW & _MASK,
            bytes(self._out[offset : offset + size]),
            self._missing,
        ).to_line()

    def _repeat(self, now: float) -> None:
        self._sent = 0
        self._progress = now
        self.counts["retransmissions"] += 1

    def _want_again(self, now: float) -> None:
        """Ask for what is missing, once, and again if that has not helped."""
        if self.is_up and (self._asked != self._expected or now - self._asked_at >= _REPEAT_SECONDS):
            self._asked, self._asked_at = self._expected, now
            self._missing = True

    def _take(self, frame: Frame, now: float) -> None:
        if self.lost:
            return
        if frame.kind is FrameKind.HELLO:
            self._greeted(frame, now)
            return
        if not self.is_up or frame.session != self.session:
            return
        self.heard = now
        self._take_ack(frame, now)
        ahead = frame.position - self._expected & _MASK
        data = frame.data
        if ahead >= 0x8000:
            behind = 0x10000 - ahead
            if data:
                self.counts["duplicates"] += 1
                self._owing = True
            data = data[behind:]
        elif ahead:
            self.counts["gaps"] += 1
            self._want_again(now)
            return
        if not data:
            return
        self._owing = True
        if len(self._in) + len(data) > WINDOW:
            self.counts["overflows"] += 1
            self._want_again(now)
            return
        self._in += data
        self._expected = self._expected + len(data) & _MASK
        self._asked = None

    def _take_ack(self, frame: Frame, now: float) -> None:
        progress = frame.ack - self._acked & _MASK
        if progress > len(self._out):
            return  # of before
        if progress:
            del self._out[:progress]
            self._acked = frame.ack
            self._sent = max(0, self._sent - progress)
            self._progress = now
            self._patience = _REPEAT_SECONDS
            self._repeated = None
        self._limit = frame.limit
        if frame.gap and self._sent and self._repeated != self._acked:
            self._repeated = self._acked
            self._repeat(now)

    def _greeted(self, frame: Frame, now: float) -> None:
        if frame.version != VERSION:
            self.lost = f"the board speaks version {frame.version} of the protocol, and this host version {VERSION}"
        elif self.is_up:
            if frame.session != self.session:
                self.lost = "the board has ended the session: it was reset, or another host has begun one"
        elif frame.session == self.session:
            if frame.position or frame.ack:  # in the middle of another one with this number
                self.session = self.session % 0xFF + 1
                self._last = -1.0
                return
            self.is_up = True
            self.heard = self._progress = self._last = now
            self._limit = frame.limit
