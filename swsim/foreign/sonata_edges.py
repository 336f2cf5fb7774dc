"""SONATA's edge files (HDF5): ``/edges/<population>`` with ``source_node_id`` and ``target_node_id``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..trace.errors import TraceError
from .connections import Connections
from .hdf5 import open_hdf5, text

__all__ = ["SUFFIXES", "read_sonata_edges"]

SUFFIXES = (".h5", ".hdf5", ".sonata")
"""What the names of these files end with."""

_ENDS = ("source_node_id", "target_node_id")
_OPTIONAL = {"weight": "syn_weight", "delay": "delay", "synapses": "nsyns"}

Ints = npt.NDArray[np.int64]


def read_sonata_edges(path: Path, populations: Sequence[tuple[str, int]] = ()) -> Connections:
    """Read the edges of all populations of a file; node ids begin at 0 in each population of nodes.

    ``populations``, as (label, number of neurons), says how many neurons each population of nodes has, and the order in
    which they are numbered; they are those that ``node_population`` of the ids names. It may be left out where that is
    one only. Of an edge group, ``syn_weight``, ``delay`` in ms, and ``nsyns``, by which an edge is so many synapses,
    are read; what it has not is 1, one step, and 1. Edge types, in a file of their own, are not read.

    Raises
    ------
    ModuleNotFoundError
        If h5py is not installed.
    FileNotFoundError
        If there is no such file.
    TraceError
        If it is no such file, or an id is of no neuron.
    """
    with open_hdf5(path, "a file of connections") as file:
        groups = file.get("edges")
        found = [] if groups is None else [(name, group) for name, group in groups.items() if _ENDS[0] in group]
        if not found:
            raise TraceError("/edges", f"have populations with {' and '.join(_ENDS)}", sorted(groups or ()), path)
        named = {_node_population(group[end]) for _, group in found for end in _ENDS if end in group}
        numbers = _Numbers(path, populations, named)
        parts = [_edges(path, name, group, numbers) for name, group in found]
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in ("pre", "post")}
    for name in ("weight", "delay"):
        having = [part[name] is not None for part in parts]
        if any(having) and not all(having):
            rule = f"have {_OPTIONAL[name]} in all populations, or in none"
            raise TraceError("/edges", rule, [name for (name, _), has in zip(found, having, strict=True) if has], path)
        columns[name] = np.concatenate([part[name] for part in parts]) if all(having) else None
    try:
        return Connections(**columns)
    except TraceError as error:
        raise error.located(path) from None


def _node_population(ids: Any) -> str:
    return text(ids.attrs.get("node_population", ""))


class _Numbers:
    """The number of each population's first neuron in the network."""

    def __init__(self, path: Path, populations: Sequence[tuple[str, int]], named: set[str]) -> None:
        self.path = path
        self.first: dict[str, tuple[int, int | None]] = {}
        if not populations:
            if len(named) > 1:
                rule = "be given with their sizes, for the file has several"
                raise TraceError("populations", rule, sorted(named), path)
            self.first = dict.fromkeys(named, (0, None))
            return
        start = 0
        for label, size in populations:
            self.first[label] = start, size
            start += size
        if len(populations) == 1:
            self.first[""] = self.first[populations[0][0]]
        unknown = sorted(named - self.first.keys())
        if unknown:
            raise TraceError("populations", f"have the file's {', '.join(sorted(named))}", unknown, path)

    def of(self, name: str, population: str, ids: Ints) -> Ints:
        """Return the neurons of ids of a population."""
        start, size = self.first[population]
        if size is not None and ids.max(initial=-1) >= size:
            raise TraceError(f"{name} of {population!r}", f"lie in 0..{size - 1}", int(ids.max()), self.path)
        return ids + start


def _edges(path: Path, name: str, group: Any, numbers: _Numbers) -> dict[str, Any]:
    """Return the columns of a population of edges; None for a weight or delay that it does not have."""
    ends = []
    for end in _ENDS:
        if end not in group:
            raise TraceError(f"/edges/{name}", f"have {' and '.join(_ENDS)}", sorted(group), path)
        ids = _whole(path, f"{end} of {name!r}", group[end])
        ends.append(numbers.of(end, _node_population(group[end]), ids))
    if len(ends[0]) != len(ends[1]):
        raise TraceError(f"/edges/{name}", "have as many sources as targets", tuple(map(len, ends)), path)
    values = {key: _of_groups(path, name, group, dataset, len(ends[0])) for key, dataset in _OPTIONAL.items()}
    columns = {"pre": ends[0], "post": ends[1], "weight": values["weight"], "delay": values["delay"]}
    if values["synapses"] is None:
        return columns
    times = values["synapses"]
    if (times != np.rint(times)).any() or times.min(initial=0) < 0:
        raise TraceError(f"nsyns of {name!r}", "be whole numbers from 0 on", float(times.min()), path)
    return {
        key: None if column is None else np.repeat(column, times.astype(np.int64)) for key, column in columns.items()
    }


def _whole(path: Path, name: str, dataset: Any) -> Ints:
    ids = np.asarray(dataset)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or ids.min(initial=0) < 0:
        raise TraceError(name, "be whole numbers from 0 on", ids.min(initial=0), path)
    return ids.astype(np.int64)


def _of_groups(path: Path, name: str, group: Any, dataset: str, edges: int) -> npt.NDArray[np.float64] | None:
    """Return what the groups of a population's edges have of one kind, for each edge; None if none has it."""
    groups = {int(key): member for key, member in group.items() if key.isdecimal() and dataset in member}
    if not groups:
        return None
    for key in ("edge_group_id", "edge_group_index"):
        if key not in group or len(group[key]) != edges:
            raise TraceError(f"/edges/{name}", f"have {key} for each of its {edges} edges", sorted(group), path)
    number, index = (_whole(path, f"{key} of {name!r}", group[key]) for key in ("edge_group_id", "edge_group_index"))
    found = np.full(edges, np.nan)
    for group_id, member in groups.items():
        of_it = number == group_id
        values = np.asarray(member[dataset], np.float64)
        if index[of_it].max(initial=-1) >= len(values):
            rule = f"lie in 0..{len(values) - 1} in group {group_id}"
            raise TraceError(f"edge_group_index of {name!r}", rule, int(index[of_it].max()), path)
        found[of_it] = values[index[of_it]]
    if np.isnan(found).any():
        raise TraceError(f"{dataset} of {name!r}", "be a number for every edge, or be in no group", np.nan, path)
    return found
