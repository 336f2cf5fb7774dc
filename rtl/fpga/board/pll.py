"""Phase-locked loops: from a board's clock to the chip's, their settings computed for three families of FPGAs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

__all__ = ["PLLS", "Ecp5Pll", "Ice40Pll", "NoPll", "Pll", "Xc7Pll", "pll_for"]

_MHZ = 1e6


@dataclass(frozen=True, kw_only=True)
class Pll(ABC):
    """Where a chip's clock comes from: out of a clock of ``input_hz`` it makes one of `output_hz`."""

    input_hz: float

    @property
    @abstractmethod
    def output_hz(self) -> float:
        """Frequency of the output in Hz."""


@dataclass(frozen=True, kw_only=True)
class NoPll(Pll):
    """No loop: the board's clock as it is."""

    @property
    def output_hz(self) -> float:
        """Frequency of the output in Hz."""
        return self.input_hz


@dataclass(frozen=True, kw_only=True)
class _Loop(Pll):
    """Settings of a loop.

    The input is divided and compared (at `compare_hz`) with the oscillator (at `oscillator_hz`), which is divided, too;
    the output is another divided form of the oscillator.
    """

    COMPARE: ClassVar[tuple[float, float]]
    """Lowest and highest frequency in Hz at which the two are compared."""

    OSCILLATOR: ClassVar[tuple[float, float]]
    """Lowest and highest frequency of the oscillator in Hz."""

    OUTPUT: ClassVar[tuple[float, float]]
    """Lowest and highest frequency of the output in Hz."""

    @property
    @abstractmethod
    def compare_hz(self) -> float:
        """Frequency in Hz at which input and oscillator are compared."""

    @property
    @abstractmethod
    def oscillator_hz(self) -> float:
        """Frequency of the oscillator in Hz."""

    @classmethod
    @abstractmethod
    def candidates(cls, input_hz: float, output_hz: float) -> "Iterator[_Loop]":
        """Yield legal settings whose output is about ``output_hz``."""

    @property
    def is_legal(self) -> bool:
        """Whether every frequency lies within its limits."""
        parts = ((self.compare_hz, self.COMPARE), (self.oscillator_hz, self.OSCILLATOR), (self.output_hz, self.OUTPUT))
        return all(low <= hz <= high for hz, (low, high) in parts)


@dataclass(frozen=True, kw_only=True)
class _DividedLoop(_Loop):
    """One with a divider of the input, a multiplier and a divider of the output, each a whole number."""

    input_divider: int
    multiplier: int
    output_divider: int

    @property
    def compare_hz(self) -> float:
        """Frequency in Hz at which input and oscillator are compared."""
        return self.input_hz / self.input_divider

    @property
    def oscillator_hz(self) -> float:
        """Frequency of the oscillator in Hz."""
        return self.compare_hz * self.multiplier

    @property
    def output_hz(self) -> float:
        """Frequency of the output in Hz."""
        return self.oscillator_hz / self.output_divider


@dataclass(frozen=True, kw_only=True)
class Ecp5Pll(_DividedLoop):
    """EHXPLLL of Lattice's ECP5: CLKOP is fed back, CLKOS is the output (limits: data sheet FPGA-DS-02012).

    CLKOP has the frequency at which input and oscillator are compared, so that it is fed back undivided and
    ``multiplier`` is its own divider.
    """

    COMPARE = (10 * _MHZ, 400 * _MHZ)
    OSCILLATOR = (400 * _MHZ, 800 * _MHZ)
    OUTPUT = (3.125 * _MHZ, 400 * _MHZ)

    @classmethod
    def candidates(cls, input_hz: float, output_hz: float) -> Iterator[_Loop]:
        """Yield legal settings whose output is about ``output_hz``."""
        for divider in range(1, 1 + min(128, int(input_hz / cls.COMPARE[0]))):
            compare = input_hz / divider
            for multiplier in range(1, 1 + int(cls.OSCILLATOR[1] / compare)):
                for output in _around(compare * multiplier / output_hz, 128):
                    found = cls(input_hz=input_hz, input_divider=divider, multiplier=multiplier, output_divider=output)
                    if found.is_legal:
                        yield found


@dataclass(frozen=True, kw_only=True)
class Ice40Pll(_Loop):
    """SB_PLL40_PAD of Lattice's iCE40, with simple feedback (limits: data sheet FPGA-DS-02008).

    Its three settings are as the primitive has them: ``divr`` and ``divf`` are one less than what they divide by, and
    the oscillator's frequency is divided by 2 to the power of ``divq``.
    """

    COMPARE = (10 * _MHZ, 133 * _MHZ)
    OSCILLATOR = (533 * _MHZ, 1066 * _MHZ)
    OUTPUT = (16 * _MHZ, 275 * _MHZ)
    FILTERS: ClassVar = (17, 26, 44, 66, 101)
    """Highest frequency in MHz of the comparison for each setting of the filter, from 1 on; beyond it is one more."""

    divr: int
    divf: int
    divq: int

    @property
    def compare_hz(self) -> float:
        """Frequency in Hz at which input and oscillator are compared."""
        return self.input_hz / (self.divr + 1)

    @property
    def oscillator_hz(self) -> float:
        """Frequency of the oscillator in Hz."""
        return self.compare_hz * (self.divf + 1)

    @property
    def output_hz(self) -> float:
        """Frequency of the output in Hz."""
        return float(self.oscillator_hz / 2**self.divq)

    @property
    def filter_range(self) -> int:
        """Setting of the filter for this frequency of comparison."""
        return 1 + sum(self.compare_hz >= limit * _MHZ for limit in self.FILTERS)

    @classmethod
    def candidates(cls, input_hz: float, output_hz: float) -> Iterator[_Loop]:
        """Yield legal settings whose output is about ``output_hz``."""
        for divr in range(16):
            for divq in range(1, 7):
                for multiple in _around(output_hz * 2**divq * (divr + 1) / input_hz, 128):
                    found = cls(input_hz=input_hz, divr=divr, divf=multiple - 1, divq=divq)
                    if found.is_legal:
                        yield found


@dataclass(frozen=True, kw_only=True)
class Xc7Pll(_DividedLoop):
    """PLLE2_BASE of AMD's Artix-7 of any speed grade (limits: data sheet DS181, the slowest grade's)."""

    COMPARE = (19 * _MHZ, 450 * _MHZ)
    OSCILLATOR = (800 * _MHZ, 1600 * _MHZ)
    OUTPUT = (6.25 * _MHZ, 464 * _MHZ)

    @classmethod
    def candidates(cls, input_hz: float, output_hz: float) -> Iterator[_Loop]:
        """Yield legal settings whose output is about ``output_hz``."""
        for divider in range(1, 1 + min(56, int(input_hz / cls.COMPARE[0]))):
            for multiplier in range(2, 65):
                for output in _around(input_hz / divider * multiplier / output_hz, 128):
                    found = cls(input_hz=input_hz, input_divider=divider, multiplier=multiplier, output_divider=output)
                    if found.is_legal:
                        yield found


PLLS: dict[str, type[_Loop]] = {"ecp5": Ecp5Pll, "ice40": Ice40Pll, "xc7": Xc7Pll}
"""The loop that each family of FPGAs has."""


def _around(ratio: float, most: int) -> set[int]:
    """The whole numbers from 1 to ``most`` that are nearest below and above."""
    return {min(max(number, 1), most) for number in (int(ratio), int(ratio) + 1)}


def pll_for(family: str, input_hz: float, output_hz: float, *, tolerance: float = 0.01) -> Pll:
    """Return the loop whose output is nearest to a frequency; `NoPll` if that is the input's.

    Among several the one is taken whose inputs are compared most often, which jitters least, and of these the one whose
    oscillator is farthest from its limits.

    Parameters
    ----------
    family
        One of `PLLS`.
    input_hz, output_hz
        The board's clock, and the one that is wanted.
    tolerance
        By which part of itself the output may differ from what is wanted.

    Raises
    ------
    ValueError
        If no settings come that near; the message names the nearest frequencies that there are.
    """
    if output_hz == input_hz:
        return NoPll(input_hz=input_hz)
    kind = PLLS[family]
    low, high = kind.OUTPUT
    middle = sum(kind.OSCILLATOR) / 2
    found = sorted(
        kind.candidates(input_hz, min(max(output_hz, low), high)),
        key=lambda pll: (abs(pll.output_hz - output_hz), -pll.compare_hz, abs(pll.oscillator_hz - middle)),
    )
    if found and abs(found[0].output_hz - output_hz) <= tolerance * output_hz:
        return found[0]
    raise ValueError(
        f"clock_hz must be {input_hz:g} or a frequency that the PLL of {family} makes of it, {low:g}..{high:g}, "
        f"not {output_hz:g}" + (f"; the nearest is {found[0].output_hz:.6g}" if found else "")
    )
