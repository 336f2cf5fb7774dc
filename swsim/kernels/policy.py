"""The decision whether a run is worth compiling a loop for."""

from __future__ import annotations

import os

from .cache import available

__all__ = ["worth_it"]

_MAX_NUMPY_NEURONS = 50
_MAX_NUMPY_STEPS = 20_000


def worth_it(neurons: int, steps: int) -> bool:
    """Return whether to compile for so many neurons and steps: with Numba, unless the network is tiny and soon done.

    A few neurons take NumPy a second for some ten thousand steps, and the compiler takes longer than that to load.
    ``SYNAPTILE_NUMBA`` in the environment decides otherwise: 0 is never, and 1 is always.
    """
    if not available():
        return False
    return os.environ.get("SYNAPTILE_NUMBA", "") == "1" or neurons > _MAX_NUMPY_NEURONS or steps > _MAX_NUMPY_STEPS
