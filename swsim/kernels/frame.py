"""Kernels that the loop calls by their address: each is compiled on its own, and only where a network needs it.

What they get is an address too, that of a frame in which lie the numbers and the addresses of arrays that `unpack`
returns: so all of them have one type, and the loop need not be compiled anew for another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..base.arrays import Floats, Ints
from .jit import compile_inline
from .network import Neurons

__all__ = ["FRAME", "SIGNATURE", "call", "fill", "frame_of", "pointer", "unpack"]

SIGNATURE = types.void(types.CPointer(types.int64))
"""The type of a kernel."""

FRAME = 17
"""The length of a frame, numbers of 8 bytes."""

(
    _BEGIN, _END, _SUBSTEPS, _METHOD, _RECEPTORS, _NEURONS, _COEFFICIENTS, _STATES, _PORTS, _INJECTED,
    _COEFFICIENT, _STATE, _HOLD, _LEFT, _FIRED, _ARRIVING, _CURRENT,
) = range(FRAME)  # fmt: skip


def _at(typing: Any, address: Any) -> Any:
    """Return an address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.intp), generate


def _call(typing: Any, kernel: Any, frame: Any) -> Any:
    """Call a kernel with a frame, both by their addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        function = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), [word]).as_pointer())
        builder.call(function, [arguments[1]])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


pointer: Any = intrinsic(_at)
"""``pointer(address)`` is an address as a pointer."""
call: Any = intrinsic(_call)
"""``call(kernel, frame)`` calls a kernel with a frame, both by their addresses."""


@compile_inline
def fill(frame: Any, block: Any, a: int, z: int, neurons: Any, arriving: Any, current: Any) -> None:
    """Write to a frame what a kernel needs to take neurons a to z of a block over a step.

    The arrays are those of all neurons; ``current`` has no elements where there are no electrodes.
    """
    coefficients, states = neurons.coefficients, neurons.states
    frame[_BEGIN], frame[_END] = a, z
    frame[_SUBSTEPS], frame[_METHOD], frame[_RECEPTORS] = block.substeps, block.method, block.receptors
    frame[_NEURONS], frame[_INJECTED] = states.shape[1], len(current)
    frame[_COEFFICIENTS], frame[_STATES], frame[_PORTS] = coefficients.shape[0], states.shape[0], arriving.shape[0]
    frame[_COEFFICIENT], frame[_STATE] = coefficients.ctypes.data, states.ctypes.data
    frame[_HOLD], frame[_LEFT] = neurons.refractory_steps.ctypes.data, neurons.refractory.ctypes.data
    frame[_FIRED] = neurons.fired.ctypes.data
    frame[_ARRIVING], frame[_CURRENT] = arriving.ctypes.data, current.ctypes.data


def frame_of(block: Mapping[str, int], neurons: Neurons, arriving: Floats, current: Floats) -> Ints:
    """Return the frame of all of those neurons for a call from Python; it is good as long as the arrays are there.

    ``block`` has ``substeps``, ``method`` and ``receptors``.
    """
    frame = np.zeros(FRAME, np.int64)
    frame[_END] = frame[_NEURONS] = neurons.states.shape[1]
    frame[_SUBSTEPS], frame[_METHOD], frame[_RECEPTORS] = block["substeps"], block["method"], block["receptors"]
    frame[_COEFFICIENTS], frame[_STATES] = len(neurons.coefficients), len(neurons.states)
    frame[_PORTS], frame[_INJECTED] = len(arriving), len(current)
    arrays = (
        neurons.coefficients, neurons.states, neurons.refractory_steps, neurons.refractory, neurons.fired, arriving,
        current,
    )  # fmt: skip
    frame[_COEFFICIENT:] = [array.ctypes.data for array in arrays]
    return frame


@compile_inline
def unpack(frame: Any) -> Any:
    """Return what lies in a frame.

    Returns
    -------
    begin, end
        The neurons to be taken over a step.
    substeps, method, receptors
        As in `network.BLOCK`.
    coefficients, states, hold, left, fired
        Those of all neurons, as in `network.Neurons`; ``hold`` and ``left`` are the steps of the refractory period.
    arriving
        The weights that arrive at the new grid point, shape (receptors, neurons); a kernel clears what it has taken.
    current
        That of electrodes into each neuron in nA, shape (neurons,), or an array of no elements for none.
    """
    n = frame[_NEURONS]
    return (
        frame[_BEGIN], frame[_END], frame[_SUBSTEPS], frame[_METHOD], frame[_RECEPTORS],
        numba.carray(pointer(frame[_COEFFICIENT]), (frame[_COEFFICIENTS], n), np.float64),
        numba.carray(pointer(frame[_STATE]), (frame[_STATES], n), np.float64),
        numba.carray(pointer(frame[_HOLD]), (n,), np.int32),
        numba.carray(pointer(frame[_LEFT]), (n,), np.int32),
        numba.carray(pointer(frame[_FIRED]), (n,), np.uint8),
        numba.carray(pointer(frame[_ARRIVING]), (frame[_PORTS], n), np.float64),
        numba.carray(pointer(frame[_CURRENT]), (frame[_INJECTED],), np.float64),
    )  # fmt: skip
