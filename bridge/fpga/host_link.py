"""A session with a board: bytes to it and from it, kept alive in the background."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from .link_end import LinkEnd
from .link_errors import LinkError, LinkLost, NoBoard
from .serial_port import ByteLine

__all__ = ["HostLink"]

_QUEUE = 32_768  # bytes without an acknowledgement, above which sending waits
_READ_SECONDS = 0.005
_MOST_SECONDS = 0.1  # that reading takes


class HostLink:
    """Sends and receives bytes through a line, each once and in order; in a thread, so that the board hears from us.

    Parameters
    ----------
    line
        The line; the link closes it.
    answer_seconds
        How long the board may take to answer at first.
    silent_seconds
        How long it may be silent later; it says something at least every 64 ms.
    session
        Number of the session; by default a random one.

    Raises
    ------
    NoBoard
        If nothing answers, or something else does.
    LinkLost
        If the line is gone.
    """

    def __init__(
        self,
        line: ByteLine,
        *,
        answer_seconds: float = 2.0,
        silent_seconds: float = 2.0,
        session: int | None = None,
    ) -> None:
        self._line = line
        self._silent = silent_seconds
        self._end = LinkEnd(secrets.randbelow(0xFF) + 1 if session is None else session)
        self._changed = threading.Condition()
        self._failure: LinkError | None = None
        self._closing = False
        self._came = self._awaited = 0
        self._thread = threading.Thread(target=self._serve, name="host link", daemon=True)
        self._thread.start()
        until = line.now() + answer_seconds
        with self._changed:
            while not self._end.is_up and self._failure is None and line.now() < until:
                self._changed.wait(_READ_SECONDS)
            problem = self._failure
            if problem is None and not self._end.is_up:
                problem = NoBoard(self._silence(answer_seconds))
        if problem is not None:
            self.close()
            raise problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> float:
        """Return the time by which the link runs, in seconds from anywhere."""
        return self._line.now()

    @property
    def counts(self) -> Counter[str]:
        """What this end has counted, see `LinkEnd`."""
        with self._changed:
            return Counter(self._end.counts)

    @property
    def unsent(self) -> int:
        """Bytes that the board has not acknowledged."""
        return self._end.unsent

    @property
    def lost(self) -> bool:
        """The board cannot be reached any more."""
        return self._failure is not None

    @property
    def room(self) -> int:
        """Bytes that `send` takes without waiting."""
        return max(0, _QUEUE - self._end.unsent)

    def send(self, data: bytes) -> None:
        """Send bytes; waits while too many are under way. Raises `LinkLost`."""
        with self._changed:
            with self._awaiting():
                while self._failure is None and self._end.unsent > _QUEUE:
                    self._changed.wait()
            self._check()
            self._end.send(data)
            self._changed.notify_all()

    def receive(self, seconds: float) -> bytes:
        """Return what has come, waiting at most so long for any. Raises `LinkLost` once all that came has been read."""
        until = self.now() + seconds
        with self._changed, self._awaiting():
            while not self._end.available and self._failure is None and self.now() < until:
                self._changed.wait(_READ_SECONDS)
            data = self._end.receive()
            if not data:
                self._check()
            return data

    def close(self) -> None:
        """End the session, and close the line."""
        self._closing = True
        with self._changed:
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join()

    @contextmanager
    def _awaiting(self) -> Iterator[None]:
        """Somebody waits for what comes: a line whose time stands still otherwise goes on."""
        self._awaited += 1
        self._changed.notify_all()
        try:
            yield
        finally:
            self._awaited -= 1

    def _check(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(str(self._failure))
        if self._closing:
            raise LinkLost("the link has been closed")

    def _silence(self, seconds: float) -> str:
        if self._came:
            return "what answers is not a board with this host link: another device, or another baud rate"
        return f"nothing has answered for {seconds:g} s: is the board configured and powered?"

    def _serve(self) -> None:
        line, end = self._line, self._end
        silence, before = 0.0, line.now()
        try:
            while not self._closing:
                if line.on_demand:
                    with self._changed:
                        while end.is_up and not (self._awaited or end.unsent or self._closing):
                            self._changed.wait(_MOST_SECONDS)
                data = line.read(_READ_SECONDS)
                now = line.now()
                # Time in which this process did not run is nobody's silence.
                silence, before = silence + min(now - before, _MOST_SECONDS), now
                with self._changed:
                    self._came += len(data)
                    end.feed(data, now)
                    out = end.poll(now)
                    if end.lost:
                        raise LinkLost(end.lost)
                    if not end.is_up or end.heard == now:
                        silence = 0.0
                    if silence > self._silent:
                        raise LinkLost(f"the board has been silent for {self._silent:g} s: is the cable in?")
                    self._changed.notify_all()
                if out:
                    line.write(out)
            if end.is_up:
                line.write(end.goodbye())
        except LinkError as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()
        finally:
            line.close()
