"""Clock cycles as points in time, in a unit that is exact wherever one is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Timebase"]

# (magnitude, unit, units per second), the coarsest first.
_UNITS = (
    (1, "ns", 10**9),
    (100, "ps", 10**10),
    (10, "ps", 10**11),
    (1, "ps", 10**12),
    (100, "fs", 10**13),
    (10, "fs", 10**14),
    (1, "fs", 10**15),
)


@dataclass(frozen=True)
class Timebase:
    """The unit in which a clock's edges are written.

    It is the coarsest from 1 ns down to 1 fs of which half a clock period is a whole multiple. If there is none (a
    clock of 300 MHz has a period of 3⅓ ns), it is 1 fs, and every edge is written at the femtosecond nearest to its
    true time: no edge is off by more than half a femtosecond, however late it comes.

    Attributes
    ----------
    clock_hz
        Clock frequency in Hz.

    Raises
    ------
    ValueError
        If ``clock_hz`` is not positive and finite, or so high that half a period is less than 1 fs.
    """

    clock_hz: float

    def __post_init__(self) -> None:
        highest = _UNITS[-1][2] / 2
        if not 0 < self.clock_hz <= highest:
            raise ValueError(f"clock_hz must be positive and at most {highest:g}, not {self.clock_hz!r}")

    @property
    def _chosen(self) -> tuple[int, str, int]:
        half = 1 / (2 * Fraction(self.clock_hz))
        return next((unit for unit in _UNITS if (half * unit[2]).denominator == 1), _UNITS[-1])

    @property
    def unit(self) -> tuple[int, str]:
        """Magnitude (1, 10 or 100) and name of the unit."""
        return self._chosen[:2]

    @property
    def period(self) -> Fraction:
        """Clock period in units."""
        return self._chosen[2] / Fraction(self.clock_hz)

    @property
    def exact(self) -> bool:
        """Every edge is written at its true time."""
        return (self.period / 2).denominator == 1

    def rise(self, cycle: int) -> int:
        """Units from time 0 to the rising edge with which a cycle begins."""
        return _nearest(cycle * self.period)

    def fall(self, cycle: int) -> int:
        """Units from time 0 to the falling edge in the middle of a cycle."""
        return _nearest(cycle * self.period + self.period / 2)


def _nearest(time: Fraction) -> int:
    return math.floor(time + Fraction(1, 2))
