"""The contract between the software simulator and a chip that computes the neurons itself: the network, frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .trace import PopulationSlice

__all__ = ["OnChipNetwork", "OnChipPopulation", "OnChipProjection"]

_SYNAPSES = {
    "pre": np.int32,
    "post": np.int32,
    "weight": np.float64,
    "delay": np.int32,
    "receptor": np.int8,
    "projection": np.int32,
}


@dataclass(frozen=True)
class OnChipPopulation:
    """The neurons of a population and what they begin with.

    Attributes
    ----------
    where
        Label, first neuron and one past the last, name of the cell type, and whether they are spike sources.
    parameters
        By name, as the engine's model of that cell type has them (`NeuronModel.PARAMETERS`; for standard cells PyNN's
        names and units), shape (size,) each. Empty for spike sources, which stay in software.
    initial
        Initial values of the state variables (`NeuronModel.STATE`), shape (size,) each. Empty for spike sources.

    Raises
    ------
    ValueError
        If an array has another shape.
    """

    where: PopulationSlice
    parameters: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    initial: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("parameters", "initial"):
            arrays = {key: _frozen(value, np.float64) for key, value in getattr(self, name).items()}
            for key, array in arrays.items():
                if array.shape[:1] != (self.where.size,):
                    raise ValueError(
                        f"{key} of population {self.where.label!r} must have a value for each of {self.where.size} "
                        f"neurons, not the shape {array.shape}"
                    )
            object.__setattr__(self, name, MappingProxyType(arrays))


@dataclass(frozen=True)
class OnChipProjection:
    """A projection, for messages and for what has no form on a chip.

    Attributes
    ----------
    label
        Its label.
    synapse_type
        Name of the synapse type.
    static
        Whether its synapses keep their weights and have no state.
    electrical
        Whether it is of gap junctions; these are not among the synapses of the network.
    connections
        How many it has.
    """

    label: str
    synapse_type: str = "StaticSynapse"
    static: bool = True
    electrical: bool = False
    connections: int = 0


@dataclass(frozen=True)
class OnChipNetwork:
    """A network as it stands before its first step, to be put into a chip.

    Attributes
    ----------
    dt
        Length of a step in ms.
    populations
        In id order, together covering all neurons.
    pre, post, weight, delay, receptor, projection
        Shape (synapses,): neuron ids, weight in the unit of the postsynaptic model, delay in steps, index of the
        receptor among those of the postsynaptic model, and index into ``projections``. Of plastic synapses the weights
        at the beginning; gap junctions are not among them.
    projections
        In the order in which they were made.
    records
        By variable (``"spikes"``, ``"v"``, ...): which neurons it is recorded of, shape (neurons,) of bool. The spikes
        of spike sources are known in software anyway.
    electrodes
        The kinds of the electrodes that inject a current into some neuron.
    seed
        That of ``setup()``.

    Raises
    ------
    ValueError
        If populations leave a gap, or an array has another shape or values out of range.
    """

    dt: float
    populations: Sequence[OnChipPopulation]
    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]
    receptor: npt.NDArray[np.int8]
    projection: npt.NDArray[np.int32]
    projections: Sequence[OnChipProjection] = ()
    records: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    electrodes: Sequence[str] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("populations", "projections", "electrodes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        start = 0
        for population in self.populations:
            if population.where.start != start:
                raise ValueError(
                    f"population {population.where.label!r} must start at neuron {start}, not {population.where.start}"
                )
            start = population.where.stop
        for name, dtype in _SYNAPSES.items():
            object.__setattr__(self, name, _frozen(getattr(self, name), dtype))
            if getattr(self, name).shape != self.pre.shape or self.pre.ndim != 1:
                raise ValueError(
                    f"{name} must have a value for each synapse, not the shape {getattr(self, name).shape}"
                )
        for name, highest in (("pre", start), ("post", start), ("projection", len(self.projections))):
            values = getattr(self, name)
            if len(values) and not 0 <= values.min() <= values.max() < highest:
                raise ValueError(f"{name} must lie in 0..{highest - 1}, not {values.min()}..{values.max()}")
        records = {name: _frozen(mask, np.bool_) for name, mask in self.records.items()}
        for name, mask in records.items():
            if mask.shape != (start,):
                raise ValueError(f"records[{name!r}] must have shape ({start},), not {mask.shape}")
        object.__setattr__(self, "records", MappingProxyType(records))

    @property
    def neurons(self) -> int:
        """Number of neurons, spike sources included."""
        return self.populations[-1].where.stop if self.populations else 0

    @property
    def slices(self) -> list[PopulationSlice]:
        """The ids of each population, as a trace has them."""
        return [population.where for population in self.populations]

    @property
    def is_source(self) -> npt.NDArray[np.bool_]:
        """Which neurons are spike sources, shape (neurons,)."""
        mask = np.zeros(self.neurons, bool)
        for where in self.slices:
            mask[where.start : where.stop] = where.is_source
        return mask

    def recorded(self, variable: str) -> npt.NDArray[np.bool_]:
        """Which neurons a variable is recorded of, shape (neurons,)."""
        return self.records.get(variable, np.zeros(self.neurons, bool))

    def name(self, neuron: int) -> str:
        """Return what a message calls a neuron, by its population."""
        where = next(where for where in self.slices if where.start <= neuron < where.stop)
        return f"neuron {neuron - where.start} of population {where.label!r}"


def _frozen(values: Any, dtype: Any) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array
