"""The attributes of all connections of a projection, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Columns", "matrix"]

_COMBINE = {"sum": np.add, "min": np.minimum, "max": np.maximum}
_TYPES = {"presynaptic_index": np.int32, "postsynaptic_index": np.int32, "delay": np.int32}


class Columns:
    """Indices, weights, delays (in steps) and further parameters of connections, added part by part.

    Parameters
    ----------
    others
        The names of the further parameters.
    shared
        Whether others hold the arrays, and see what is written to them: they are then there in full. Else one number
        stands for all connections where they have it in common, until one is changed.
    """

    def __init__(self, others: Sequence[str], *, shared: bool) -> None:
        self._shared = shared
        self._names = ("presynaptic_index", "postsynaptic_index", "weight", "delay", *others)
        self._arrays = {name: np.empty(0, _TYPES.get(name, np.float64)) for name in self._names}
        self._parts: list[dict[str, npt.NDArray[Any]]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, **values: Any) -> None:
        """Add connections: one value or array for each name, broadcast to one shape (n,)."""
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values())) or (1,)
        part = {}
        for name in self._names:
            own = np.asarray(values[name]).astype(_TYPES.get(name, np.float64))
            part[name] = np.broadcast_to(own, shape)
            if self._shared or own.ndim:
                part[name] = part[name].copy() if part[name].shape != own.shape else own
        self._parts.append(part)
        self._length += shape[0]

    def joined(self) -> bool:
        """Put all parts together; whether there were any."""
        if not self._parts:
            return False
        parts = [self._arrays, *self._parts] if len(self._arrays["weight"]) else self._parts
        if len(parts) == 1:
            self._arrays = parts[0]
        else:
            self._arrays = {name: self._one_after_the_other([part[name] for part in parts]) for name in self._names}
        self._parts = []
        return True

    def _one_after_the_other(self, parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        # What is not shared, and one number in every part, may still be one.
        filled = [part for part in parts if len(part)]
        if filled and not self._shared and all(part.strides == (0,) for part in filled):
            first = filled[0][0]
            if all(part[0] == first for part in filled):
                return np.broadcast_to(first, (self._length,))
        return np.concatenate(parts)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """An attribute of all connections, shape (connections,), not to be written to."""
        self.joined()
        return self._arrays[name]

    def write(self, name: str, index: Any, values: Any) -> None:
        """Change an attribute of some connections."""
        if not self[name].flags.writeable:
            self._arrays[name] = self._arrays[name].copy()
        self._arrays[name][index] = values


def matrix(
    shape: tuple[int, int],
    address: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    values: npt.NDArray[np.float64],
    multiple_synapses: str,
) -> npt.NDArray[np.float64]:
    """Values at their addresses and NaN elsewhere; several at one address become one, as ``multiple_synapses`` says."""
    flat = address[0].astype(np.int64) * shape[1] + address[1]
    order = np.arange(len(flat))[:: -1 if multiple_synapses == "last" else 1].copy()
    _, first, group = np.unique(flat[order], return_index=True, return_inverse=True)
    chosen = values[order[first]].copy()
    if multiple_synapses in _COMBINE:
        if multiple_synapses == "sum":
            chosen[:] = 0.0
        _COMBINE[multiple_synapses].at(chosen, group, values[order])
    result = np.full(shape, np.nan)
    result.flat[flat[order[first]]] = chosen
    return result
