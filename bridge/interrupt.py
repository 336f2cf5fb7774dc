"""Ctrl-C that waits for a moment at which the state is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interrupt", "deferred_interrupt"]


class Interrupt:
    """Whether Ctrl-C was pressed; true once it was."""

    def __init__(self) -> None:
        self.pressed = False

    def __bool__(self) -> bool:
        return self.pressed


@contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """Hold Ctrl-C back: the body looks at what this yields and stops where it can; then ``KeyboardInterrupt`` is raised.

    A second Ctrl-C acts at once. Outside the main thread, where Python delivers no signals, nothing is changed.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    previous = signal.getsignal(signal.SIGINT)
    if not callable(previous):  # ignored on purpose, or owned by somebody outside Python
        yield interrupt
        return

    def note(signum: int, frame: FrameType | None) -> None:
        if interrupt.pressed:
            previous(signum, frame)
        interrupt.pressed = True

    signal.signal(signal.SIGINT, note)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, previous)
    if interrupt.pressed:
        raise KeyboardInterrupt
