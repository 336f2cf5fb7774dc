"""Files of connections of other programs, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..trace.errors import TraceError
from .connections import Connections, read_csv_edges
from .sonata_edges import SUFFIXES, read_sonata_edges

__all__ = ["read_connections"]


def read_connections(
    path: str | Path, *, first_id: int | None = None, populations: Sequence[tuple[str, int]] = ()
) -> Connections:
    """Read connections from a CSV file, or one of SONATA if its name ends with .h5, .hdf5 or .sonata.

    Parameters
    ----------
    path
        The file. The first line of CSV names the columns: ``pre``, ``post`` and perhaps ``weight``, ``delay`` in ms.
    first_id
        Of CSV, the id of the first neuron; 0 by default. SONATA's ids begin at 0.
    populations
        (label, number of neurons) of each: what a SONATA file does not say itself.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModuleNotFoundError
        If SONATA files need h5py.
    TraceError
        If the file is of another kind or damaged, or an id is of no neuron.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        return read_csv_edges(path, first_id=first_id or 0)
    if first_id is not None:
        raise TraceError("first_id", "be left out, for ids of sonata begin at 0", first_id)
    return read_sonata_edges(path, populations)
