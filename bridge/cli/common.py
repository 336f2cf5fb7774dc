"""Common parts of all subcommands: exit codes, errors of use, lines and tables of output, files that are there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..json_text import json_text
from ..process.streams import abandon, results

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
    "shown",
]

OK, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """The command was used wrongly; the message is one line."""


def notify(line: str) -> None:
    """Print a line on standard error, never mixed with results."""
    try:
        print(f"synaptile: {line}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        abandon(sys.stderr)  # there is nowhere to say so


def say(args: argparse.Namespace, line: str) -> None:
    """Print a line of ordinary output, unless JSON was asked for."""
    if not args.json:
        print(line, flush=True)


def print_json(values: Mapping[str, Any]) -> None:
    """Print the one JSON object of ``--json``."""
    print(json_text(values), file=results(), flush=True)


def print_table(title: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Print rows of (what, value, unit), in whole words also where the terminal is narrow."""
    from ..text_table import print_table as print_rows

    print_rows(title, rows, sys.stdout)


def existing_file(name: str | Path, what: str) -> Path:
    """Return the absolute path of a file that is there; raises `UsageError`."""
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {str(path)!r}")
    return path.absolute()


def shown(path: Path) -> str:
    """Return a path as it is printed: relative to the current folder if it lies in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def output_folder(path: Path) -> Path:
    """Make the folder, and be sure now rather than after the run that it can be written; raises ``OSError``.

    Returns its absolute path, so that results get there wherever a script goes.
    """
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True)
    probe = path / ".synaptile-write-test"
    try:
        probe.touch()
    finally:
        probe.unlink(missing_ok=True)
    return path
