"""One step of a population by the kernel of its kind: a chain of branches written out from the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import overload

from .jit import compile_inline
from .network import Neurons, Window
from .registry import KERNELS, KINDS, Kernel

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


@compile_inline
def advance(block: Any, a: int, z: int, neurons: Neurons, arriving: Any, current: Any) -> None:
    """Take neurons a to z of a block over a step.

    ``arriving`` is a row of the ring buffer, shape (receptors, neurons); ``current`` is that of those neurons, or None.
    """
    _step_of_kind(
        block, a, z, neurons, neurons.refractory[a:z], neurons.fired[a:z], arriving[0][a:z], arriving[1][a:z], current
    )
