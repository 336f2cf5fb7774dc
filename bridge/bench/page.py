"""Benchmarks as a page that needs no other file: what was run, what it printed, and its plots."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["Section", "benchmark_page"]


@dataclass
class Section:
    """A benchmark of the page.

    Attributes
    ----------
    title
        What is measured.
    command
        The command that measures it alone.
    text
        What it printed.
    pictures
        PNG files of its plots.
    seconds
        Wall time that it took.
    ended
        Why it has no results or only some; empty if it has all.
    """

    title: str
    command: str
    text: str = ""
    pictures: Sequence[Path] = ()
    seconds: float = 0.0
    ended: str = ""


def benchmark_page(sections: Sequence[Section], machine: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    sections
        The benchmarks, in the order in which they ran.
    machine, versions
        Facts of the machine, and the versions of what ran, by name.
    """
    environment = Environment(
        loader=PackageLoader("synaptile.bridge", "bench"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("bench.html.j2").render(
        sections=[(one, [_embedded(path) for path in one.pictures]) for one in sections],
        facts=[*machine.items(), *versions.items()],
    )
    return text.encode(errors="backslashreplace").decode()


def _embedded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
