"""Ctrl-C, and other signals that mean the same, wait for the end of a step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

__all__ = ["DeferredInterrupt"]

_NUMBERS = [int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU") if hasattr(signal, name)]

# What `signal` is made of, without its turning of numbers into enumerations and back, which is a tenth of a run of one
# step. Where Python does not have it, the functions of `signal` are used themselves.
_plain: Any = getattr(signal, "_signal", signal)
_get: Callable[[int], Any] = _plain.getsignal
_set: Callable[[int, Any], Any] = _plain.signal


class DeferredInterrupt:
    """Context in which Ctrl-C only sets `requested`, so that a step is never left half done.

    A second Ctrl-C interrupts at once. The same holds for SIGTERM, SIGHUP and SIGXCPU where their handler has an
    attribute ``raises_keyboard_interrupt`` that is true. Outside the main thread, and for signals for which the program
    has a handler of another kind, nothing is changed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._held: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def __enter__(self) -> DeferredInterrupt:
        if threading.current_thread() is threading.main_thread():
            for number in _NUMBERS:
                handler = _get(number)
                if callable(handler) and _interrupts(handler):
                    self._held[number] = handler
                    _set(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._held.items():
            _set(number, handler)
        self._held = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        try:
            self._held[number](number, frame)
        except KeyboardInterrupt:
            if self.requested:
                raise
            self.requested = True


def _interrupts(handler: Any) -> bool:
    return handler is signal.default_int_handler or bool(getattr(handler, "raises_keyboard_interrupt", False))
