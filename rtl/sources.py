"""The source files of a package as they were when it was loaded, and whether it is still what they say."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from operator import is_
from pathlib import Path
from typing import Any

__all__ = ["LoadedSources"]

_Stamp = tuple[int, int, int]


class LoadedSources:
    """The files of a package, taken when its last module has been loaded.

    What was derived from circuits with the same ``digest`` can be used again, as long as `unchanged`: neither a file
    nor a name in the package's modules and classes is another one, as in a notebook that goes on while the sources are
    edited, or where a function is replaced at run time. What is inside objects other than dictionaries and lists is not
    looked at.

    Parameters
    ----------
    package
        Its name. It must have been imported.
    suffixes
        Ends of the names of the files that count.
    names
        Look at the names, too; not only at the files.

    Attributes
    ----------
    digest
        SHA-256 of the files' places in the package and their contents; empty where a package is not made of files.
    """

    def __init__(self, package: str, *, suffixes: tuple[str, ...] = (".py",), names: bool = True) -> None:
        self._package = package
        self._folder = Path(sys.modules[package].__file__ or "").parent
        files = (path for path in self._folder.rglob("*") if path.name.endswith(suffixes))
        self._places = sorted(path.relative_to(self._folder).as_posix() for path in files)
        self._stamps = self._stamps_now()
        self.digest = self._digest()
        self._objects = dict(self._objects_now()) if names else {}

    def _digest(self) -> str:
        found = hashlib.sha256()
        try:
            for place in self._places:
                content = (self._folder / place).read_bytes()
                found.update(f"{place}\0{len(content)}\0".encode() + content)
        except OSError:
            return ""
        return found.hexdigest() if self._places else ""

    def unchanged(self) -> bool:
        """Return whether the files are those that the digest is of, and the names lead to what they did."""
        if self._stamps_now() != self._stamps:
            return False
        now = dict(self._objects_now()) if self._objects else {}
        return all(name in now and _same(kept, now[name]) for name, kept in self._objects.items())

    def _stamps_now(self) -> dict[str, _Stamp]:
        """Size and times of each file; a change of contents, owner or name changes the last. A lost file has zeros."""
        return {place: _stamp(self._folder / place) for place in self._places}

    def _objects_now(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """What the names of the modules that are loaded, and of their classes, lead to."""
        within = f"{self._package}."
        for name, module in sys.modules.copy().items():  # other threads may import
            if name != self._package and not name.startswith(within):
                continue
            for attribute, value in vars(module).copy().items():
                if attribute.startswith("__"):
                    continue
                yield (name, attribute), _copy(value)
                if isinstance(value, type) and value.__module__.startswith(self._package):
                    yield (name, attribute, ""), " ".join(vars(value))
                    yield from (((name, attribute, member), _copy(item)) for member, item in vars(value).copy().items())


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _copy(value: Any) -> Any:
    """A dictionary or list that stays as it is when the other one is filled; anything else itself."""
    return type(value)(value) if type(value) in (dict, list) else value


def _same(one: Any, other: Any) -> bool:
    """Return whether two are one object, or dictionaries or lists of the same objects."""
    if type(one) is not type(other):
        return False
    if type(one) is list:
        return len(one) == len(other) and all(map(is_, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(map(is_, one.values(), other.values()))
    return one is other or (type(one) is str and one == other)
