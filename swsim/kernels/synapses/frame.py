"""The frames of `synapses.compiled_group` in compiled code: how the loop writes to them, and a kernel reads them."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from ...synapses.compiled_group import HEADER, frame_length
from ..frame import pointer
from ..jit import compile_inline

__all__ = [
    "ARRIVE", "BASE", "DUE", "FIRED", "FIRED_COUNT", "PHASE", "SPIKES", "SPIKE_COUNT", "STEP", "add", "fired", "floats",
    "header", "indices", "keys",
    "matrix", "numbers", "prefetch", "words",
]  # fmt: skip

PHASE, STEP, BASE, _LINE, _LINE_SIZE, _PORTS, SPIKES, SPIKE_COUNT, FIRED, FIRED_COUNT = range(len(HEADER))

DUE, ARRIVE = 0, 1
"""The phases: what is due at a grid point, before the ring buffer has gone on to it; and the spikes of that point."""


def words(names: tuple[str, ...]) -> range:
    """Return where in a frame each array is."""
    return range(len(HEADER), frame_length(names), 2)


@compile_inline
def header(frame: Any) -> Any:
    """Return what the loop has written: the ring buffer, its base, the size of a row, and the spikes."""
    line = numba.carray(pointer(frame[_LINE]), (frame[_LINE_SIZE],), np.float64)
    spikes = numba.carray(pointer(frame[SPIKES]), (frame[SPIKE_COUNT],), np.int32)
    return line, frame[BASE], frame[_PORTS], spikes


@compile_inline
def fired(frame: Any) -> Any:
    """Return the neurons that fire, which are those whose spikes arrive unless hardware carries these."""
    return numba.carray(pointer(frame[FIRED]), (frame[FIRED_COUNT],), np.int32)


@compile_inline
def floats(frame: Any, word: int) -> Any:
    """Return an array of numbers of 8 bytes."""
    return numba.carray(pointer(frame[word]), (frame[word + 1],), np.float64)


@compile_inline
def numbers(frame: Any, word: int) -> Any:
    """Return an array of whole numbers of 8 bytes."""
    return numba.carray(pointer(frame[word]), (frame[word + 1],), np.int64)


@compile_inline
def indices(frame: Any, word: int) -> Any:
    """Return an array of whole numbers of 4 bytes, at least 0: an index that needs no test of its sign."""
    return numba.carray(pointer(frame[word]), (frame[word + 1],), np.uint32)


@compile_inline
def keys(frame: Any, word: int) -> Any:
    """Return an array of keys of random numbers."""
    return numba.carray(pointer(frame[word]), (frame[word + 1],), np.uint64)


@compile_inline
def matrix(frame: Any, word: int, rows: int) -> Any:
    """Return an array of so many rows."""
    return numba.carray(pointer(frame[word]), (rows, frame[word + 1] // max(rows, 1)), np.float64)


@compile_inline
def add(line: Any, index: int, weight: float) -> None:
    """Add a weight to the ring buffer, whose first element comes after the last one."""
    place = np.uint64(index - len(line) if index >= len(line) else index)
    line[place] += weight


def _prefetch(typing: Any, array: Any, index: Any) -> Any:
    """Have an element of an array brought near, which will be read and written to soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [address, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


prefetch: Any = intrinsic(_prefetch)
"""``prefetch(array, index)`` has an element brought near that will be read and written to soon."""
