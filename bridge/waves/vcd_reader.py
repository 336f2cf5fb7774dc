"""The reader of VCD files, vcdvcd, without what its import does to the whole process."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

__all__ = ["VCDVCD"]


@contextlib.contextmanager
def _broken_pipes_kept() -> Iterator[None]:
    """Undo a change of what a broken pipe does.

    vcdvcd has it end the process, which suits a command in a shell; a study that writes to a worker that died, or a
    notebook, would be ended by it without a word.
    """
    number = getattr(signal, "SIGPIPE", None)  # None on Windows
    before = None if number is None else signal.getsignal(number)
    try:
        yield
    finally:
        if number is not None and signal.getsignal(number) != before:
            signal.signal(number, before)


with _broken_pipes_kept():
    from vcdvcd import VCDVCD
