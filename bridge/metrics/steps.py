"""The step of the network in which a clock cycle lies."""

from __future__ import annotations

import numpy as np

from ..engines.base import Ints

__all__ = ["steps_of"]


def steps_of(cycles: Ints, cycles_per_step: int, starts: Ints | None = None) -> Ints:
    """Return the step in which each cycle lies, shape of ``cycles``.

    Step k is the ``cycles_per_step`` cycles from k times as many on; where steps differ in length it is those from
    ``starts[k]`` on, which ascend from 0. Raises ``ValueError`` if ``cycles_per_step`` is less than 1.
    """
    if cycles_per_step < 1:
        raise ValueError(f"cycles_per_step must be at least 1, not {cycles_per_step}")
    if starts is None:
        return cycles // cycles_per_step
    return np.searchsorted(starts, cycles, side="right") - 1
