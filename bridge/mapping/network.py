"""A network as mapping, packets and metrics need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity, occurrences

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
        For messages, and for which neurons are spike sources outside the chip.
    synapse_counts
        Shape (neurons,): synapses onto each neuron, multapses counted; None if only the distinct pairs are known.

    Raises
    ------
    ValueError
        If ``spike_counts`` or ``synapse_counts`` has another length or a negative count.
    """

    connectivity: Connectivity
    spike_counts: npt.NDArray[np.int64] | None = None
    populations: Sequence[PopulationSlice] = ()
    synapse_counts: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "populations", tuple(self.populations))
        for name in ("spike_counts", "synapse_counts"):
            if getattr(self, name) is None:
                continue
            counts = np.array(getattr(self, name), dtype=np.int64)
            if counts.shape != (self.neurons,):
                raise ValueError(f"{name} must have shape ({self.neurons},), not {counts.shape}")
            if len(counts) and counts.min() < 0:
                raise ValueError(f"{name} must not be negative, not {counts.min()}")
            counts.setflags(write=False)
            object.__setattr__(self, name, counts)

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
        connectivity = Connectivity.of(neurons, pre, post)
        return cls(connectivity, spike_counts, populations, occurrences(post, neurons))

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

    @property
    def synapses(self) -> npt.NDArray[np.int64]:
        """Synapses onto each neuron, shape (neurons,); its distinct presynaptic neurons if no more is known."""
        return self.connectivity.fan_in_sizes if self.synapse_counts is None else self.synapse_counts

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Which neurons are of the chip, shape (neurons,): all but those of populations of spike sources."""
        inside = np.ones(self.neurons, bool)
        for population in self.populations:
            inside[population.start : population.stop] = not population.is_source
        return inside
