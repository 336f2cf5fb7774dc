"""The folder in which compiled libraries are kept: it is code that runs, so that it must be the user's own."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["EngineUnavailable", "cache_dir", "check_owned", "open_cache"]

_REMEDY = "set SYNAPTILE_CACHE to another folder, or use the engine 'amaranth'"


class EngineUnavailable(RuntimeError):  # noqa: N818
    """The compiled engine is not available on this machine; the message is one line that says what to do."""


def cache_dir() -> Path:
    """Folder of the libraries: ``$SYNAPTILE_CACHE``, or ``synaptile`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Raises `EngineUnavailable` if there is no such folder because the user has no home.
    """
    try:
        if chosen := os.environ.get("SYNAPTILE_CACHE"):
            return Path(chosen).expanduser().absolute()
        base = os.environ.get("XDG_CACHE_HOME")
        return (Path(base).absolute() if base else Path.home() / ".cache") / "synaptile"
    except RuntimeError as error:  # a user that the machine does not know, as in some containers
        raise EngineUnavailable(f"there is no cache folder: {str(error).lower().rstrip('.')}; {_REMEDY}") from None


def open_cache() -> Path:
    """Return the folder, made for the user alone if it was not there.

    Raises `EngineUnavailable` if it cannot be made, is another user's, may be written by others, or is on a file system
    from which nothing can be executed.
    """
    folder = cache_dir()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_owned(folder)
        barred = hasattr(os, "statvfs") and os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0)
    except OSError as error:
        raise EngineUnavailable(
            f"the compiled engine cannot be kept in {folder}: {error.strerror or error}; "
            "set SYNAPTILE_CACHE to a folder that can be written, or use the engine 'amaranth'"
        ) from error
    if barred:
        raise EngineUnavailable(
            f"the compiled engine cannot be kept in {folder}: nothing there can be executed (mount option noexec); "
            f"{_REMEDY}"
        )
    return folder


def check_owned(path: Path) -> None:
    """Raise `EngineUnavailable` unless a file or folder is the user's own, and nobody else may write to it."""
    if not hasattr(os, "geteuid"):
        return
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise EngineUnavailable(f"the cache {path} belongs to another user (number {found.st_uid}); {_REMEDY}")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise EngineUnavailable(
            f"the cache {path} may be written by other users (mode {stat.S_IMODE(found.st_mode):o}): make that 700, or "
            f"{_REMEDY}"
        )
