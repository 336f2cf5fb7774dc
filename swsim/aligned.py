"""Arrays that begin with a cache line, so that threads with neighbouring parts of them do not share one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LINE", "zeros"]

LINE = 128
"""Bytes: two lines of 64, which processors fetch together."""


def zeros(shape: tuple[int, ...] | int, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """Zeros, the first of them at an address that is a multiple of `LINE`."""
    shape = (shape,) if isinstance(shape, int) else shape
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    space = np.zeros(size + LINE, np.uint8)
    begin = -space.ctypes.data % LINE
    array: npt.NDArray[Any] = space[begin : begin + size].view(kind).reshape(shape)
    return array
