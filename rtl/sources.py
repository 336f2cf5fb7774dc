"""The source files of a package as they were when it was loaded, and whether it is still what they say."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
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
        self._spaces = list(self._spaces_now()) if names else []

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
        return all(space.unchanged() for space in self._spaces)

    def _stamps_now(self) -> dict[str, _Stamp]:
        """Size and times of each file; a change of contents, owner or name changes the last. A lost file has zeros."""
        return {place: _stamp(self._folder / place) for place in self._places}

    def _spaces_now(self) -> Iterator[_Space]:
        """The names of the modules that are loaded, and of their classes."""
        within = f"{self._package}."
        for name, module in sys.modules.copy().items():  # other threads may import
            if name != self._package and not name.startswith(within):
                continue
            yield _Space(vars(module), whole=False)
            for value in vars(module).copy().values():
                if isinstance(value, type) and value.__module__ == name:
                    yield _Space(vars(value), whole=True)


class _Space:
    """A name space as it is now; modules that are loaded later may add names to one that is not ``whole``."""

    def __init__(self, space: Mapping[str, Any], *, whole: bool) -> None:
        self._space = space
        self._whole = whole
        # Python makes a class's annotations when they are first asked for.
        hidden = "__annot" if whole else "__"
        self._kept = {name: value for name, value in dict(space).items() if not name.startswith(hidden)}
        self._filled = [(value, _items(value)) for value in self._kept.values() if type(value) in (dict, list)]

    def unchanged(self) -> bool:
        space, absent = self._space, object()
        return (
            (not self._whole or all(name in self._kept or name.startswith("__annot") for name in [*space]))
            and all(space.get(name, absent) is value for name, value in self._kept.items())
            and all(_alike(items, _items(value)) for value, items in self._filled)
        )


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _items(filled: dict[Any, Any] | list[Any]) -> list[Any]:
    """What is in a dictionary, keys and values, or in a list."""
    return [*filled, *filled.values()] if isinstance(filled, dict) else list(filled)


def _alike(one: list[Any], other: list[Any]) -> bool:
    """Return whether two lists are of the same objects."""
    return len(one) == len(other) and all(map(is_, one, other))
