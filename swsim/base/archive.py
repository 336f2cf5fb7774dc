"""Results in one file: arrays and a header in a NumPy archive that is there whole or not at all."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["NotAnArchive", "read_archive", "write_archive"]


class NotAnArchive(ValueError):  # noqa: N818 - callers turn it into an error of their own
    """The file is truncated, or something else."""


def write_archive(
    path: str | Path, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, kind: str, version: int
) -> Path:
    """Write arrays and a header of JSON types under any file name; the same values give the same bytes.

    Raises ``OSError`` if it cannot be written; nothing is left behind then, and an older file stays as it was.
    """
    path = Path(path)
    text = json.dumps({**header, "format": kind, "version": version}, sort_keys=True)
    contents: dict[str, Any] = {"header": np.frombuffer(text.encode(), np.uint8), **arrays}
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(file, **contents)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def read_archive(path: str | Path, *, kind: str, version: int) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Header and arrays written by `write_archive`.

    Raises ``FileNotFoundError`` if there is no file, and `NotAnArchive` with the reason if it is truncated, of another
    kind or of another version.
    """
    try:
        # Opened here, because NumPy leaves a file open that turns out to be no archive.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            header = json.loads(bytes(archive["header"]))
            if header["format"] != kind:
                raise NotAnArchive(f"it is a {header['format']}")
            if header["version"] != version:
                raise NotAnArchive(f"it is of version {header['version']}, not {version}")
            return header, {name: archive[name] for name in archive.files if name != "header"}
    except NotAnArchive:
        raise
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, AttributeError, EOFError, ValueError) as error:
        raise NotAnArchive(str(error)) from None
