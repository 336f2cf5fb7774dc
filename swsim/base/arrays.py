"""Arrays: their types, their alignment in memory, and one value instead of a long array of equal ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LINE", "Floats", "Index", "Ints", "alike", "zeros"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Index = npt.NDArray[np.int64]
"""Of some neurons or synapses: their positions in arrays of all."""

LINE = 128
"""Bytes: two lines of 64, which processors fetch together."""

_MIN_SCALAR_LENGTH = 2000


def zeros(shape: tuple[int, ...] | int, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """Zeros, the first of them at an address that is a multiple of `LINE`.

    Threads with neighbouring arrays then do not share a cache line.
    """
    shape = (shape,) if isinstance(shape, int) else shape
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    space = np.zeros(size + LINE, np.uint8)
    begin = -space.ctypes.data % LINE
    array: npt.NDArray[Any] = space[begin : begin + size].view(kind).reshape(shape)
    return array


def alike(values: Floats) -> Floats:
    """One value, shape (), where a long array has but one, which is faster to calculate with; else the array.

    A short array is as fast as one value, and a Python number, which NumPy has to convert, is slower than either.
    """
    if len(values) < _MIN_SCALAR_LENGTH or (values != values[0]).any():
        return values
    return np.array(values[0])
