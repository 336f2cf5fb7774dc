"""Connectors that take their connections from a list or a file."""

from __future__ import annotations

import ast
import os
import re
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import connectors, errors

from .by_target import make, of_pairs, report_progress

__all__ = ["FromFileConnector", "FromListConnector"]

_COLUMNS = re.compile(r"#\s*columns\s*=(.*)")


class FromListConnector(connectors.FromListConnector):
    """Make connections according to a list of (source, target, ...): all at once, in the order of the list.

    A parameter that is not in the list is that of the synapse type: from a random distribution a number for each
    connection, in the order of the list. (PyNN's own copies the generator for each target, and so gives all targets the
    same numbers.)
    """

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection; indices and signs of weights are checked."""
        _connect_rows(self, projection, self.conn_list, self.column_names)


def _connect_rows(connector: Any, projection: Any, rows: Any, names: Any) -> None:
    listed = np.asarray(rows)
    if not listed.size:
        return
    if listed.dtype.kind not in "iuf" or listed.ndim != 2 or listed.shape[1] != 2 + len(names):
        raise errors.ConnectionError(
            f"the list must have rows of {2 + len(names)} numbers, (source, target{''.join(', ' + n for n in names)}), "
            f"not an array of {listed.dtype.name} of shape {listed.shape}"
        )
    listed = listed.astype(float)
    known = projection.synapse_type.get_parameter_names()
    for name in names:
        if name not in known:
            raise errors.NonExistentParameterError(name, type(projection.synapse_type).__name__, known)
    source = _indices("source", listed[:, 0], projection.pre.size)
    target = _indices("target", listed[:, 1], projection.post.size)
    given = {name: listed[:, column] for column, name in enumerate(names, 2)}
    values = given | {
        name: _of_rows(value, source, target)
        for name, value in _parameters(connector, projection, len(listed)).items()
        if name not in given
    }
    make(connector, projection, source, target, values)
    report_progress(connector, target, projection.post.size)


def _parameters(connector: Any, projection: Any, n: int) -> dict[str, Any]:
    """Return the synapse type's parameters as lazy arrays over all pairs, or as an array of one value for each row."""
    own = projection.synapse_type.native_parameters
    rows = {
        name: value.base_value
        for name, value in own.items()
        if isinstance(value.base_value, np.ndarray) and value.base_value.shape == (n,) and not value.operations
    }
    for name in rows:
        del own._parameters[name]
    sides = SimpleNamespace(pre=projection.pre, post=projection.post, space=projection.space, shape=projection.shape)
    sides.synapse_type = SimpleNamespace(native_parameters=own)
    return rows | dict(connector._parameters_from_synapse_type(sides).items())


def _of_rows(value: Any, source: npt.NDArray[np.int64], target: npt.NDArray[np.int64]) -> Any:
    return value if isinstance(value, np.ndarray) else of_pairs(value, source, target)


def _indices(side: str, values: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int64]:
    outside = (values < 0) | (values >= size) | (values != np.floor(values))
    if outside.any():
        raise errors.ConnectionError(
            f"{side} index must be a whole number in 0..{size - 1}, not {values[outside][0]:g}"
        )
    return values.astype(np.int64)


class FromFileConnector(FromListConnector, connectors.FromFileConnector):
    """Make connections according to a file with such a list, which is read anew for each projection.

    ``file`` is the name of a text file, or a file object of `pyNN.recording.files`, which is left open. With
    ``distributed`` it is the file of that name with ``.0``, the number of this process, behind it. A first line such as
    ``# columns = ["i", "j", "weight", "delay"]`` names the columns; it is read as data and never run.
    """

    def __init__(
        self,
        file: Any,
        distributed: bool = False,
        location_selector: Any = None,
        safe: bool = True,
        callback: Any = None,
    ) -> None:
        connectors.Connector.__init__(self, location_selector, safe=safe, callback=callback)
        if isinstance(file, str | os.PathLike):
            file = str(Path(file).absolute())  # wherever the script goes before it connects
        elif not (hasattr(file, "read") and hasattr(file, "get_metadata")):
            raise TypeError(f"file must be a file's name or a file object of pyNN.recording.files, not {file!r}")
        self.file = file
        self.distributed = distributed

    def connect(self, projection: Any) -> None:
        """Read the file and make the connections of a projection."""
        if isinstance(self.file, str):
            rank = f".{projection._simulator.state.mpi_rank}" if self.distributed else ""
            columns, rows = _read(Path(self.file + rank))
        else:
            columns = self.file.get_metadata().get("columns")
            rows = np.atleast_2d(self.file.read())
        self.column_names, self.conn_list = _arranged(columns, rows)
        super().connect(projection)


def _read(path: Path) -> tuple[list[str] | None, npt.NDArray[np.float64]]:
    """Return the names of the columns, None without them, and the rows of a text file."""
    text = path.read_text()
    columns = None
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        found = _COLUMNS.match(line)
        if found:
            try:
                columns = ast.literal_eval(found[1].strip())
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                columns = found[1].strip()
    if columns is not None and not (
        isinstance(columns, list | tuple) and all(isinstance(name, str) for name in columns)
    ):
        raise errors.ConnectionError(f"{path}: columns must be a list of names, not {columns!r:.60}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that there are no data, which is no error
        try:
            rows = np.loadtxt(text.splitlines(), ndmin=2)
        except ValueError as error:
            raise errors.ConnectionError(f"{path}: rows must be of the same length, of numbers ({error})") from None
    return None if columns is None else list(columns), rows


def _arranged(columns: Any, rows: npt.NDArray[Any]) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    """Return the names of the parameters, and the rows with source and target in front."""
    if columns is None:
        return (() if rows.shape[1:] == (2,) else ("weight", "delay")), rows
    columns = list(columns)
    if "i" in columns and "j" in columns and rows.ndim == 2 and rows.shape[1] == len(columns):
        rows = rows[:, [columns.index("i"), columns.index("j"), *(k for k, n in enumerate(columns) if n not in "ij")]]
    return tuple(name for name in columns if name not in ("i", "j")), rows
