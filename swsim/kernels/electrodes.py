"""The currents of electrodes, which may be others in every step, in compiled form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import overload

from .jit import compile_loop
from .network import Electrodes

__all__ = ["flowing"]


@compile_loop
def _add_up(electrodes: Electrodes, step: int, a: int, z: int) -> None:
    """Sum the currents into neurons a to z, source after source as `currents.Currents` does, if they have changed."""
    first, values, changed, start, neuron, current = electrodes
    k = step - first
    if not changed[k]:
        return
    for n in range(a, z):
        current[n] = 0.0
    for source in range(len(values)):
        for place in range(start[source], start[source + 1]):
            n = neuron[place]
            if a <= n < z:
                current[n] += values[source, k]


def flowing(electrodes: Electrodes | None, step: int, a: int, z: int) -> Any:
    """Return the current into each neuron from grid point ``step`` on, right for neurons a to z; None for none."""
    raise NotImplementedError("only in compiled code")


@overload(flowing, strict=False)
def _flowing(electrodes: Any, step: Any, a: Any, z: Any) -> Callable[..., Any]:
    if isinstance(electrodes, types.NoneType):
        return lambda electrodes, step, a, z: None

    def add_up(electrodes: Any, step: Any, a: Any, z: Any) -> Any:
        if len(electrodes.values):
            _add_up(electrodes, step, a, z)
        return electrodes.current

    return add_up
