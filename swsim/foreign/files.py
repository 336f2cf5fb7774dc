"""Spike files of other programs, by their names and first bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..trace.errors import TraceError
from .carlsim import is_carlsim, read_carlsim
from .sonata import read_sonata
from .spikes import ForeignSpikes
from .text_columns import first_line, numbers, whole

__all__ = ["FORMATS", "format_of", "read_spikes"]

FORMATS = {
    "csv": "a line for each spike, below a first line 'neuron,time_ms'; ids from 0",
    "nest": "NEST's ASCII files (.dat, .gdf): sender and time in ms; ids from 1",
    "sonata": "SONATA's HDF5 files; ids from 0 in each population",
    "carlsim": "CARLsim's binary files, each a group of neurons; ids from 0 in each",
}
"""The formats by name."""

_SUFFIXES = {".csv": "csv", ".gdf": "nest", ".h5": "sonata", ".hdf5": "sonata", ".sonata": "sonata"}
_CSV_COLUMNS = ("neuron", "time_ms")


def format_of(path: Path) -> str:
    """Return the format of a file, by the end of its name, or what it begins with; raises `TraceError`."""
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    if is_carlsim(path):
        return "carlsim"
    if path.suffix.lower() == ".dat":
        return "nest"
    raise TraceError("a spike file", f"be one that is known ({', '.join(FORMATS)})", path.suffix, path)


def read_spikes(
    paths: str | Path | Sequence[str | Path],
    *,
    format: str | None = None,
    first_id: int | None = None,
    populations: Sequence[tuple[str, int]] = (),
) -> ForeignSpikes:
    """Read spikes from one file, or from several of one run.

    Parameters
    ----------
    paths
        The files. Of CARLsim each is a population, in this order; of the others they have the ids of one network, as
        NEST's have of each of its threads.
    format
        One of `FORMATS`; by default what the files look like.
    first_id
        Id of the first neuron; by default the format's. Not for SONATA and CARLsim, whose ids begin at 0.
    populations
        (label, number of neurons) of each: what a SONATA file does not say itself.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ModuleNotFoundError
        If SONATA files need h5py.
    TraceError
        If a file is of another format or damaged, with its name and line.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if not files:
        raise TraceError("paths", "be one file or more", files)
    if format is not None and format not in FORMATS:
        raise TraceError("format", f"be one of {', '.join(FORMATS)}", format)
    kinds = [format or format_of(path) for path in files]
    if "carlsim" in kinds and len(set(kinds)) > 1:
        raise TraceError("the files", "be of one format where one is of CARLsim", kinds)
    found = []
    for path, kind in zip(files, kinds, strict=True):
        if first_id is not None and kind in ("sonata", "carlsim"):
            raise TraceError("first_id", f"be left out, for ids of {kind} begin at 0", first_id)
        try:
            if kind == "csv":
                found.append(_read_csv(path, first_id or 0))
            elif kind == "nest":
                found.append(_read_nest(path, 1 if first_id is None else first_id))
            elif kind == "sonata":
                found.append(read_sonata(path, populations))
            else:
                found.append(read_carlsim(path))
        except TraceError as error:
            raise error if error.file else error.located(path) from None
    return _joined(found, groups="carlsim" in kinds)


def _joined(found: Sequence[ForeignSpikes], *, groups: bool) -> ForeignSpikes:
    """Put files together: those of groups one after the other, and what is of one network as it is."""
    neuron, start = [], 0
    for one in found:
        neuron.append(one.neuron + (start if groups else 0))
        start += sum(size for _, size in one.populations)
    labels = tuple(part for one in found for part in one.populations) if groups else found[0].populations
    return ForeignSpikes(np.concatenate(neuron), np.concatenate([one.time for one in found]), labels)


def _read_csv(path: Path, first_id: int) -> ForeignSpikes:
    names = tuple(name.strip() for name in first_line(path).split(","))
    if names != _CSV_COLUMNS:
        raise TraceError("the first line", f"be {','.join(_CSV_COLUMNS)}", ",".join(names), path)
    columns = numbers(path, _CSV_COLUMNS, delimiter=",", skip=1)
    return ForeignSpikes(whole(path, "neuron", columns["neuron"], first_id), columns["time_ms"])


def _read_nest(path: Path, first_id: int) -> ForeignSpikes:
    """Read what NEST's ASCII backend writes: comments, perhaps a line of names, then sender and time."""
    skip = 0
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "sender":
                if words != ["sender", "time_ms"]:
                    raise TraceError(f"line {number}", "name sender and time_ms, which NEST writes", line.strip(), path)
                skip = number
            break
    columns = numbers(path, ("sender", "time_ms"), delimiter=None, skip=skip)
    return ForeignSpikes(whole(path, "sender", columns["sender"], first_id), columns["time_ms"])
