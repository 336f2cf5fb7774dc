"""Seeds by name, and random numbers without a state: a hash of a stream's key and a counter.

The engine draws numbers in an order that depends on nothing but the network and the time, so that neither the way a
run is split, nor threads, nor what else is in the network change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["FIRST", "GOLDEN", "SECOND", "STREAMS", "SeedTree", "streams", "uniform"]

Keys = npt.NDArray[np.uint64]

STREAMS: Mapping[str, tuple[int | None, ...]] = {
    "population": (None, None),  # segment (number of resets), first neuron id
    "projection": (None, None, 1),  # segment, position among the projections
    "generator": (0, 0, None),  # number of PyNN generators seeded before, this one included
    "packet time": (0,),
    "packet destination": (1,),
    "hotspot": (2,),
    "testbench": (3,),
    "placement": (),
    "partition": (4,),
    "fan-out time": (),
}
"""The spawn key of each stream; None stands for a number that is given with the name.

Different streams have different keys with two exceptions, which stay so that a seed gives the numbers that it always
gave. The first generator has the key of the first projection in segment 0; they use it differently, as the seed of a
Mersenne Twister and as the key of a hash. Placement and fan-out traffic, of which no program draws both for one result,
have the seed itself.
"""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class SeedTree:
    """All seeds that follow from one.

    A stream depends on its name and numbers only, so that drawing from one changes no other.
    """

    seed: int

    def stream(self, name: str, *numbers: int) -> np.random.SeedSequence:
        """Return the seed of a stream of `STREAMS`, with as many numbers as its key leaves open.

        Raises ``ValueError`` if there is no such stream, or another count of numbers is needed.
        """
        if name not in STREAMS:
            raise ValueError(f"name of a stream must be one of {', '.join(STREAMS)}, not {name!r}")
        key = STREAMS[name]
        if key.count(None) != len(numbers):
            raise ValueError(f"stream {name!r} must be given {key.count(None)} numbers, not {len(numbers)}")
        given = iter(numbers)
        return np.random.SeedSequence(
            self.seed, spawn_key=tuple(next(given) if number is None else number for number in key)
        )


def _mix(x: Keys) -> Keys:
    """Apply the finaliser of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, figure 17) to uint64 of any shape."""
    x = (x ^ (x >> np.uint64(30))) * FIRST
    x = (x ^ (x >> np.uint64(27))) * SECOND
    return x ^ (x >> np.uint64(31))


def streams(seed: np.random.SeedSequence, size: int) -> Keys:
    """Return the keys of ``size`` independent streams of random numbers, shape (size,)."""
    key = seed.generate_state(1, np.uint64)
    return _mix(key + GOLDEN * np.arange(1, size + 1, dtype=np.uint64))


def uniform(stream: Keys, counter: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return uniform random numbers in [0, 1): number ``counter`` of each stream, of their broadcast shape."""
    position = np.asarray(counter).astype(np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):  # modulo 2**64 is meant, of which NumPy warns for scalars
        bits = _mix(stream + GOLDEN * position)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
