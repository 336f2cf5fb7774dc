"""The spikes of some neurons out of a log, in compiled form."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import compile_loop

__all__ = ["select"]


@compile_loop
def select(first: int, size: int, neuron: Any, step: Any, ids: Any, steps: Any) -> int:
    """Copy the spikes of neurons ``first`` to ``first + size - 1`` to ``ids`` and ``steps``; return how many they are.

    Both must have a place more than there are spikes in the log, as every spike is written, and the next one over it
    if it is of another neuron: no branch to be guessed.
    """
    count = 0
    for i in range(len(neuron)):
        ids[count] = neuron[i]
        steps[count] = step[i]
        # Ids before the first become numbers that are larger than any size.
        count += int(np.uint32(neuron[i] - np.int32(first)) < np.uint32(size))
    return count
