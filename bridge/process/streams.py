"""Standard output and error as they are: closed, full, without a reader, in ASCII, or kept for one JSON object."""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["abandon", "json_only", "open_all", "results", "writable_text"]

_PLAIN = str.maketrans({"×": "x", "–": "-", "—": "-", "…": "...", "µ": "u", "≤": "<=", "≥": ">=", "·": "*"})
"""What stands for characters of ours that a terminal cannot show."""

_results: IO[str] | None = None


def _shown(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what is written for characters that an encoding does not have.

    Bytes of file names that are no text are written as they are, characters of ours in a plain form, others escaped.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    if all("\udc80" <= letter <= "\udcff" for letter in text):
        return bytes(ord(letter) - 0xDC00 for letter in text), error.end
    return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode(), error.end


codecs.register_error("synaptile", _shown)


def open_all() -> None:
    """Open standard input, output and error that are closed, on nothing, so that no file of results becomes one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115


@contextmanager
def writable_text() -> Iterator[None]:
    """Let any text be printed, whatever the terminal's encoding."""
    before: list[tuple[Any, Any]] = []
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and stream.errors != "synaptile":
            before.append((stream, stream.errors))
            stream.reconfigure(errors="synaptile")
    try:
        yield
    finally:
        for stream, errors in before:
            with contextlib.suppress(OSError, ValueError):
                stream.reconfigure(errors=errors)


def results() -> IO[str]:
    """Return the stream for results: standard output, also while that is kept for them by `json_only`."""
    return sys.stdout if _results is None else _results


@contextmanager
def json_only(*, for_good: bool) -> Iterator[None]:
    """Keep standard output for `results`: what anything else writes there, child processes included, goes to error.

    ``for_good`` leaves it so afterwards: what a script has registered for the end of the process prints, too.
    """
    global _results
    before = sys.stdout
    kept = _kept_descriptor(before)
    if kept is None:
        _results = before
    else:
        _results = os.fdopen(kept, "w", encoding=before.encoding, errors=before.errors)
        os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        stream, _results = _results, None
        sys.stdout = before
        if kept is not None:
            _flush_everything(before)
            try:
                stream.flush()
            finally:
                if not for_good:
                    os.dup2(kept, 1)
                with contextlib.suppress(OSError):
                    stream.close()


def _kept_descriptor(stream: IO[str]) -> int | None:
    """Return a duplicate of a stream's descriptor, None if it has none, or not that of standard output."""
    try:
        stream.flush()
        return os.dup(1) if stream.fileno() == 1 else None
    except (OSError, ValueError):
        return None


def _flush_everything(stream: IO[str]) -> None:
    """Flush what the script or a library in C has printed and still holds, while it goes to standard error."""
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


def abandon(stream: IO[str] | None) -> None:
    """Send what a stream still holds to nowhere, after it could not be written, so that nothing complains at exit."""
    if stream is None:
        return
    try:
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return
    os.dup2(nowhere, number)
    os.close(nowhere)
