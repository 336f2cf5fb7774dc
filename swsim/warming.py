"""Compiled loops out of the cache, or a word on what is being waited for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

__all__ = ["prepared"]


def prepared(module: Any, *names: str) -> list[Any]:
    """Those functions of a module of compiled loops; says so if they have to be compiled first."""
    functions = [getattr(module, name) for name in names]
    cache = functions[0].stats.cache_path
    prefix = module.__name__.rpartition(".")[2]
    entries = [] if cache is None else list(Path(cache).glob(f"{prefix}.*.nbi"))
    # Numba looks at the file of the function that is called, and not at those of the functions that it calls.
    folder = Path(__file__).parent
    newest = max(
        path.stat().st_mtime for path in (folder / "compiling.py", folder / "meeting.py", *folder.glob("kernel*.py"))
    )
    for entry in entries:
        if entry.stat().st_mtime < newest:
            entry.unlink(missing_ok=True)
    if not any(entry.exists() and entry.name.startswith(f"{prefix}.{names[0]}-") for entry in entries):
        print("synaptile: compiling the simulation loop, once (about 15 s)", file=sys.stderr)
    return functions
