"""Tables as files and as frames of other libraries, which are asked for only where they are needed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from synaptile.swsim.base.whole_file import whole_file

from ..errors import ConfigError
from .table import Table

__all__ = ["FORMATS", "check_format", "to_pandas", "to_xarray", "write_tables"]

FORMATS = ("csv", "parquet")
"""Formats of files."""

_CHUNK = 100_000
"""Rows that are text at a time, so that memory does not grow with the table."""


def _library(name: str, purpose: str) -> Any:
    """Import an optional library; raises ``ModuleNotFoundError`` that says what to install."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        library = name.partition(".")[0]
        raise ModuleNotFoundError(f"{purpose} needs {library}: pip install 'synaptile[tables]'", name=library) from None


def check_format(format: str) -> None:
    """Be sure that tables can be written in a format.

    Raises `ConfigError` if there is none of that name, and ``ModuleNotFoundError`` if its library is not installed.
    """
    if format not in FORMATS:
        raise ConfigError(f"tables must be one of {', '.join(FORMATS)}, not {format!r}")
    if format == "parquet":
        _library("pyarrow.parquet", "Parquet")


def write_tables(tables: Mapping[str, Table], folder: str | Path, format: str = "csv") -> list[Path]:
    """Write each table to a file of its name in a folder, which is made if need be; return their paths.

    Each file appears whole or not at all. In CSV what has no value is an empty cell; Parquet has the unit of each
    column in its field's metadata.

    Raises ``OSError`` if a file cannot be written, and what `check_format` raises.
    """
    check_format(format)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write = _write_csv if format == "csv" else _write_parquet
    return [write(table, folder / f"{name}.{format}") for name, table in tables.items()]


def _write_csv(table: Table, path: Path) -> Path:
    columns = list(table.columns.values())
    with whole_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.columns)
        for first in range(0, len(table), _CHUNK):
            chunk = [column[first : first + _CHUNK].tolist() for column in columns]
            for number, column in enumerate(columns):
                if column.dtype.kind == "f":
                    chunk[number] = ["" if value != value else value for value in chunk[number]]  # NaN is no cell
            writer.writerows(zip(*chunk, strict=True))
        text.detach()  # flushes, and leaves the file open
    return path


def _write_parquet(table: Table, path: Path) -> Path:
    arrow, parquet = _library("pyarrow", "Parquet"), _library("pyarrow.parquet", "Parquet")
    arrays = {name: arrow.array(column, from_pandas=True) for name, column in table.columns.items()}
    if not len(table):  # an empty column of text has no type of its own
        text = [name for name, column in table.columns.items() if column.dtype.kind == "O"]
        arrays |= {name: arrow.array([], arrow.string()) for name in text}
    schema = arrow.schema(
        [
            arrow.field(name, array.type, metadata={"unit": table.units[name]} if name in table.units else None)
            for name, array in arrays.items()
        ]
    )
    with whole_file(path) as file:
        parquet.write_table(arrow.table(list(arrays.values()), schema=schema), file)
    return path


def to_pandas(tables: Mapping[str, Table]) -> dict[str, Any]:
    """Return the tables as pandas data frames by name, the units of the columns in ``frame.attrs["units"]``.

    Raises ``ModuleNotFoundError`` if pandas is not installed.
    """
    pandas = _library("pandas", "to_pandas")
    frames = {}
    for name, table in tables.items():
        frames[name] = pandas.DataFrame(dict(table.columns))
        frames[name].attrs["units"] = dict(table.units)
    return frames


def to_xarray(tables: Mapping[str, Table], attributes: Mapping[str, Any]) -> Any:
    """Return the tables as one xarray dataset: a dimension for the rows of each, and ``{table}_{column}`` on it.

    Raises ``ModuleNotFoundError`` if xarray is not installed.
    """
    xarray = _library("xarray", "to_xarray")
    variables = {
        f"{table.name}_{name}": (table.row, column, {"units": table.units[name]} if name in table.units else {})
        for table in tables.values()
        for name, column in table.columns.items()
    }
    return xarray.Dataset(variables, attrs=dict(attributes))
