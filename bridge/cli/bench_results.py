"""What the benchmarks have in common: their results printed, written and drawn."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .common import INTERRUPTED, OK, notify, print_json, say

__all__ = ["publish"]


def publish(
    args: argparse.Namespace,
    name: str,
    measurements: Sequence[Any],
    about: dict[str, Any],
    *,
    folder: Path | None,
    plot: Callable[[Any, Path], None],
) -> int:
    """Print measurements as JSON if asked for, write them and their plot to the folder, and return the exit code.

    ``about`` is what JSON has besides the measurements; its ``partial`` says that they were interrupted.
    """
    values = {"measurements": [asdict(measurement) for measurement in measurements], **about}
    if args.json:
        print_json(values)
    if folder:
        (folder / f"{name}.json").write_text(json.dumps(values, indent=2) + "\n")
        if measurements:
            plot(measurements, folder / f"{name}.png")
        say(args, f"\nin {folder}: {name}.json, {name}.png")
    if about["partial"]:
        notify("interrupted: the measurements are partial")
        return INTERRUPTED
    return OK
