"""Engines for chips of cores by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams

from ..wave_sink import WaveSink
from .base import CoreEngine

__all__ = ["core_engine_names", "make_core_engine", "register_core_engine"]

_makers: dict[str, Callable[..., CoreEngine]] = {}


def register_core_engine(name: str, make: Callable[..., CoreEngine]) -> None:
    """Have `make_core_engine` call ``make(network, core, host_tile=, table=, waves=, threads=)`` for a name."""
    _makers[name] = make


def core_engine_names() -> tuple[str, ...]:
    """Names that `make_core_engine` takes."""
    return tuple(sorted(_makers))


def make_core_engine(
    name: str,
    network: NetworkParams,
    core: CoreParams,
    *,
    host_tile: int = 0,
    table: RoutingTable | None = None,
    waves: WaveSink | None = None,
    threads: int = 1,
    **more: Any,
) -> CoreEngine:
    """Make an engine for a chip of cores by name.

    Parameters
    ----------
    name
        One of `core_engine_names`.
    network, core, host_tile
        The chip, as for `CoreMesh`.
    table
        With routing by table: what the routers' tables hold.
    waves
        Where to send waveforms.
    threads
        Number of threads that ``compiled`` may use; the results are the same.
    more
        What an engine takes besides.

    Raises
    ------
    ValueError
        If there is no engine of that name, or the chip is impossible.
    """
    if name not in _makers:
        raise ValueError(f"engine must be one of {', '.join(core_engine_names())}, not {name!r}")
    return _makers[name](network, core, host_tile=host_tile, table=table, waves=waves, threads=threads, **more)
