"""A trace that is put together when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from ..trace import Trace

__all__ = ["DeferredTrace"]


class DeferredTrace:
    """Everything run since the last reset; call it for the trace.

    Putting a trace together takes a copy of all connections, which after each of many short runs would cost more than
    these. A call shows what has been run until then, also in the middle of a run. Whoever is about to change weights or
    delays, or to reset, calls `keep` before.
    """

    def __init__(self, make: Callable[[], Trace]) -> None:
        self._make = make
        self._kept: Trace | None = None

    def __call__(self) -> Trace:
        """Put the trace together, or return that which was kept."""
        return self._make() if self._kept is None else self._kept

    def keep(self) -> None:
        """Make the trace now, and give that one from now on."""
        self._kept = self()
