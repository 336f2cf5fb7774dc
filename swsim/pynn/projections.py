"""Projections: connections between populations, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from pyNN import common, errors
from pyNN.space import Space

from ..synapses import Synapses
from . import simulator
from .randomness import seed_all
from .synapses import StaticSynapse, check_weight, delay_steps
from .unavailable import refuse

__all__ = ["Connection", "Projection"]

_COMBINE = {"sum": np.add, "min": np.minimum, "max": np.maximum}


class Connection(common.Connection):
    """One connection of a projection: a window on its arrays."""

    def __init__(self, projection: Projection, index: int) -> None:
        self._projection = projection
        self._index = index

    @property
    def presynaptic_index(self) -> int:
        """Index in the presynaptic population."""
        return int(self._projection.column("presynaptic_index")[self._index])

    @property
    def postsynaptic_index(self) -> int:
        """Index in the postsynaptic population."""
        return int(self._projection.column("postsynaptic_index")[self._index])

    @property
    def weight(self) -> float:
        """Weight in nA, uS or mV."""
        return float(self._projection.column("weight")[self._index])

    @weight.setter
    def weight(self, value: float) -> None:
        self._projection.set_columns(self._index, weight=value)

    @property
    def delay(self) -> float:
        """Delay in ms."""
        return float(self._projection.column("delay")[self._index])

    @delay.setter
    def delay(self, value: float) -> None:
        self._projection.set_columns(self._index, delay=value)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """The named attributes."""
        return tuple(getattr(self, name) for name in names)


class _Connections(Sequence[Connection]):
    """The connections of a projection, made when they are looked at."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    def __len__(self) -> int:
        return len(self._projection)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> list[Connection]: ...
    def __getitem__(self, index: int | slice) -> Connection | list[Connection]:
        positions = range(len(self))[index]
        if isinstance(positions, range):
            return [Connection(self._projection, i) for i in positions]
        return Connection(self._projection, positions)


class Projection(common.Projection):
    """All connections of one kind between two populations, views or assemblies."""

    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        for group in (presynaptic_population, postsynaptic_population):
            for member in getattr(group, "populations", [group]):
                if isinstance(member, common.BasePopulation):
                    simulator.state.require_present(getattr(member, "grandparent", member))
        if synapse_type is not None and not isinstance(synapse_type, StaticSynapse):
            refuse(type(synapse_type))
        if getattr(postsynaptic_population, "receptor_types", True) in ((), []):
            raise errors.ConnectionError(
                f"the postsynaptic neurons must be able to receive spikes; {postsynaptic_population.label!r} cannot"
            )
        if synapse_type is not None:
            seed_all(synapse_type.parameter_space)
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            Space() if space is None else space,
            label,
        )
        self._parts: list[dict[str, npt.NDArray[Any]]] = []
        self._columns = _columns(0, 0, [], [])
        self._length = 0
        connector.connect(self)
        simulator.state.projections.append(self)
        simulator.state.network_changed()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Connection:
        return _Connections(self)[index]

    @property
    def connections(self) -> Sequence[Connection]:
        """All connections, in the order in which they were made."""
        return _Connections(self)

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: Any, location_selector: Any = None, **parameters: Any
    ) -> None:
        """Connect neurons to one neuron; indices are those in the populations of the projection."""
        if location_selector is not None:
            raise errors.ConnectionError(f"location_selector must be None for point neurons, not {location_selector!r}")
        self.connect_pairs(presynaptic_indices, postsynaptic_index, **parameters)

    def connect_pairs(self, pre: npt.ArrayLike, post: npt.ArrayLike, *, weight: Any, delay: Any) -> None:
        """Make connections: indices in the populations, weights, and delays in ms, broadcast to one shape (n,)."""
        part = _columns(pre, post, weight, delay_steps(delay))
        self._parts.append(part)
        self._length += len(part["weight"])

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        if self._parts:
            parts = [self._columns, *self._parts]
            self._columns = {name: np.concatenate([part[name] for part in parts]) for name in self._columns}
            self._parts = []
        return self._columns

    def column(self, name: str) -> npt.NDArray[Any]:
        """An attribute of all connections; delays in ms."""
        values = self._arrays()[name]
        return simulator.state.grid.times(values) if name == "delay" else values

    def set_columns(self, index: Any, **values: Any) -> None:
        """Set weights, or delays in ms, of some connections; all or, if one breaks a rule, none."""
        if "weight" in values:
            check_weight(values["weight"], self)
        if "delay" in values:
            values["delay"] = delay_steps(values["delay"])
        for name, value in values.items():
            self._arrays()[name][index] = value
        simulator.state.network_changed()

    def delay_range(self) -> tuple[int, int]:
        """Shortest and longest delay in steps; the projection must not be empty."""
        delays = self._arrays()["delay"]
        return int(delays.min()), int(delays.max())

    def synapses(self) -> Synapses:
        """The connections as the engine sees them, with neuron ids; arrays of their own."""
        arrays = self._arrays()
        return Synapses(
            pre=self.pre.all_cells.astype(np.int32)[arrays["presynaptic_index"]],
            post=self.post.all_cells.astype(np.int32)[arrays["postsynaptic_index"]],
            receptor=self._receptors()[arrays["postsynaptic_index"]],
            weight=arrays["weight"].copy(),
            delay=arrays["delay"].copy(),
        )

    def _receptors(self) -> npt.NDArray[np.int8]:
        """The place of the receptor among those of each postsynaptic neuron, shape (post,)."""
        members = getattr(self.post, "populations", [self.post])
        places = [member.celltype.receptor_types.index(self.receptor_type) for member in members]
        return np.repeat(np.array(places, np.int8), [member.size for member in members])

    def _set_attributes(self, parameter_space: Any) -> None:
        seed_all(parameter_space)
        parameter_space.evaluate(simplify=True)
        pre, post = self.column("presynaptic_index"), self.column("postsynaptic_index")
        values = {
            name: value[pre, post] if isinstance(value, np.ndarray) else value
            for name, value in parameter_space.items()
        }
        self.set_columns(slice(None), **values)

    def _get_attributes_as_list(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        return list(zip(*(self.column(name).tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(
        self, names: Sequence[str], multiple_synapses: str = "sum"
    ) -> list[npt.NDArray[np.float64]]:
        address = (self.column("presynaptic_index"), self.column("postsynaptic_index"))
        return [_matrix(self.shape, address, self.column(name), multiple_synapses) for name in names]


def _columns(pre: Any, post: Any, weight: Any, delay: Any) -> dict[str, npt.NDArray[Any]]:
    arrays = np.broadcast_arrays(np.atleast_1d(pre), post, weight, delay)
    names = ("presynaptic_index", "postsynaptic_index", "weight", "delay")
    types = (np.int32, np.int32, np.float64, np.int32)
    return {name: array.astype(dtype) for name, array, dtype in zip(names, arrays, types, strict=True)}


def _matrix(
    shape: tuple[int, int],
    address: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    values: npt.NDArray[np.float64],
    multiple_synapses: str,
) -> npt.NDArray[np.float64]:
    """Values at their addresses and NaN elsewhere; several at one address become one as asked for."""
    flat = address[0].astype(np.int64) * shape[1] + address[1]
    order = np.arange(len(flat))[:: -1 if multiple_synapses == "last" else 1].copy()
    _, first, group = np.unique(flat[order], return_index=True, return_inverse=True)
    chosen = values[order[first]].copy()
    if multiple_synapses in _COMBINE:
        if multiple_synapses == "sum":
            chosen[:] = 0.0
        _COMBINE[multiple_synapses].at(chosen, group, values[order])
    matrix = np.full(shape, np.nan)
    matrix.flat[flat[order[first]]] = chosen
    return matrix
