"""Electrical synapses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["GapJunctions"]


@dataclass(frozen=True)
class GapJunctions:
    """Conductances (uS) between pairs of neurons, shape (n,) each: ``I = g (v_other - v_own)`` into either of them.

    During a step the current is that of the potentials at its beginning: of first order in dt.
    """

    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    conductance: npt.NDArray[np.float64]

    def currents(self, potential: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The current (nA) into each neuron at potentials (mV) of shape (neurons,)."""
        flow = self.conductance * (potential[self.pre] - potential[self.post])
        into = np.zeros(len(potential))
        np.add.at(into, self.post, flow)
        np.subtract.at(into, self.pre, flow)
        return into
