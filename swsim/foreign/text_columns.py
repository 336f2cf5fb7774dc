"""Columns of numbers in text files, every error with the file and the line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..trace.errors import TraceError

__all__ = ["first_line", "numbers", "whole"]

Floats = npt.NDArray[np.float64]


def first_line(path: Path) -> str:
    """Return the first line that is not empty, without its end; raises `TraceError` if it is no text."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return next((line.strip() for line in file if line.strip()), "")
    except UnicodeDecodeError:
        raise TraceError("a file of numbers", "be text in UTF-8", "something else", path) from None


def numbers(path: Path, columns: Sequence[str], *, delimiter: str | None, skip: int) -> dict[str, Floats]:
    """Return the columns of a file by name, each of shape (rows,).

    ``delimiter`` None is any blanks; ``skip`` lines at the beginning are left out, and comments after ``#``.

    Raises `TraceError` for a row that has not as many numbers as there are columns.
    """
    rows: list[list[float]] = []
    with path.open(encoding="utf-8-sig") as file:
        try:
            for line_number, line in enumerate(file, 1):
                words = line.partition("#")[0].strip()
                if line_number <= skip or not words:
                    continue
                values = words.split(delimiter)
                if len(values) != len(columns):
                    raise _wrong(path, line_number, f"have {', '.join(columns)}", words)
                try:
                    rows.append([float(value) for value in values])
                except ValueError:
                    raise _wrong(path, line_number, f"have numbers for {', '.join(columns)}", words) from None
        except UnicodeDecodeError:
            raise TraceError("a file of numbers", "be text in UTF-8", "something else", path) from None
    table = np.array(rows, np.float64).reshape(-1, len(columns))
    return {name: table[:, number] for number, name in enumerate(columns)}


def whole(path: Path, name: str, values: Floats, first: int) -> npt.NDArray[np.int64]:
    """Return ids, of which the first neuron's is ``first``, as numbers from 0; raises `TraceError` for others."""
    wrong = (values != np.rint(values)) | (values < first) | (values >= 2**31 + first)
    if wrong.any():
        raise TraceError(name, f"be whole numbers from {first} on", float(values[wrong][0]), path)
    return values.astype(np.int64) - first


def _wrong(path: Path, line: int, rule: str, found: str) -> TraceError:
    return TraceError(f"line {line}", rule, found, path)
