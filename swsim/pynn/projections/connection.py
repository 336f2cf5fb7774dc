"""Single connections, as PyNN knows them: windows on the arrays of a projection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from pyNN import common

from ..interfaces import ProjectionLike

__all__ = ["Connection", "Connections"]


class Connection(common.Connection):
    """One connection of a projection: a window on its arrays."""

    def __init__(self, projection: ProjectionLike, index: int) -> None:
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

    @property
    def delay(self) -> float:
        """Delay in ms."""
        return float(self._projection.column("delay")[self._index])

    def __getattr__(self, name: str) -> float:
        """Another parameter of the synapse type."""
        if name.startswith("_") or name not in self._projection.parameters:
            raise AttributeError(f"{self._projection.label} has no connection parameter {name!r}")
        return float(self._projection.column(name)[self._index])

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and name in self._projection.parameters:
            self._projection.set_columns(self._index, **{name: value})
        else:
            object.__setattr__(self, name, value)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """The named attributes."""
        return tuple(getattr(self, name) for name in names)


class Connections(Sequence[Connection]):
    """The connections of a projection, made when they are looked at."""

    def __init__(self, projection: ProjectionLike) -> None:
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
