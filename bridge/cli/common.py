"""Common parts of all subcommands: exit codes, errors of use, lines and tables of output, files that are there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..json_text import json_text

__all__ = [
    "FAILURE",
    "INTERRUPTED",
    "OK",
    "USAGE",
    "UsageError",
    "existing_file",
    "notify",
    "output_folder",
    "print_json",
    "print_table",
    "say",
]

OK, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """The command was used wrongly; the message is one line."""


def notify(line: str) -> None:
    """Print a line on standard error, never mixed with results."""
    print(f"synaptile: {line}", file=sys.stderr, flush=True)


def say(args: argparse.Namespace, line: str) -> None:
    """Print a line of ordinary output, unless JSON was asked for."""
    if not args.json:
        print(line, flush=True)


def print_json(values: Mapping[str, Any]) -> None:
    """Print the one JSON object of ``--json``."""
    print(json_text(values))


def print_table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Print rows of (what, value, unit)."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column("what")
    table.add_column("value", justify="right", style="bold")
    table.add_column("unit", style="dim")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)


def existing_file(name: str | Path, what: str) -> Path:
    """Return the path of a file that is there; raises `UsageError`."""
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {str(path)!r}")
    return path


def output_folder(path: Path) -> Path:
    """Make the folder, and be sure now rather than after the run that it can be written; raises ``OSError``."""
    path.mkdir(parents=True, exist_ok=True)
    probe = path / ".synaptile-write-test"
    try:
        probe.touch()
    finally:
        probe.unlink(missing_ok=True)
    return path
