"""Engines that run the chip; all of them give the same log for the same packets."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.routing import Routing

from .base import Activity, CycleProgress, Deliveries, Engine, Packets
from .logfile import deliveries_in
from .native.build import EngineUnavailable, find_compiler
from .native.cache_folder import open_cache

if TYPE_CHECKING:
    from .wave_sink import WaveSink

__all__ = [
    "ENGINES",
    "Activity",
    "Deliveries",
    "Engine",
    "EngineUnavailable",
    "Packets",
    "deliveries_in",
    "fastest",
    "make_engine",
]

ENGINES = ("auto", "compiled", "amaranth")
"""Names that `make_engine` takes; ``auto`` is the fastest that this machine can run."""

_log = logging.getLogger(__name__)


def fastest(name: str) -> str:
    """Resolve the name of an engine: ``auto`` is ``compiled`` if there are compiler and cache, else ``amaranth``."""
    if name != "auto":
        return name
    try:
        find_compiler()
        open_cache()
    except EngineUnavailable:
        return "amaranth"
    return "compiled"


def make_engine(
    name: str,
    params: NetworkParams,
    *,
    routing: Routing | None = None,
    table: RoutingTable | None = None,
    ready: npt.NDArray[np.bool_] | None = None,
    waves: WaveSink | None = None,
    progress: CycleProgress | None = None,
    threads: int = 1,
    log_file: str | Path | None = None,
) -> Engine:
    """Make an engine by name.

    ``auto`` is ``compiled`` where that is available, and otherwise ``amaranth``; a line in this module's log then says
    so, once in a process.

    Parameters
    ----------
    name
        One of `ENGINES`.
    params, routing, table, ready, waves, progress
        The same as for `AmaranthEngine`.
    threads
        Number of threads that ``compiled`` may use (see `CompiledEngine`); ``amaranth`` has one. The results are the
        same.
    log_file
        With ``compiled``, a file to write the log to (see `CompiledEngine`).

    Raises
    ------
    TypeError
        If ``threads`` is not an integer.
    ValueError
        If there is no engine of that name, ``threads`` is out of its range, or ``log_file`` is given with ``amaranth``.
    EngineUnavailable
        If ``compiled`` is asked for, or needed for ``log_file``, and is not available.
    """
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {name!r}")
    from .amaranth import AmaranthEngine
    from .compiled import CompiledEngine, check_threads

    check_threads(threads)
    if log_file is not None and name == "amaranth":
        raise ValueError("log_file needs the engine 'compiled', not 'amaranth'")
    if name != "amaranth":
        try:
            return CompiledEngine(
                params,
                routing=routing,
                table=table,
                ready=ready,
                waves=waves,
                progress=progress,
                threads=threads,
                announce=_log.info,
                log_file=log_file,
            )
        except EngineUnavailable as error:
            if name == "compiled" or log_file is not None:
                raise
            _warn_once(str(error))
    return AmaranthEngine(params, routing=routing, table=table, ready=ready, waves=waves, progress=progress)


@functools.cache
def _warn_once(reason: str) -> None:
    _log.warning("using the slow engine 'amaranth': %s", reason)
