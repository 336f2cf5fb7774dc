"""One step of a population by the kernel of its kind: a chain of branches written out from the registry, or a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import overload

from .frame import call, fill
from .network import Neurons, Window
from .registry import CALLED, KERNELS, KINDS, Kernel

__all__ = ["advance"]

_HEAD = """
def step_of_kind(block, a, z, neurons, left, fired, excitation, inhibition, current):
    states, coefficients, refractory_steps = neurons.states, neurons.coefficients, neurons.refractory_steps
"""

# Two calls: coefficients that are numbers are kept in registers, arrays are read.
_BRANCH = """
    if block.kind == {kind}:
        state = {name}_state({state})
        if block.alike:
            window = Window(refractory_steps[a], left, fired, excitation, inhibition)
            {name}({name}_coefficients({numbers}), state, window, current, block.substeps)
        else:
            windows = Window(refractory_steps[a:z], left, fired, excitation, inhibition)
            {name}({name}_coefficients({arrays}), state, windows, current, block.substeps)
        return
"""


def _branch(name: str, kernel: Kernel) -> str:
    """Return the branch for a kernel; Numba cannot make a named tuple of rows whose number it does not know."""

    def rows(table: str, record: Any, columns: str) -> str:
        return ", ".join(f"{field}={table}[{row}][{columns}]" for row, field in enumerate(record._fields))

    return _BRANCH.format(
        kind=KINDS[name],
        name=name,
        state=rows("states", kernel.state, "a:z"),
        numbers=rows("coefficients", kernel.coefficients, "a"),
        arrays=rows("coefficients", kernel.coefficients, "a:z"),
    )


def _step_of_kind(
    block: Any, a: int, z: int, neurons: Neurons, left: Any, fired: Any, excitation: Any, inhibition: Any, current: Any
) -> None:
    """Stand for the chain of branches in compiled code."""
    raise NotImplementedError("only in compiled code")


@overload(_step_of_kind, strict=False)
def _write_out(
    block: Any, a: Any, z: Any, neurons: Any, left: Any, fired: Any, excitation: Any, inhibition: Any, current: Any
) -> Callable[..., None]:
    space: dict[str, Any] = {"Window": Window}
    for name, kernel in KERNELS.items():
        space |= {name: kernel.step, f"{name}_state": kernel.state, f"{name}_coefficients": kernel.coefficients}
    exec(_HEAD + "".join(_branch(name, kernel) for name, kernel in KERNELS.items()), space)
    written: Callable[..., None] = space["step_of_kind"]
    return written


def _call(block: Any, a: int, z: int, neurons: Neurons, arriving: Any, current: Any, frame: Any) -> None:
    """Stand for the call of a kernel in compiled code."""
    raise NotImplementedError("only in compiled code")


@overload(_call, strict=False)
def _write_call(
    block: Any, a: Any, z: Any, neurons: Any, arriving: Any, current: Any, frame: Any
) -> Callable[..., None]:
    none = isinstance(current, types.NoneType)

    def with_current(block: Any, a: Any, z: Any, neurons: Any, arriving: Any, current: Any, frame: Any) -> None:
        fill(frame, block, a, z, neurons, arriving, current)
        call(block.address, frame.ctypes.data)

    def without(block: Any, a: Any, z: Any, neurons: Any, arriving: Any, current: Any, frame: Any) -> None:
        fill(frame, block, a, z, neurons, arriving, neurons.states[0][:0])
        call(block.address, frame.ctypes.data)

    return without if none else with_current


def advance(block: Any, a: int, z: int, neurons: Neurons, arriving: Any, current: Any, frame: Any) -> None:
    """Take neurons a to z of a block over a step.

    ``arriving`` is a row of the ring buffer, shape (receptors, neurons); ``current`` is that of all neurons, or None;
    ``frame`` is as for `loop.fire`.
    """
    raise NotImplementedError("only in compiled code")


@overload(advance, strict=False, jit_options={"forceinline": True})
def _advance(block: Any, a: Any, z: Any, neurons: Any, arriving: Any, current: Any, frame: Any) -> Callable[..., None]:
    if "alike" not in block.fields:  # of type `network.CALLED`
        return lambda block, a, z, neurons, arriving, current, frame: _call(
            block, a, z, neurons, arriving, current, frame
        )

    def one_or_the_other(block: Any, a: Any, z: Any, neurons: Any, arriving: Any, current: Any, frame: Any) -> None:
        if block.kind == CALLED:
            _call(block, a, z, neurons, arriving, current, frame)
        else:
            left, fired = neurons.refractory[a:z], neurons.fired[a:z]
            own = None if current is None else current[a:z]
            _step_of_kind(block, a, z, neurons, left, fired, arriving[0][a:z], arriving[1][a:z], own)

    return one_or_the_other
