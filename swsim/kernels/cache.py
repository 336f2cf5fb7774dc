"""Compiled loops out of Numba's cache, or a message that they are being compiled."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["available", "called", "prepared"]

_ROOT = Path(__file__).parent.parent
_SOURCES = (
    "base",
    "integration",
    "kernels",
    "kernels/synapses",
    "neurons",
    "plasticity",
    "synapses",
)  # coefficients are named in the last


def available() -> bool:
    """Return whether Numba is there, and not switched off by 0 in ``SYNAPTILE_NUMBA`` in the environment."""
    return os.environ.get("SYNAPTILE_NUMBA", "") != "0" and _installed()


@cache
def _installed() -> bool:
    """Return whether Numba is there; looked up once, as it takes a quarter of what a run of one step does."""
    return find_spec("numba") is not None


def prepared(module: Any, *names: str, what: str = "the simulation loop, once (about 15 s)") -> list[Any]:
    """Return those functions of a module of compiled loops; say that ``what`` is compiled if it has to be."""
    from .synapses import groups

    functions = [getattr(module, name) for name in names]
    _remove_outdated(groups.take_spikes)
    own = f"{module.__name__.rpartition('.')[2]}.{names[0]}-"
    if not any(entry.name.startswith(own) for entry in _remove_outdated(functions[0])):
        print(f"synaptile: compiling {what}", file=sys.stderr)
    return functions


def _remove_outdated(function: Any) -> list[Path]:
    """Remove what is older than our sources from the folder of a function's cache, and return what is left.

    Numba looks at the file of the function that is called, and not at those of the functions that it calls.
    """
    folder = function.stats.cache_path
    entries = [] if folder is None else list(Path(folder).glob("*.nbi"))
    newest = max(path.stat().st_mtime for folder in _SOURCES for path in (_ROOT / folder).glob("*.py"))
    outdated = [entry for entry in entries if entry.stat().st_mtime < newest]
    for entry in outdated:
        entry.unlink(missing_ok=True)
    return [entry for entry in entries if entry not in outdated]


@cache
def called(kernel: str) -> Any:
    """Return the function of `registry.FUNCTIONS` or `SYNAPSES` that the loop calls at its ``address``.

    Compiled, or from the cache.

    Say so if it has to be compiled.
    """
    import numba

    from . import loop, registry
    from .frame import SIGNATURE
    from .synapses import groups

    of_synapses = kernel in registry.SYNAPSES
    entries = _remove_outdated(groups.take_spikes if of_synapses else loop.run)
    function = (registry.SYNAPSES if of_synapses else registry.FUNCTIONS)[kernel]
    own = f"{function.__module__.rpartition('.')[2]}.{function.__name__}-"
    if not any(entry.name.startswith(own) for entry in entries):
        print(f"synaptile: compiling the kernel {kernel}, once (about 4 s)", file=sys.stderr)
    return numba.cfunc(SIGNATURE, cache=True, error_model="numpy")(function)
