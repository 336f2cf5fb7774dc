"""Results in one file: arrays and a header in a NumPy archive that is there whole or not at all.

A file that is read may be hostile: what a member says of itself is checked against the rules and against the file's
size before anything is allocated, and objects (pickles) are never loaded.
"""

from __future__ import annotations

import errno
import json
import math
import os
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from .archive_fields import ArchiveError
from .whole_file import whole_file

__all__ = ["Archive", "Member", "read_archive", "write_archive"]

_HEADER_BYTES = 1 << 26
_DEFLATE_RATIO = 1032  # bytes that one byte can stand for, at most
_SUFFIX = ".npy"

# What a damaged file makes of zipfile, NumPy's parser of array headers, and json.
_PARSING = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,  # an encrypted member, a compression that is not known, nesting too deep
    SyntaxError,
    TypeError,
    ValueError,
)


class _NotAnArchive(ValueError):  # noqa: N818 - `read_archive` turns it into the error of the kind of file
    """The file is truncated, or something else."""


def _unnamed(problem: BaseException) -> str:
    return str(problem).replace("\n", " ") or type(problem).__name__


@dataclass(frozen=True)
class Member:
    """Requirements of an array of an archive.

    Attributes
    ----------
    kinds
        NumPy's letters of the types that it may have: "iu" for whole numbers, "iuf" for numbers, "U" for text.
    ndim
        Number of dimensions.
    bytes
        The most that it may have.
    """

    kinds: str
    ndim: int = 1
    bytes: float = math.inf

    @property
    def what(self) -> str:
        """The types in words."""
        return {"iu": "whole numbers", "iuf": "numbers", "U": "text", "u": "bytes"}[self.kinds]


@dataclass(frozen=True)
class Archive:
    """Header and arrays of a file."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]


def write_archive(
    path: str | Path, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, kind: str, version: int
) -> Path:
    """Write arrays and a header of JSON types under any file name; the same values give the same bytes.

    Raises ``OSError`` if it cannot be written, and ``ValueError`` if the header has a number that is not finite;
    nothing is left behind then, and an older file stays as it was.
    """
    path = Path(path)
    text = json.dumps({**header, "format": kind, "version": version}, sort_keys=True, allow_nan=False)
    contents: dict[str, Any] = {"header": np.frombuffer(text.encode(), np.uint8), **arrays}
    with whole_file(path) as file:
        np.savez_compressed(file, **contents)
    return path


def read_archive(
    path: str | Path,
    *,
    kind: str,
    version: int,
    members: Mapping[str, Member],
    optional: Mapping[str, Member] | None = None,
    error: type[ArchiveError],
) -> Archive:
    """Return header and arrays written by `write_archive`, with the members that are named.

    Those that are ``optional`` are among the arrays where the file has them.

    Raises ``FileNotFoundError`` if there is no file, and ``error`` if it is truncated, of another kind or version, or a
    member is not as it must be.
    """
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                reader = _Reader(archive, error)
                header = _parsed(reader.read("header", Member("u", bytes=_HEADER_BYTES)))
                if header["format"] != kind:
                    raise _NotAnArchive(f"it is a {header['format']}")
                if header["version"] != version or isinstance(header["version"], bool):
                    raise _NotAnArchive(f"it is of version {header['version']}, not {version}")
                members = {**members, **reader.those_there(optional or {})}
                # All of them are looked at before the first is read.
                for name, member in members.items():
                    reader.check(name, member)
                reader.check_memory(members)
                return Archive(header, {name: reader.read(name, member) for name, member in members.items()})
        except ArchiveError as problem:
            raise problem.located(path) from None
        except _PARSING as problem:
            raise error.foreign(path, _unnamed(problem)) from None
        except OSError as problem:
            if problem.errno != errno.EINVAL:  # a place in the file that cannot be
                raise
            raise error.foreign(path, _unnamed(problem)) from None


class _Reader:
    """The members of an open archive."""

    def __init__(self, archive: zipfile.ZipFile, error: type[ArchiveError]) -> None:
        self._archive = archive
        self._error = error
        names = Counter(info.filename for info in archive.infolist())
        twice = next((name for name, count in names.items() if count > 1), None)
        if twice is not None:
            raise error(twice.removesuffix(_SUFFIX), "be there once", names[twice])

    def those_there(self, members: Mapping[str, Member]) -> dict[str, Member]:
        """Return those of some members that the archive has."""
        names = set(self._archive.namelist())
        return {name: member for name, member in members.items() if name + _SUFFIX in names}

    def check(self, name: str, member: Member) -> None:
        """Check what the member says of itself, without reading its data."""
        info = self._archive.getinfo(name + _SUFFIX)
        if info.compress_type == zipfile.ZIP_STORED:
            most = info.compress_size
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            most = info.compress_size * _DEFLATE_RATIO
        else:
            raise self._error(name, "be stored or deflated", info.compress_type)
        with self._archive.open(info) as stream:
            shape, dtype = _described(stream)
            start = stream.tell()
        if dtype.hasobject or dtype.kind not in member.kinds:
            raise self._error(name, f"be an array of {member.what}", dtype.name)
        if len(shape) != member.ndim:
            raise self._error(
                name, "have one dimension" if member.ndim == 1 else f"have {member.ndim} dimensions", shape
            )
        size = math.prod(shape) * dtype.itemsize
        if start + size != info.file_size or info.file_size > most:
            raise self._error(name, f"be as long as its header says, {size} bytes", min(info.file_size, most) - start)
        if size > member.bytes:
            raise self._error(name, f"have at most {member.bytes:g} bytes", size)

    def check_memory(self, members: Mapping[str, Member]) -> None:
        """Check that the arrays together are not more than the machine's memory."""
        size = sum(self._archive.getinfo(name + _SUFFIX).file_size for name in members)
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else math.inf
        if size > memory:
            raise self._error("the arrays", f"have at most this machine's memory of {memory} bytes", size)

    def read(self, name: str, member: Member) -> npt.NDArray[Any]:
        """Return a member's data after checking it."""
        self.check(name, member)
        with self._archive.open(name + _SUFFIX) as stream:
            array: npt.NDArray[Any] = npy.read_array(stream, allow_pickle=False)
            stream.read(1)  # at the end the checksum is compared
            return array


def _described(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of an array from the head of its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files of Python 2, which are read all the same
        version = npy.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = npy.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, _, dtype = npy.read_array_header_2_0(stream)
        else:
            raise _NotAnArchive(f"an array is of npy version {version}, not 1.0 or 2.0")
    if any(size < 0 for size in shape):
        raise _NotAnArchive(f"an array has the shape {shape}")
    return shape, dtype


def _parsed(data: npt.NDArray[Any]) -> dict[str, Any]:
    header = json.loads(data.tobytes().decode(), parse_constant=_no_constant, object_pairs_hook=_once)
    if not isinstance(header, dict):
        raise _NotAnArchive(f"its header is a {type(header).__name__}")
    return header


def _no_constant(name: str) -> NoReturn:
    raise _NotAnArchive(f"its header has the number {name}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotAnArchive(f"its header has a key twice among {sorted(found)}")
    return found
