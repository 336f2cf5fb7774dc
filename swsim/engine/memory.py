"""Estimates of the memory that something will need, announced before it is taken."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

__all__ = ["announce", "available", "engine_bytes", "release_memory", "resident"]

_WEIGHT = 8  # bytes of a connection without a state in the engine, besides its offset in the ring buffer
_STATE = 130  # bytes of a connection with a state, at most
_SORTING = 80  # bytes more of each of the connections that are put in order together
_MAX_SORTED_AT_ONCE = 1_000_000  # connections
_BUFFERED = 8  # bytes of an element of the ring buffer
_COMPILER = 1.1e8  # bytes of Numba and of what it loads

_MIN_ANNOUNCED = 1e9  # bytes
_MIN_SHARE = 0.05
"""What is less than this share of it is not worth a word, however much the process has already."""


def available() -> float | None:
    """Return the bytes of memory that this process can still take; None where the system does not say."""
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


def resident() -> float:
    """Return the bytes of memory that this process has; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def engine_bytes(fixed: int, stateful: int, places: int, *, compiler: bool) -> float:
    """Return the bytes that the engine takes, at most, for so many connections without and with a state.

    ``places`` is the number of elements of the ring buffer, and ``compiler`` says whether compiled loops may be used.
    """
    # Nearly `csr.offset_type`.
    offset = 4 if places < 2**31 else 8
    routes = fixed * (_WEIGHT + offset) + stateful * _STATE
    sorting = min(fixed + stateful, _MAX_SORTED_AT_ONCE) * _SORTING
    loading = _COMPILER if compiler and "numba" not in sys.modules else 0.0
    return routes + sorting + places * _BUFFERED + loading


def announce(size: float, what: str, *, taken: float = 0.0) -> None:
    """Say that ``what`` takes ``size`` bytes, if that is much, on standard error.

    With ``taken``, what the process has already, the sum is what counts, and is said as well, unless what is new is a
    small part of it.

    Raises
    ------
    MemoryError
        If there is not so much, before any of it is taken.
    """
    free = available()
    if free is not None and size > free:
        raise MemoryError(f"{what}: this needs about {_text(size)}, and {_text(free)} are free")
    if size + taken > _MIN_ANNOUNCED and size > _MIN_SHARE * _MIN_ANNOUNCED:
        rest = f" more, {_text(size + taken)} in all" if taken else ""
        print(f"synaptile: {what}: this needs about {_text(size)}{rest}", file=sys.stderr, flush=True)


def release_memory() -> None:
    """Give memory that has been freed back to the system, where the C library keeps it and can be asked to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _text(size: float) -> str:
    gigabytes = size / 1e9
    if gigabytes < 0.1:
        return f"{size / 1e6:.0f} MB"
    return f"{gigabytes:.0f} GB" if gigabytes >= 10 else f"{gigabytes:.1f} GB"
