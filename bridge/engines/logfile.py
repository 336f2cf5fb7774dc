"""A delivery log that grows on disk instead of in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ..tile_grid import TileGrid
from .base import Deliveries, Ints

__all__ = ["LOG_COLUMNS", "LogFile", "deliveries_in", "deliveries_of_rows", "order_of_rows"]

LOG_COLUMNS = (
    "tag",
    "source",
    "destination",
    "neuron",
    "stamp",
    "created",
    "injected",
    "delivered",
    "completed",
)
"""The columns of a log, whose rows are in the order in which deliveries were completed."""


def order_of_rows(rows: Ints, grid: TileGrid) -> Ints:
    """The order of rows of `LOG_COLUMNS` by delivery, then by destination."""
    # As one key it is nearly in order already, which a stable sort makes use of.
    key = rows[:, LOG_COLUMNS.index("delivered")] * grid.tiles + rows[:, LOG_COLUMNS.index("destination")]
    return np.argsort(key, kind="stable")


def deliveries_of_rows(rows: Ints, grid: TileGrid) -> Deliveries:
    """Deliveries from rows of `LOG_COLUMNS`, shape (deliveries, 9), on a chip."""
    rows = rows[order_of_rows(rows, grid)]
    column = {name: rows[:, i] for i, name in enumerate(LOG_COLUMNS)}
    return Deliveries(**column, hops=grid.hops(column["source"], column["destination"]))


class LogFile:
    """A NumPy ``.npy`` file of 64-bit integers, shape (deliveries, 9), that can be read while it grows.

    The columns are `LOG_COLUMNS`; `deliveries_in` reads the file back.

    Raises ``OSError`` if it cannot be written; what was there before is replaced.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self.rows = 0
        with self.path.open("wb") as file:
            self._write_header(file)
            self._start = file.tell()

    def append(self, rows: Ints) -> None:
        """Write rows at the end; the header is right again afterwards. Raises ``OSError`` with the file's name."""
        if not len(rows):
            return
        try:
            with self.path.open("r+b") as file:
                file.seek(self._start + self.rows * self._row_bytes)
                file.write(np.ascontiguousarray(rows, dtype="<i8").tobytes())
                file.flush()  # before the header counts them
                file.seek(0)
                self.rows += len(rows)
                self._write_header(file)
        except OSError as error:
            error.filename = str(self.path)
            raise

    def read(self, first: int) -> Ints:
        """The rows from ``first`` on."""
        count = max(0, self.rows - first) * len(LOG_COLUMNS)
        offset = self._start + first * self._row_bytes
        if not count:
            return np.zeros((0, len(LOG_COLUMNS)), dtype=np.int64)
        return np.fromfile(self.path, dtype="<i8", count=count, offset=offset).reshape(-1, len(LOG_COLUMNS))

    _row_bytes = 8 * len(LOG_COLUMNS)

    def _write_header(self, file: IO[bytes]) -> None:
        # NumPy leaves room in the header for the first axis to grow.
        shape = (self.rows, len(LOG_COLUMNS))
        np.lib.format.write_array_header_1_0(file, {"descr": "<i8", "fortran_order": False, "shape": shape})


def deliveries_in(path: str | Path, grid: TileGrid, *, rows_at_once: int = 1 << 20) -> Iterator[Deliveries]:
    """Read a log file, such as that of ``synaptile traffic --log``, of a chip, at most ``rows_at_once`` rows at a time.

    Raises ``FileNotFoundError``, or ``ValueError`` if it is not a log file.
    """
    table = np.load(path, mmap_mode="r", allow_pickle=False)
    if table.ndim != 2 or table.shape[1] != len(LOG_COLUMNS) or table.dtype != np.int64:
        raise ValueError(f"{path} is not a delivery log: its shape is {table.shape} of {table.dtype}")
    for first in range(0, len(table), rows_at_once):
        yield deliveries_of_rows(np.array(table[first : first + rows_at_once]), grid)
