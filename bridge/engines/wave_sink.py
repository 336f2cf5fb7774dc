"""The receiver of an engine's waveforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from amaranth.hdl import Value

from .probes import Nodes, Probe

__all__ = ["WaveSink"]


class WaveSink(Protocol):
    """Takes the values of chosen signals in every simulated cycle of a window."""

    start: int
    """First cycle of the window."""
    stop: int | None
    """First cycle after the window; ``None`` if it has no end."""

    def begin(self, mesh: Nodes) -> Sequence[Value]:
        """Choose the signals."""
        ...

    @property
    def probes(self) -> Sequence[Sequence[Probe]]:
        """For each of these signals, the probes that it is made of, the first in its lowest bits."""
        ...

    def sample(self, cycle: int, values: Sequence[int]) -> None:
        """Take their settled values in a cycle; cycles left out are those in which nothing changed."""
        ...
