"""Ctrl-C that waits for a moment at which the engine's state is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from synaptile.swsim.base.interrupts import DeferredInterrupt

__all__ = ["Interrupt", "deferred_interrupt"]


class Interrupt:
    """True once Ctrl-C was pressed."""

    def __init__(self, source: DeferredInterrupt | None = None) -> None:
        self._source = source

    def __bool__(self) -> bool:
        return self._source is not None and self._source.requested


@contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """Hold Ctrl-C back: the body checks the yielded value and stops where it can; then ``KeyboardInterrupt`` follows.

    Inside a network's run, which holds Ctrl-C back itself until the end of its step, this changes nothing. A second
    Ctrl-C acts at once.
    """
    with DeferredInterrupt() as source:
        interrupt = Interrupt(source)
        yield interrupt
    if interrupt:
        raise KeyboardInterrupt
