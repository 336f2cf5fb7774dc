"""Notes in the cache by which the library of a chip is found without converting its circuit.

A library belongs to the RTLIL of its node, which takes half a second to make. A note says, for parameters of a network
and the sources of all that has a part in it, which RTLIL that was. It is no more than a short cut: what the circuit is
compiled with is part of the library's own key, and where a note cannot be relied upon there is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from synaptile.rtl import SOURCES as RTL
from synaptile.rtl import NetworkParams
from synaptile.rtl.sources import LoadedSources

from .build import cache_dir

__all__ = ["NATIVE", "CircuitNote", "note_path", "read_note", "write_note"]

NATIVE = LoadedSources(__package__, suffixes=(".py", ".h", ".cc"), names=False)
"""The files of this package, which make RTLIL of a node and C++ of that."""


@cache
def _amaranth() -> LoadedSources:
    """The files of Amaranth, whose version says nothing of a checkout that is being edited."""
    return LoadedSources("amaranth", names=False)


@dataclass(frozen=True)
class CircuitNote:
    """What is known of a node's circuit.

    Attributes
    ----------
    netlist
        SHA-256 of the node's RTLIL.
    counters
        Names of the node's event counters, in the order in which they are read out.
    """

    netlist: str
    counters: tuple[str, ...]


def note_path(params: NetworkParams, *more: object) -> Path | None:
    """Where the note of the node of a network is, or would be; ``None`` if there must be none.

    Of what stands beside the node in a chip, ``more`` are the parameters, whose ``repr`` says all of them. There must
    be no note where sources are not as they were when they were loaded, or are no files.
    """
    sources = (RTL, NATIVE, _amaranth())
    if type(params) is not NetworkParams or not all(part.digest and part.unchanged() for part in sources):
        return None
    versions = (platform.python_implementation(), platform.python_version(), metadata.version("amaranth"))
    key = hashlib.sha256()
    for part in (repr((params, *more)), *(part.digest for part in sources), *versions):
        key.update(len(part.encode()).to_bytes(8, "little") + part.encode())
    return cache_dir() / f"circuit-{key.hexdigest()[:32]}"


def read_note(path: Path | None) -> CircuitNote | None:
    """Read a note; ``None`` if there is none, or it is damaged."""
    if path is None:
        return None
    try:
        checksum, _, body = path.read_text(encoding="ascii").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if checksum != _checksum(path, body):
        return None
    values = json.loads(body)
    return CircuitNote(values["netlist"], tuple(values["counters"]))


def write_note(path: Path | None, netlist: str, counters: Sequence[str]) -> None:
    """Write a note into the cache, in one step; what cannot be written is done without."""
    if path is None:
        return
    if not re.fullmatch("[0-9a-f]{64}", netlist):
        raise ValueError(f"netlist must be a SHA-256 in hexadecimal digits, not {netlist!r}")
    body = json.dumps({"netlist": netlist, "counters": list(counters)})
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="noting-")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{_checksum(path, body)}\n{body}")
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _checksum(path: Path, body: str) -> str:
    """Of the note and its name, so that none stands for another."""
    return hashlib.sha256(f"{path.name}\n{body}".encode("ascii")).hexdigest()
