"""Engines for chips of cores by name."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams

from ..native.build import EngineUnavailable
from ..wave_sink import WaveSink
from .base import CoreEngine

__all__ = ["core_engine_names", "make_core_engine", "register_core_engine"]

_log = logging.getLogger(__name__)


def _compiled(*chip: Any, **options: Any) -> CoreEngine:
    from .compiled import CompiledCoreEngine

    return CompiledCoreEngine(*chip, announce=_log.info, **options)


def _amaranth(*chip: Any, **options: Any) -> CoreEngine:
    from .amaranth import AmaranthCoreEngine

    return AmaranthCoreEngine(*chip, **options)


def _fastest(*chip: Any, **options: Any) -> CoreEngine:
    try:
        return _compiled(*chip, **options)
    except EngineUnavailable as error:
        _warn_once(str(error))
    return _amaranth(*chip, **options)


@functools.cache
def _warn_once(reason: str) -> None:
    _log.warning("using the slow engine 'amaranth': %s", reason)


_makers: dict[str, Callable[..., CoreEngine]] = {"auto": _fastest, "compiled": _compiled, "amaranth": _amaranth}


def register_core_engine(name: str, make: Callable[..., CoreEngine]) -> None:
    """Have `make_core_engine` call ``make(network, core, host_tile=, host_key=, table=, waves=, threads=)``."""
    _makers[name] = make


def core_engine_names() -> tuple[str, ...]:
    """Names that `make_core_engine` takes; ``auto`` is ``compiled`` where that is available, else ``amaranth``."""
    return tuple(_makers)


def make_core_engine(
    name: str,
    network: NetworkParams,
    core: CoreParams,
    *,
    host_tile: int = 0,
    host_key: int = 0,
    table: RoutingTable | None = None,
    waves: WaveSink | None = None,
    threads: int = 1,
) -> CoreEngine:
    """Make an engine for a chip of cores by name.

    Parameters
    ----------
    name
        One of `core_engine_names`.
    network, core, host_tile, host_key
        The chip, as for `CoreMesh`.
    table
        With routing by table: what the routers' tables hold.
    waves
        Where ``amaranth`` sends waveforms.
    threads
        Number of threads that ``compiled`` may use; the results are the same.

    Raises
    ------
    ValueError
        If there is no engine of that name, or the chip is impossible.
    EngineUnavailable
        If ``compiled`` is asked for and is not available.
    """
    if name not in _makers:
        raise ValueError(f"engine must be one of {', '.join(_makers)}, not {name!r}")
    options = {"host_tile": host_tile, "host_key": host_key, "table": table, "waves": waves, "threads": threads}
    return _makers[name](network, core, **options)
