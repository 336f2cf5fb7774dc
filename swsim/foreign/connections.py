"""Connections of a network, as arrays or from a list of edges in a CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..trace.errors import FIELDS, TraceError
from ..trace.populations import MAX_ID
from .text_columns import first_line, numbers, whole

__all__ = ["COLUMNS", "Connections", "read_csv_edges"]

COLUMNS = ("pre", "post", "weight", "delay")
"""Columns of a list of edges; the last two may be left out."""


@dataclass(frozen=True)
class Connections:
    """What is connected, each array of shape (synapses,).

    Attributes
    ----------
    pre, post
        Neurons, from 0.
    weight
        In the unit of the model; by default 1.
    delay
        In ms; by default one step.

    Raises
    ------
    TraceError
        If the arrays differ in length, or hold something else.
    """

    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    weight: Any = None
    delay: Any = None

    def __post_init__(self) -> None:
        for name in ("pre", "post"):
            object.__setattr__(self, name, FIELDS.whole_array(name, getattr(self, name), 0, MAX_ID - 1, np.int64))
        weight = np.ones(len(self.pre)) if self.weight is None else FIELDS.number_array("weight", self.weight)
        object.__setattr__(self, "weight", weight)
        if self.delay is not None:
            object.__setattr__(self, "delay", FIELDS.number_array("delay", self.delay))
        given = {name: len(values) for name in COLUMNS if (values := getattr(self, name)) is not None}
        if len(set(given.values())) > 1:
            raise FIELDS.refuse(" and ".join(given), "be of equal length", given)


def read_csv_edges(path: str | Path, *, first_id: int = 0) -> Connections:
    """Read a list of edges: a CSV file whose first line names the columns, of `COLUMNS` in any order.

    ``pre`` and ``post`` are ids of neurons, of which the first is ``first_id``; ``weight`` is in the unit of the model,
    1 where the column is left out, and ``delay`` in ms, one step where it is left out.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TraceError
        If the columns are others, or a row is not of numbers such as these.
    """
    path = Path(path)
    names = [name.strip() for name in first_line(path).split(",")]
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown or len(set(names)) < len(names) or not {"pre", "post"} <= set(names):
        rule = f"name the columns {', '.join(COLUMNS)}, of which the last two may be left out"
        raise TraceError("the first line", rule, ",".join(names), path)
    columns = numbers(path, names, delimiter=",", skip=1)
    try:
        return Connections(
            whole(path, "pre", columns["pre"], first_id),
            whole(path, "post", columns["post"], first_id),
            columns.get("weight"),
            columns.get("delay"),
        )
    except TraceError as error:
        raise error.located(path) from None
