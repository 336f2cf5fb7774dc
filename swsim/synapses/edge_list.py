"""Synapses as an edge list: one array for each attribute of the connections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Synapses"]


@dataclass(frozen=True)
class Synapses:
    """All connections of a network, shape (synapses,) each.

    ``pre`` and ``post`` are neuron ids, ``receptor`` is an index among the receptors of the postsynaptic model,
    ``weight`` is in the unit of the postsynaptic model (nA, uS or mV) and ``delay`` in steps, at least 1.
    """

    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    receptor: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]

    @classmethod
    def empty(cls, count: int) -> Synapses:
        """Make ``count`` connections, to be filled in."""
        return cls(
            np.empty(count, np.int32),
            np.empty(count, np.int32),
            np.empty(count, np.int8),
            np.empty(count, np.float64),
            np.empty(count, np.int32),
        )

    @classmethod
    def none(cls) -> Synapses:
        """Make an edge list without connections."""
        return cls.empty(0)

    def __len__(self) -> int:
        return len(self.pre)

    def __getitem__(self, which: slice) -> Synapses:
        """Some of them, as windows on the same arrays."""
        return Synapses(self.pre[which], self.post[which], self.receptor[which], self.weight[which], self.delay[which])

    @property
    def max_delay(self) -> int:
        """The longest delay in steps; 1 if there are no connections."""
        return int(self.delay.max()) if len(self) else 1
