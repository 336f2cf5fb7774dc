"""What may vary from trial to trial: a name, and the values that it may have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import show
from .names import SCRIPT, check_value, is_real

__all__ = ["Choice", "Dimension", "Numbers", "Point", "Scalar", "dimension", "key_of"]

Scalar = bool | int | float | str
Point = Mapping[str, Scalar]
"""A value for every name of a space."""

_MOST_CHOICES = 10_000


@dataclass(frozen=True)
class Choice:
    """One of several values that have no order: ``{choice: [xy, odd-even]}``."""

    name: str
    values: tuple[Scalar, ...]

    @property
    def levels(self) -> tuple[Scalar, ...]:
        """All values."""
        return self.values

    def at(self, place: float) -> Scalar:
        """Return the value at a place in 0..1, of which every value has an equal part."""
        return self.values[min(int(place * len(self.values)), len(self.values) - 1)]

    def place(self, value: Scalar) -> float:
        """Return the middle of a value's part of 0..1."""
        return (self.values.index(value) + 0.5) / len(self.values)


@dataclass(frozen=True)
class Numbers:
    """A number from ``low`` to ``high``, both included: ``{range: [1, 8]}``, or by its logarithm ``{log: [1, 64]}``.

    Whole if ``whole``; ``step`` apart from ``low`` on, if that is not None.
    """

    name: str
    low: float
    high: float
    whole: bool
    log: bool = False
    step: float | None = None

    @property
    def levels(self) -> tuple[Scalar, ...] | None:
        """All values, ascending; None where there is no end of them."""
        if self.step is None:
            return None
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return tuple(self._number(self.low + number * self.step) for number in range(count))

    def at(self, place: float) -> Scalar:
        """Return the value at a place in 0..1."""
        if self.log:
            margin = 0.5 if self.whole else 0.0
            low, high = math.log(self.low - margin), math.log(self.high + margin)
            value = math.exp(low + place * (high - low))
            return self._number(min(max(round(value) if self.whole else value, self.low), self.high))
        if self.step is None:
            return self._number(self.low + place * (self.high - self.low))
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return self._number(self.low + min(int(place * count), count - 1) * self.step)

    def place(self, value: Scalar) -> float:
        """Return a place of a value, of which `at` gives it."""
        number = float(value)
        if self.log:
            margin = 0.5 if self.whole else 0.0
            low, high = math.log(self.low - margin), math.log(self.high + margin)
            return (math.log(number) - low) / (high - low) if high > low else 0.5
        if self.step is None:
            return (number - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return (round((number - self.low) / self.step) + 0.5) / count

    def _number(self, value: float) -> int | float:
        return round(value) if self.whole else float(value)


Dimension = Choice | Numbers


def key_of(point: Point) -> tuple[tuple[str, str, Scalar], ...]:
    """Return what two points have in common if they are the same: 1, 1.0 and True are not."""
    return tuple(sorted((name, type(value).__name__, value) for name, value in point.items()))


def dimension(name: str, given: object) -> Dimension:
    """Return what ``{choice: [...]}``, ``{range: [low, high], step: s}`` or ``{log: [low, high]}`` says.

    Raises ``ValueError`` with the rule and the value, that of the parameter too.
    """
    kinds = ("choice", "range", "log")
    if not (isinstance(given, Mapping) and sum(kind in given for kind in kinds) == 1):
        raise ValueError(
            f"must be {{choice: [...]}}, {{range: [low, high]}} or {{log: [low, high]}}, not {show(given)}"
        )
    kind = next(kind for kind in kinds if kind in given)
    others = [str(key) for key in given if key != kind and not (kind == "range" and key == "step")]
    if others:
        raise ValueError(f"{kind} cannot have {show(others[0])} beside it")
    if kind == "choice":
        return _choice(name, given["choice"])
    return _numbers(name, given[kind], log=kind == "log", step=given.get("step"))


def _choice(name: str, values: object) -> Choice:
    if not (isinstance(values, Sequence) and not isinstance(values, str) and 1 <= len(values) <= _MOST_CHOICES):
        raise ValueError(f"choice must be a list of one value or more, not {show(values)}")
    for value in values:
        if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"choice must have numbers, texts such as 4x4, true or false, not {show(value)}")
        check_value(name, value)
    if len({(type(value), value) for value in values}) < len(values):
        raise ValueError(f"choice must not have a value twice, not {show(list(values))}")
    return Choice(name, tuple(values))


def _numbers(name: str, ends: object, *, log: bool, step: Any) -> Numbers:
    what = "log" if log else "range"
    if not (isinstance(ends, Sequence) and not isinstance(ends, str) and len(ends) == 2 and all(map(_is_number, ends))):
        raise ValueError(f"{what} must be the lowest and the highest number such as [1, 8], not {show(ends)}")
    low, high = ends
    if low >= high:
        raise ValueError(f"{what} must go from a lower to a higher number, not {show(list(ends))}")
    if log and low <= 0:
        raise ValueError(f"log must begin above 0, not {show(list(ends))}")
    whole = all(type(end) is int for end in ends) and not is_real(name)
    if step is not None and (not _is_number(step) or not 0 < step <= high - low):
        raise ValueError(f"step must be above 0 and at most {high - low:g}, not {show(step)}")
    if whole and type(step) is float:
        if not name.startswith(SCRIPT):
            raise ValueError(f"step must be a whole number, as low and high are, not {show(step)}")
        whole = False
    for end in ends:
        check_value(name, end if whole else float(end))
    return Numbers(name, low, high, whole, log, 1 if whole and not log and step is None else step)


def _is_number(value: object) -> Any:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def every_point(dimensions: Sequence[Dimension]) -> Iterator[dict[str, Scalar]]:
    """Yield the points of the grid of all values, the last dimension changing first; all must have `levels`."""
    levels = [one.levels or () for one in dimensions]
    total = math.prod(map(len, levels))
    for number in range(total):
        point, rest = {}, number
        for one, values in zip(reversed(dimensions), reversed(levels), strict=True):
            rest, index = divmod(rest, len(values))
            point[one.name] = values[index]
        yield {one.name: point[one.name] for one in dimensions}
