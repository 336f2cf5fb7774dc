"""Spike sources that repeat what another engine has logged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..recording.spike_log import SpikeLog
from ..sources.spike_source import SpikeSource

__all__ = ["LoggedSource"]


class LoggedSource(SpikeSource):
    """The sources ``first`` to ``first + size - 1`` of a network that another engine has run so far already.

    They fire as that engine has logged it; steps that it has not come to must not be asked for.
    """

    def __init__(self, log: SpikeLog, first: int, size: int) -> None:
        self.size = size
        self._log = log
        self._first = first

    def emit(self, step: int) -> npt.NDArray[np.int64]:
        """Return the sources that have fired at that grid point."""
        return self.emit_between(step, step)[1]

    def emit_between(self, first: int, last: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return their spikes between two grid points, both included."""
        begin, end = np.searchsorted(self._log.step, (first, last + 1))
        index = self._log.neuron[begin:end].astype(np.int64) - self._first
        mine = (index >= 0) & (index < self.size)
        return self._log.step[begin:end][mine], index[mine]

    def restart(self, seed: np.random.SeedSequence) -> None:
        """Do nothing: spikes are looked up by step."""
