"""Engines that run the chip; all of them give the same log for the same packets."""

from __future__ import annotations

import functools
import logging
from typing import Any

from synaptile.rtl import NetworkParams

from .base import Activity, Deliveries, Engine, Packets
from .native.build import EngineUnavailable

__all__ = ["ENGINES", "Activity", "Deliveries", "Engine", "EngineUnavailable", "Packets", "make_engine"]

ENGINES = ("auto", "compiled", "amaranth")
"""Names that `make_engine` takes; ``auto`` is the fastest that this machine can run."""

_log = logging.getLogger(__name__)


def make_engine(name: str, params: NetworkParams, *, threads: int = 1, **options: Any) -> Engine:
    """An engine by name.

    ``auto`` is ``compiled`` where that can be had, and otherwise ``amaranth``, which is said once in a process by a
    line in this module's log. Waveforms are recorded by ``amaranth`` only, so that ``auto`` is that if ``waves`` is
    among the options.

    Parameters
    ----------
    name
        One of `ENGINES`.
    params, options
        What the engines' constructors take: ``routing``, ``ready``, ``waves``, ``progress``.
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
    if name == "amaranth" or (name == "auto" and options.get("waves") is not None):
        return AmaranthEngine(params, **options)
    try:
        return CompiledEngine(params, threads=threads, announce=_log.info, **options)
    except EngineUnavailable as error:
        if name == "compiled":
            raise
        _warn_once(str(error))
        return AmaranthEngine(params, **options)


@functools.cache
def _warn_once(reason: str) -> None:
    _log.warning("using the slow engine 'amaranth': %s", reason)
