"""Functions compiled by Numba, and where compiled code is kept between runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

__all__ = ["kept_compiled", "not_kept", "sources"]

_FOLDER = Path(__file__).parent

# Its types do not know all of its options.
_njit: Any = numba.njit


def not_kept(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Return a function compiled when it is called."""
    return _njit(**options)(function)


def kept_compiled(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Return a function compiled when it is first called with arguments of some types, once on a machine."""
    made = not_kept(function, options)
    if hasattr(made, "_cache"):  # there is none where Numba is told to compile nothing
        made._cache = _Cache(function)
    return made


class _Cache(FunctionCache):
    """Numba's cache, for functions that call those of other files, and for many processes at once.

    Numba looks at the file of the function that is called only, and writes the index before the code that it names: a
    process that reads in between finds the code of another version, or, where two write, that of other types.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, sources())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with self._alone():
            return super().load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        with self._alone():
            super().save_overload(sig, data)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            # Not on Windows, nor where the folder cannot be written, in which case Numba keeps nothing there.
            with contextlib.suppress(ModuleNotFoundError, OSError):
                import fcntl

                file = stack.enter_context(Path(self._cache_path, "synaptile.lock").open("wb"))
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


@cache
def sources() -> tuple[tuple[str, int, int], ...]:
    """Every file of mapping, with its size and time of change: what compiled code follows from."""
    files = ((path, path.stat()) for path in sorted(_FOLDER.rglob("*.py")))
    return tuple((str(path.relative_to(_FOLDER)), stat.st_size, stat.st_mtime_ns) for path, stat in files)
