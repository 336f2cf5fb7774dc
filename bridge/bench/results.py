"""Results of ``synaptile bench``: measurements with their settings, the machine and the versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..json_text import write_json
from ..versions import versions

__all__ = ["machine", "results", "write_results"]


def machine() -> dict[str, str | int | None]:
    """Processor and number of cores of this machine."""
    return {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}


def results(measurements: Sequence[Any], *, partial: bool, **settings: Any) -> dict[str, Any]:
    """Measurements, which are dataclasses, with their settings, the machine and the versions, as JSON types."""
    return {
        "measurements": [asdict(measurement) for measurement in measurements],
        **settings,
        "partial": partial,
        "machine": machine(),
        "versions": versions(),
    }


def write_results(
    folder: Path,
    name: str,
    values: dict[str, Any],
    measurements: Sequence[Any],
    plot: Callable[[Sequence[Any], Path], None],
) -> str:
    """Write ``<name>.json`` and, if there are measurements, ``<name>.png``; return a line that says so."""
    write_json(folder / f"{name}.json", values)
    if measurements:
        plot(measurements, folder / f"{name}.png")
    return f"in {folder}: {name}.json, {name}.png"
