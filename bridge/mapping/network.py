"""A network as mapping, packets and metrics need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity

if TYPE_CHECKING:
    from synaptile.swsim.cosim import Wiring
    from synaptile.swsim.trace import PopulationSlice, Trace

__all__ = ["Network", "spike_counts"]


def spike_counts(profile: Trace, neurons: int) -> npt.NDArray[np.int64]:
    """Return how often each neuron fired in an earlier run; ``ValueError`` if it was of another number of neurons."""
    if profile.neurons != neurons:
        raise ValueError(f"profile must be of a network of {neurons} neurons, not {profile.neurons}")
    return profile.spike_counts()


@dataclass(frozen=True)
class Network:
    """Connections, spikes and populations of a network.

    Attributes
    ----------
    connectivity
        Distinct pairs of connected neurons.
    spike_counts
        Shape (neurons,): spikes of each neuron; None if unknown.
    populations
        For messages.

    Raises
    ------
    ValueError
        If ``spike_counts`` has another length or a negative count.
    """

    connectivity: Connectivity
    spike_counts: npt.NDArray[np.int64] | None = None
    populations: Sequence[PopulationSlice] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "populations", tuple(self.populations))
        if self.spike_counts is None:
            return
        counts = np.array(self.spike_counts, dtype=np.int64)
        if counts.shape != (self.neurons,):
            raise ValueError(f"spike_counts must have shape ({self.neurons},), not {counts.shape}")
        if len(counts) and counts.min() < 0:
            raise ValueError(f"spike_counts must not be negative, not {counts.min()}")
        counts.setflags(write=False)
        object.__setattr__(self, "spike_counts", counts)

    @classmethod
    def of(
        cls,
        neurons: int,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        *,
        spike_counts: npt.NDArray[np.int64] | None = None,
        populations: Sequence[PopulationSlice] = (),
    ) -> Network:
        """Build it from synapse arrays of shape (synapses,); raises ``ValueError`` as `Connectivity.of` does."""
        return cls(Connectivity.of(neurons, pre, post), spike_counts, populations)

    @classmethod
    def of_trace(cls, trace: Trace) -> Network:
        """Take the network that a trace was recorded of, with the spikes in it."""
        return cls.of(
            trace.neurons, trace.pre, trace.post, spike_counts=trace.spike_counts(), populations=trace.populations
        )

    @classmethod
    def of_wiring(cls, wiring: Wiring, profile: Trace | None = None) -> Network:
        """Take a network that is about to run; a trace of an earlier run says how often each neuron fires.

        Raises ``ValueError`` if that trace is of another number of neurons.
        """
        counts = None if profile is None else spike_counts(profile, wiring.neurons)
        return cls.of(wiring.neurons, wiring.pre, wiring.post, spike_counts=counts, populations=wiring.populations)

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.connectivity.neurons

    @property
    def spike_weights(self) -> npt.NDArray[np.int64]:
        """Spikes of each neuron, shape (neurons,); one for each if they are unknown."""
        return np.ones(self.neurons, np.int64) if self.spike_counts is None else self.spike_counts
