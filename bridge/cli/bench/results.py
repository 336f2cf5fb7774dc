"""The end of every benchmark: its results printed, written and drawn."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..common import INTERRUPTED, OK, notify, print_json, say

__all__ = ["publish"]


def publish(
    args: argparse.Namespace,
    name: str,
    measurements: Sequence[Any],
    *,
    folder: Path | None,
    plot: Callable[[Any, Path], None],
    partial: bool,
    **settings: Any,
) -> int:
    """Print measurements as JSON if asked for, write them and their plot to the folder, and return the exit code.

    ``partial`` says that they were interrupted, and ``settings`` is what JSON has besides them.
    """
    from ...bench.results import results, write_results

    values = results(measurements, partial=partial, **settings)
    if args.json:
        print_json(values)
    if folder:
        say(args, "\n" + write_results(folder, name, values, measurements, plot))
    if partial:
        notify("interrupted: the measurements are partial")
        return INTERRUPTED
    return OK
