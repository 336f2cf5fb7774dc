"""What ends a command before its time: SIGTERM, SIGHUP and SIGXCPU do as Ctrl-C does."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Interruption", "like_ctrl_c"]

# Batch systems send SIGTERM (or SIGXCPU, when the time is used up) some seconds before SIGKILL; SIGHUP comes when the
# terminal is closed.
_NAMES = ("SIGTERM", "SIGHUP", "SIGXCPU")
_SAME = 2.0
"""Seconds in which another of these signals belongs to the same interruption: they are often sent twice, to a process
and to its group, and results that are being written must not be lost by that."""


class Interruption:
    """Handler of signals: raises ``KeyboardInterrupt``, and remembers which signal it was.

    Where Ctrl-C has to wait for the end of a step (`synaptile.swsim.base.interrupts`), this waits, too.
    """

    raises_keyboard_interrupt = True

    def __init__(self) -> None:
        self._received: int | None = None
        self._last = -_SAME

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Interrupt the main thread; a second Ctrl-C does so always."""
        now = time.monotonic()
        if number != signal.SIGINT and now - self._last < _SAME:
            return
        self._received, self._last = number, now
        raise KeyboardInterrupt

    @property
    def exit_code(self) -> int:
        """128 and the signal's number, as shells have it; 130 for Ctrl-C."""
        return 128 + (signal.SIGINT if self._received is None else self._received)


@contextmanager
def like_ctrl_c() -> Iterator[Interruption]:
    """Let signals that would end the process interrupt it instead.

    Those that are ignored, as with ``nohup``, or have a handler, are left alone, and outside the main thread all are.
    """
    interruption = Interruption()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        usual: dict[int, Any] = {getattr(signal, name): signal.SIG_DFL for name in _NAMES if hasattr(signal, name)}
        usual[signal.SIGINT] = signal.default_int_handler
        before = {number: handler for number, handler in usual.items() if signal.getsignal(number) is handler}
    for number in before:
        signal.signal(number, interruption)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
