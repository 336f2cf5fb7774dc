"""Files that are there whole or not at all: each is written beside its place, and moved there when it is complete.

A full disk or an interruption leaves an older file as it was, and nothing unfinished. That a crash of the machine may
still lose the new file is accepted (there is no ``fsync``).
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["whole_file", "write_bytes", "write_text"]


@contextmanager
def whole_file(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing in binary; it appears under its name, with what the body wrote, if that ends well.

    A link is followed, an older file's permissions are kept, and what is no ordinary file, such as ``/dev/stdout``, is
    written to directly. Raises ``OSError`` with the file's name in ``filename``, whatever it was that failed.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        place = Path(os.path.realpath(path))
        unfinished = place.with_name(f".synaptile-{secrets.token_hex(8)}.part")
        try:
            with unfinished.open("xb") as file:
                yield file
            if place.exists():
                unfinished.chmod(stat.S_IMODE(place.stat().st_mode))
            unfinished.replace(place)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        # Without a name, or with that of the part, nobody would know which file it is about.
        if error.errno is not None and (error.filename is None or ".part" in str(error.filename)):
            error.filename, error.filename2 = str(path), None
        raise


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a whole file; return its path. Raises as `whole_file`."""
    with whole_file(path) as file:
        file.write(data)
    return Path(path)


def write_text(path: str | Path, text: str) -> Path:
    """Write a whole file in UTF-8, its line ends as they are; return its path.

    Raises as `whole_file`, and ``UnicodeEncodeError`` before anything is touched if the text has lone surrogates.
    """
    return write_bytes(path, text.encode())
