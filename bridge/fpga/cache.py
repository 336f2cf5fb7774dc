"""What the tools have made, kept by everything that it was made from."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from ..engines.native.cache_folder import EngineUnavailable, cache_dir

__all__ = ["kept_files"]

_CONTENTS = "contents.json"


def kept_files(
    stage: str, parts: Iterable[str], names: Iterable[str], make: Callable[[Path], None], *, use: bool = True
) -> tuple[Path, bool]:
    """Return a folder with the files that a stage makes, and whether they were there already.

    A stage that has ended well is moved into the cache as a whole, so that another process sees it or does not, and one
    that was interrupted leaves nothing behind. Files that have changed since are made again. The folder is
    ``$SYNAPTILE_CACHE``, or ``synaptile`` in the user's cache folder.

    Parameters
    ----------
    stage
        Its name, in letters that a file may have.
    parts
        Everything that the files are made from, versions of tools included.
    names
        The files that are kept.
    make
        Makes them in a folder; raises if it cannot.
    use
        Whether files that are there may be taken. They are kept in either case.

    Raises
    ------
    OSError
        If the cache cannot be written; the message says what to set.
    """
    key = hashlib.sha256()
    for part in (stage, *parts):
        key.update(len(part.encode()).to_bytes(8, "little") + part.encode())
    home = _folder() / f"fpga-{stage}-{key.hexdigest()[:32]}"
    if use and _is_intact(home):
        return home, True
    try:
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="fpga-building-") as building:
            fresh = Path(building) / "fresh"
            fresh.mkdir()
            make(fresh)
            wanted = set(names)
            for path in fresh.iterdir():
                if path.name not in wanted:
                    path.unlink()
            sums = {name: _checksum(fresh / name) for name in sorted(wanted)}
            (fresh / _CONTENTS).write_text(json.dumps(sums), encoding="utf-8")
            if home.exists():
                home.rename(Path(building) / "old")
            try:
                fresh.rename(home)
            except OSError:
                if not _is_intact(home):  # unless another process was faster
                    raise
    except OSError as error:
        error.filename = error.filename or str(home.parent)
        error.filename2 = None
        raise
    return home, False


def _folder() -> Path:
    """Return the folder, made for the user alone if it was not there; raises ``OSError``."""
    try:
        folder = cache_dir()
    except EngineUnavailable:
        raise OSError("there is no cache folder, because the user has no home: set SYNAPTILE_CACHE to one") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"what the tools make cannot be kept in {folder}: {reason}; set SYNAPTILE_CACHE") from None
    return folder


def _is_intact(home: Path) -> bool:
    """Return whether a folder of the cache holds all its files as they were written."""
    try:
        sums = json.loads((home / _CONTENTS).read_text(encoding="utf-8"))
        return all(_checksum(home / name) == found for name, found in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
