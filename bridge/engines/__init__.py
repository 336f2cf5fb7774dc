"""Engines that run the chip; all of them give the same log for the same packets."""

from __future__ import annotations

import functools
import logging
from typing import Any

from synaptile.rtl import NetworkParams

from .base import Activity, Deliveries, Engine, Packets
from .native.build import EngineUnavailable, find_compiler

__all__ = ["ENGINES", "Activity", "Deliveries", "Engine", "EngineUnavailable", "Packets", "fastest", "make_engine"]

ENGINES = ("auto", "compiled", "amaranth")
"""Names that `make_engine` takes; ``auto`` is the fastest that this machine can run."""

_log = logging.getLogger(__name__)


def fastest(name: str) -> str:
    """The engine that a name stands for: ``auto`` is ``compiled`` if there is a compiler, else ``amaranth``."""
    if name != "auto":
        return name
    try:
        find_compiler()
    except EngineUnavailable:
        return "amaranth"
    return "compiled"


def make_engine(name: str, params: NetworkParams, *, threads: int = 1, **options: Any) -> Engine:
    """An engine by name.

    ``auto`` is ``compiled`` where that can be had, and otherwise ``amaranth``, which is said once in a process by a
    line in this module's log.

    Parameters
    ----------
    name
        One of `ENGINES`.
    params, options
        What the engines' constructors take: ``routing``, ``ready``, ``waves``, ``progress``; and, with ``compiled``,
        ``log_file``.
    threads
        How many threads ``compiled`` may use (see `CompiledEngine`); ``amaranth`` has one. The results are the same.

    Raises
    ------
    TypeError
        If ``threads`` is not an integer.
    ValueError
        If there is no engine of that name, or ``threads`` is out of its range.
    EngineUnavailable
        If ``compiled`` is asked for and cannot be had.
    """
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {name!r}")
    from .amaranth import AmaranthEngine
    from .compiled import CompiledEngine, check_threads

    check_threads(threads)
    if options.get("log_file") is None:
        options.pop("log_file", None)
    elif name == "amaranth":
        raise ValueError("log_file needs the engine 'compiled', not 'amaranth'")
    if name == "amaranth":
        return AmaranthEngine(params, **options)
    try:
        return CompiledEngine(params, threads=threads, announce=_log.info, **options)
    except EngineUnavailable as error:
        if name == "compiled" or "log_file" in options:
            raise
        _warn_once(str(error))
        return AmaranthEngine(params, **options)


@functools.cache
def _warn_once(reason: str) -> None:
    _log.warning("using the slow engine 'amaranth': %s", reason)
