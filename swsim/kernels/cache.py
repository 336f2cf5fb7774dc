"""Compiled loops out of the cache, or a word on what is being waited for."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["available", "prepared"]


def available() -> bool:
    """Whether Numba is there, and not switched off by 0 in ``SYNAPTILE_NUMBA`` in the environment."""
    return os.environ.get("SYNAPTILE_NUMBA", "") != "0" and find_spec("numba") is not None


def prepared(module: Any, *names: str, what: str = "the simulation loop, once (about 15 s)") -> list[Any]:
    """Those functions of a module of compiled loops; says ``what`` is compiled if they have to be compiled first."""
    functions = [getattr(module, name) for name in names]
    cache = functions[0].stats.cache_path
    own = f"{module.__name__.rpartition('.')[2]}.{names[0]}-"
    # Numba looks at the file of the function that is called, and not at those of the functions that it calls.
    entries = [] if cache is None else list(Path(cache).glob("*.nbi"))
    folder = Path(__file__).parent
    sources = (*folder.glob("*.py"), *(folder.parent / "integration").glob("*.py"))
    newest = max(path.stat().st_mtime for path in sources)
    for entry in entries:
        if entry.stat().st_mtime < newest:
            entry.unlink(missing_ok=True)
    if not any(entry.exists() and entry.name.startswith(own) for entry in entries):
        print(f"synaptile: compiling {what}", file=sys.stderr)
    return functions
