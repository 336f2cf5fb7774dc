"""Runs side by side: every figure of each, in one table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..text_table import column_table

__all__ = ["SideBySide", "compare"]


class _Figures(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


class Compared(Protocol):
    """What is taken of a `ChipRun`."""

    @property
    def metrics(self) -> _Figures:
        """Its figures."""
        ...

    def rows(self) -> list[tuple[str, str, str]]:
        """The rows of its table: (what, value, unit)."""
        ...


@dataclass(frozen=True)
class SideBySide:
    """Runs by name, in the order in which they were given.

    Attributes
    ----------
    runs
        The runs.
    """

    runs: Mapping[str, Compared]

    def rows(self, *, all_: bool = True) -> list[tuple[str, str, list[str]]]:
        """(what, unit, the value of each run), – where a run has none; only what differs unless ``all_``."""
        tables = [{(what, unit): value for what, value, unit in run.rows()} for run in self.runs.values()]
        keys = dict.fromkeys(key for table in tables for key in table)
        found = [(what, unit, [table.get((what, unit), "–") for table in tables]) for what, unit in keys]
        return [row for row in found if all_ or len(set(row[2])) > 1]

    def table(self, *, differences: bool = False) -> str:
        """Every figure of the runs as text; with ``differences``, only those that are not the same in all."""
        lines = [[what, *values, unit] for what, unit, values in self.rows(all_=not differences)]
        return column_table(f"{len(self.runs)} runs side by side", ["", *self.runs, ""], lines)

    def numbers(self) -> dict[str, dict[str, float]]:
        """The numbers of ``metrics.json`` by run and key; keys within others are joined by a full stop."""
        return {name: dict(_numbers(run.metrics.to_dict())) for name, run in self.runs.items()}

    def to_csv(self) -> str:
        """The numbers, a run to a line, with a header."""
        numbers = self.numbers()
        keys = list(dict.fromkeys(key for values in numbers.values() for key in values))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["run", *keys])
        for name, values in numbers.items():
            writer.writerow([name, *(values.get(key, "") for key in keys)])
        return text.getvalue()

    def to_pandas(self) -> Any:
        """The numbers as a pandas data frame, a run to a row; ``ModuleNotFoundError`` without pandas."""
        import pandas

        return pandas.DataFrame.from_dict(self.numbers(), orient="index")

    def __str__(self) -> str:
        return self.table()


def compare(runs: Mapping[str, Compared] | Sequence[Compared]) -> SideBySide:
    """Put runs side by side: of any networks, chips, mappings and modes.

    Parameters
    ----------
    runs
        At least one, by name; without names they are called run 1, run 2 and so on.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not runs:
        raise ValueError("runs must be at least one run")
    if isinstance(runs, Mapping):
        return SideBySide(dict(runs))
    return SideBySide({f"run {number}": run for number, run in enumerate(runs, 1)})


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield f"{prefix}{key}", value
