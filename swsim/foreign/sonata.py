"""SONATA's spike files (HDF5): ``/spikes/<population>`` with ``node_ids`` and ``timestamps`` in ms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..trace.errors import TraceError
from .hdf5 import open_hdf5, text
from .spikes import ForeignSpikes

__all__ = ["read_sonata"]


def read_sonata(path: Path, populations: Sequence[tuple[str, int]] = ()) -> ForeignSpikes:
    """Read the spikes of all populations; node ids begin at 0 in each.

    ``populations``, as (label, number of neurons), says how many neurons each has, and the order in which they are
    numbered; the file itself does not. It may be left out where there is one population only.

    Raises
    ------
    ModuleNotFoundError
        If h5py is not installed.
    TraceError
        If it is no such file, times are not in ms, or there are several populations of unknown size.
    """
    with open_hdf5(path, "a spike file") as file:
        groups = file.get("spikes")
        found = {} if groups is None else {name: group for name, group in groups.items() if "node_ids" in group}
        if not found:
            raise TraceError("/spikes", "have populations with node_ids and timestamps", sorted(groups or ()), path)
        if not populations:
            if len(found) > 1:
                raise TraceError("populations", "be given with their sizes, for the file has several", [*found], path)
            name = next(iter(found))
            ids, times = _spikes(path, name, found[name])
            return ForeignSpikes(ids, times)
        unknown = sorted(found.keys() - {label for label, _ in populations})
        if unknown:
            raise TraceError("populations", f"have the file's {', '.join(found)}", unknown, path)
        neuron, time, start = [np.zeros(0, np.int64)], [np.zeros(0)], 0
        for label, size in populations:
            if label in found:
                ids, times = _spikes(path, label, found[label])
                if ids.max(initial=-1) >= size:
                    raise TraceError(f"node_ids of {label!r}", f"lie in 0..{size - 1}", int(ids.max()), path)
                neuron.append(ids + start)
                time.append(times)
            start += size
        return ForeignSpikes(np.concatenate(neuron), np.concatenate(time), tuple(populations))


def _spikes(path: Path, name: str, group: Any) -> tuple[Any, Any]:
    """Return (node id, time in ms) of a population's spikes."""
    if "timestamps" not in group:
        raise TraceError(f"/spikes/{name}", "have node_ids and timestamps", sorted(group), path)
    units = text(group["timestamps"].attrs.get("units", "ms"))
    if units not in ("ms", "milliseconds", "millisecond"):
        raise TraceError(f"timestamps of {name!r}", "be in ms", units, path)
    ids = np.asarray(group["node_ids"])
    if ids.dtype.kind not in "iu" or ids.min(initial=0) < 0:
        raise TraceError(f"node_ids of {name!r}", "be whole numbers from 0 on", ids.min(initial=0), path)
    return ids.astype(np.int64), np.asarray(group["timestamps"], np.float64)
