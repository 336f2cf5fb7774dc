"""Rules for the fields of a file of results: each is checked as it was given, before it is cast or used.

A field that breaks a rule is an `ArchiveError` that names file, field, rule and value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

__all__ = ["ArchiveError", "Fields"]

_SHOWN = 60  # characters of a value in a message
_WHOLE_FILE = "the file"


class ArchiveError(ValueError):
    """A file is not what it should be, or a field of it breaks a rule.

    Attributes
    ----------
    file
        The file, None for values that come from none.
    field, rule, value
        What was wrong: "``field`` must ``rule``, not ``value``".
    """

    KIND: ClassVar = "result file"
    """Name of such a file in messages."""

    def __init__(self, field: str, rule: str, value: object, file: str | Path | None = None) -> None:
        self.field, self.rule, self.value = field, rule, value
        self.file = None if file is None else str(file)
        where = "" if file is None else f"{file}: "
        super().__init__(self._message or f"{where}{field} must {rule}, not {_shown(value)}")

    @property
    def _message(self) -> str | None:
        if self.field != _WHOLE_FILE:
            return None
        return f"{self.file} is not a {self.KIND}, or is truncated ({_shown(_Text(self.value))})"

    @classmethod
    def foreign(cls, file: str | Path, reason: str) -> Self:
        """Return the error for a file that is truncated, or something else."""
        return cls(_WHOLE_FILE, f"be a {cls.KIND}", reason, file)

    def located(self, file: str | Path) -> Self:
        """Return the same error with the file in which it was found."""
        return type(self)(self.field, self.rule, self.value, file)

    def __reduce__(self) -> Any:
        return type(self), (self.field, self.rule, self.value, self.file)


def _shown(value: object) -> str:
    """Return a value as a message has it: on one line, in ASCII, cut if it is long."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and value.bit_length() > 4 * _SHOWN:  # Python itself refuses to print huge ones
        return f"an integer of {value.bit_length()} bits"
    try:
        text = value if isinstance(value, _Text) else ascii(value)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


class _Text(str):
    """A value that is said as it is, without quotation marks."""

    __slots__ = ()


class Fields:
    """The rules, for one kind of error.

    Each method takes a field's name and value, and returns the value as the type that it stands for.
    """

    def __init__(self, error: type[ArchiveError]) -> None:
        self._error = error

    def refuse(self, field: str, rule: str, value: object, *, plain: bool = False) -> ArchiveError:
        """Return the error for a value that breaks a rule; ``plain`` for one that is said without quotation marks."""
        return self._error(field, rule, _Text(value) if plain else value)

    def whole(self, field: str, value: Any, low: int, high: int) -> int:
        """Check for a whole number in ``low..high``."""
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
            raise self.refuse(field, f"be a whole number in {low}..{high}", value)
        return int(value)

    def number(self, field: str, value: Any, low: float, high: float) -> float:
        """Check for a number in ``low..high``, which are finite."""
        real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        if not real or not low <= value <= high:
            raise self.refuse(field, f"be a number in {low:g}..{high:g}", value)
        return float(value)

    def flag(self, field: str, value: Any) -> bool:
        """Check for True or False."""
        if not isinstance(value, bool | np.bool_):
            raise self.refuse(field, "be true or false", value)
        return bool(value)

    def text(self, field: str, value: Any) -> str:
        """Check for a text that can be written."""
        if not isinstance(value, str):
            raise self.refuse(field, "be a text", value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.refuse(field, "be a text that can be written as UTF-8", value) from None
        return value

    def mapping(self, field: str, value: Any) -> dict[str, Any]:
        """Check for a mapping from texts to JSON types, with finite numbers and texts that can be written."""
        if not isinstance(value, Mapping):
            raise self.refuse(field, "be a mapping", value)
        try:
            self._json(field, value)
            json.dumps(dict(value), allow_nan=False)
        except RecursionError:
            raise self.refuse(field, "be nested less deeply", value) from None
        except (TypeError, ValueError) as error:
            if isinstance(error, self._error):
                raise
            raise self.refuse(field, f"be made of JSON types ({error})", value) from None
        return dict(value)

    def _json(self, field: str, value: Any) -> None:
        if isinstance(value, str):
            self.text(field, value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise self.refuse(field, "have finite numbers only", value)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                self.text(f"a key of {field}", key)
                self._json(f"{field}.{key}", item)
        elif isinstance(value, list | tuple):
            for item in value:
                self._json(field, item)

    def whole_array(
        self, field: str, values: Any, low: int, high: int, dtype: npt.DTypeLike, ndim: int = 1
    ) -> npt.NDArray[Any]:
        """Check for an array of whole numbers in ``low..high``, and cast it to ``dtype``, which has room for them."""
        array = self._array(field, values, "iu", "whole numbers", ndim)
        if array.size:
            # As Python integers, so that no comparison wraps.
            lowest, highest = int(array.min()), int(array.max())
            if lowest < low or highest > high:
                outside = lowest if lowest < low else highest
                rule = f"lie in {low}..{high}" if high >= low else "be empty, as there is nothing to number"
                raise self.refuse(field, rule, outside)
        return np.ascontiguousarray(array, dtype=dtype)

    def number_array(self, field: str, values: Any) -> npt.NDArray[np.float64]:
        """Check for an array of finite numbers of shape (n,)."""
        array = self._array(field, values, "iuf", "numbers", 1)
        with np.errstate(over="ignore"):
            cast = np.ascontiguousarray(array, dtype=np.float64)
        finite = np.isfinite(cast)
        if not finite.all():
            raise self.refuse(field, "be finite", float(cast[~finite][0]))
        return cast

    def _array(self, field: str, values: Any, kinds: str, what: str, ndim: int) -> npt.NDArray[Any]:
        try:
            array = np.asarray(values)
        except (ValueError, OverflowError, TypeError):  # rows of different lengths, for example
            raise self.refuse(field, f"be an array of {what}", values) from None
        if array.ndim != ndim:
            raise self.refuse(field, f"have {_dimensions(ndim)}", array.ndim)
        if not array.size and not isinstance(values, np.ndarray):
            return array.astype(np.int64)  # an empty list has no type
        if array.dtype.kind not in kinds:
            raise self.refuse(field, f"be an array of {what}", f"of type {array.dtype.name}", plain=True)
        return array


def _dimensions(ndim: int) -> str:
    return "one dimension" if ndim == 1 else f"{ndim} dimensions"
