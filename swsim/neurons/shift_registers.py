"""The random numbers of neurons in gates: linear feedback shift registers, whose states are arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from ..base.random_streams import uniform

__all__ = ["advance_16", "advance_32", "seeded"]

States = npt.NDArray[np.uint32]

_TAPS_16 = 0xB400  # x^16 + x^14 + x^13 + x^11 + 1
_TAPS_32 = 0xA3000000  # x^32 + x^30 + x^26 + x^25 + 1


def _eight_steps(taps: int) -> States:
    """Return what each value of the lowest 8 bits adds, in 8 steps of Galois' form, to the state shifted by 8 bits."""
    state = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        state = (state >> np.uint32(1)) ^ (state & np.uint32(1)) * np.uint32(taps)
    return state


_AFTER_16, _AFTER_32 = _eight_steps(_TAPS_16), _eight_steps(_TAPS_32)
_BYTE, _EIGHT, _ONE = np.uint32(255), np.uint32(8), np.uint32(1)


def advance_16(state: States) -> States:
    """Return registers of 16 bits, 8 steps later."""
    return (state >> _EIGHT) ^ _AFTER_16[state & _BYTE]


def advance_32(state: States) -> States:
    """Return registers of 32 bits, 26 steps later."""
    for _ in range(3):
        state = (state >> _EIGHT) ^ _AFTER_32[state & _BYTE]
    for _ in range(2):
        state = (state >> _ONE) ^ (state & _ONE) * np.uint32(_TAPS_32)
    return state


def seeded(seed: Floats, number: int, bits: int) -> Floats:
    """Return the states that follow from seeds, shape (n,), for the register of that number: 1 to 2^bits - 1.

    They are 1 + floor(x (2^bits - 1)), with number ``number`` of the stream of random numbers x in [0, 1) whose key is
    the seed, see `random_streams.uniform`.
    """
    return 1.0 + np.floor(uniform(seed.astype(np.uint64), number) * (2.0**bits - 1.0))
