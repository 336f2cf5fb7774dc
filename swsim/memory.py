"""How much memory something will need, said before it is taken."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

__all__ = ["DELAY_LINE", "ROUTES", "SORTING", "announce", "available", "give_back"]

ROUTES = 16
"""Bytes of a connection in the engine, at most."""
SORTING = 60
"""Bytes more that each connection of the largest projection takes while they are put in order."""
DELAY_LINE = 8
"""Bytes of a place of the delay line."""

_WORTH_SAYING = 1e9  # bytes


def available() -> float | None:
    """Bytes of memory that this process can still take; None where the system does not say."""
    found = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                found.append(float(line.split()[1]) * 1024)
    except OSError:
        return None
    group = Path("/sys/fs/cgroup")
    try:
        limit, used = ((group / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        if limit != "max":
            found.append(float(limit) - float(used))
    except (OSError, ValueError):
        pass  # no control group, or one of another kind: the machine's own figure it is
    return min(found, default=None)


def announce(size: float, what: str) -> None:
    """Say that ``what`` takes ``size`` bytes, if that is much, on standard error.

    Raises
    ------
    MemoryError
        If there is not so much, before any of it is taken.
    """
    free = available()
    if free is not None and size > free:
        raise MemoryError(f"{what}: this needs about {_text(size)}, and {_text(free)} are free")
    if size > _WORTH_SAYING:
        print(f"synaptile: {what}: this needs about {_text(size)}", file=sys.stderr, flush=True)


def give_back() -> None:
    """Give memory that has been freed back to the system, where the C library keeps it and can be asked to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _text(size: float) -> str:
    gigabytes = size / 1e9
    if gigabytes < 0.1:
        return f"{size / 1e6:.0f} MB"
    return f"{gigabytes:.0f} GB" if gigabytes >= 10 else f"{gigabytes:.1f} GB"
