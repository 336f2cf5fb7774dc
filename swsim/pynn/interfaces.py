"""The parts of a network as the modules below them see them.

Populations, projections, current sources and recorders import the state and the network, which therefore must not
import them: they know them by these protocols only. So does a single connection its projection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy.typing as npt

from ..neurons.model import NeuronModel
from ..sources.currents import CurrentSource
from ..sources.spike_source import SpikeSource
from ..synapses.dynamics import Dynamics
from ..synapses.edge_list import Synapses
from ..synapses.gap_junctions import GapJunctions

__all__ = ["ElectrodeLike", "PopulationLike", "ProjectionLike", "RecorderLike"]


class PopulationLike(Protocol):
    """Neurons of one type with consecutive ids, such as `populations.Population`."""

    size: int
    label: str
    celltype: Any
    model: NeuronModel | SpikeSource
    recorder: Any

    @property
    def first_id(self) -> Any:
        """The id of the first neuron."""
        ...

    @property
    def last_id(self) -> Any:
        """The id of the last neuron."""
        ...

    def restart(self) -> None:
        """Go back to the initial state."""
        ...


class ProjectionLike(Protocol):
    """Connections of one synapse type, such as `projections.projection.Projection`."""

    label: str
    synapse_type: Any
    parameters: tuple[str, ...]

    @property
    def is_static(self) -> bool:
        """True of synapses without a state."""
        ...

    @property
    def changes_weight(self) -> bool | None:
        """True of synapses whose weight is written anew at each spike of either neuron; None if that is not known."""
        ...

    @property
    def is_electrical(self) -> bool:
        """True of gap junctions."""
        ...

    @property
    def takes_whole_weights(self) -> bool:
        """True of connections onto neurons that calculate in whole numbers."""
        ...

    def __len__(self) -> int: ...

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return an attribute of all connections, shape (connections,); delays in ms."""
        ...

    def set_columns(self, index: Any, **values: Any) -> None:
        """Set parameters, delays in ms, of some connections; all or, if one breaks a rule, none."""
        ...

    def delay_range(self) -> tuple[int, int]:
        """Return the shortest and the longest delay in steps; the projection must not be empty."""
        ...

    def synapses(self) -> Synapses:
        """Return copies of all connections, with neuron ids."""
        ...

    def parts(self, weight: npt.NDArray[Any] | None = None) -> Sequence[Callable[[], Synapses]]:
        """Return functions each of which makes a part of `synapses`.

        With other weights, shape (connections,), if these are given.
        """
        ...

    def dynamics(self) -> Dynamics:
        """Return the engine's synapses; not for static or electrical ones."""
        ...

    def follow_receptors(self, dynamics: Dynamics) -> None:
        """Give the engine's synapses what they follow of the postsynaptic neurons, as it is now."""
        ...

    def gaps(self) -> GapJunctions:
        """Return the engine's gap junctions; for electrical synapses only."""
        ...

    def restart(self) -> None:
        """Go back to the initial weights and states."""
        ...


class ElectrodeLike(Protocol):
    """A current source, such as `standardmodels.electrodes.Electrode`."""

    def waveforms(self) -> Iterable[CurrentSource]:
        """Yield the present current into each group of cells."""
        ...

    def restart(self) -> None:
        """Go back to time 0."""
        ...


class RecorderLike(Protocol):
    """The recording of one population, such as `recording.Recorder`."""

    def restart(self) -> None:
        """Begin a new segment at time 0 with the same variables to record."""
        ...
