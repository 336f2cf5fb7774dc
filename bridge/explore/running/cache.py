"""Work that trials share, done once: files named by what they are made from.

A process that needs what another is making waits for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Cache", "content_key"]


def content_key(*parts: Any) -> str:
    """Return a name that follows from JSON types, bytes and the contents of files (`Path`)."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        if not isinstance(data, bytes):
            data = json.dumps(data, sort_keys=True).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


class Cache:
    """A folder of files that are made once; without a folder, everything is made anew.

    Raises ``OSError`` if it cannot be written.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path | None:
        """Return where a file is, or will be."""
        return None if self.folder is None else self.folder / name

    @contextlib.contextmanager
    def making(self, name: str) -> Iterator[None]:
        """Be the only process that makes a file, or wait until another has made it."""
        path = self.path(f"{name}.lock")
        if path is None:
            yield
            return
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows: it may be made twice, which gives the same
            yield
            return
        with path.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
