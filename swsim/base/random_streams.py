"""Random numbers without a state: a hash of who asks, when, and a key.

The engine draws numbers in an order that depends on nothing but the network and the time, so that neither the way a
run is split, nor threads, nor what else is in the network change them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["streams", "uniform"]

Keys = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _mix(x: Keys) -> Keys:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, figure 17), on uint64 arrays of any shape."""
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


def streams(seed: np.random.SeedSequence, size: int) -> Keys:
    """Keys of ``size`` independent streams of random numbers, shape (size,)."""
    key = seed.generate_state(1, np.uint64)
    return _mix(key + _GOLDEN * np.arange(1, size + 1, dtype=np.uint64))


def uniform(stream: Keys, counter: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Uniform random numbers in [0, 1): number ``counter`` of each stream, of the shape that both broadcast to."""
    position = np.asarray(counter).astype(np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):  # modulo 2**64 is meant, of which NumPy warns for scalars
        bits = _mix(stream + _GOLDEN * position)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
