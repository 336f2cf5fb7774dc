"""Tables of results as text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["column_table", "html_table", "print_table", "text_table"]

Row = tuple[str, str, str]


def print_table(title: str, rows: Iterable[Row], file: IO[str], *, width: int | None = None) -> None:
    """Print rows of (what, value, unit) under a title; names are taken as they are, never as markup.

    Lines are as long as they need to be: a terminal that is narrower breaks them, and nothing is left out. ``width`` is
    that of the terminal, which is found out if it is None.
    """
    table = Table(title=Text(title), title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column("what", no_wrap=True)
    table.add_column("value", no_wrap=True, justify="right", style="bold")
    table.add_column("unit", no_wrap=True, style="dim")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(file=file, highlight=False, markup=False, width=width)
    needed = Console(file=io.StringIO(), width=100_000).measure(table).maximum
    console.width = max(console.width, needed, *map(len, title.splitlines() or [""]))
    console.print(table, crop=False)


def html_table(title: str, rows: Iterable[Row]) -> str:
    """Return the same as a table in HTML, for notebooks."""
    lines = [
        f'<tr><td style="text-align: left">{what}</td><td style="text-align: right"><b>{value}</b></td>'
        f'<td style="text-align: left">{unit}</td></tr>'
        for what, value, unit in (map(escape, row) for row in rows)
    ]
    return f'<table><caption style="text-align: left">{escape(title)}</caption>{"".join(lines)}</table>'


def text_table(title: str, rows: Iterable[Row]) -> str:
    """Return the same as text, without styles."""
    text = io.StringIO()
    print_table(title, rows, text, width=100)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def column_table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of as many texts as the header has, as text without styles; what is a number stands to the right."""
    table = [list(header), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    right = [_is_number([row[number] for row in table[1:]]) for number in range(len(header))]
    lines = [title]
    for row in table:
        cells = [
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _is_number(texts: Sequence[str]) -> bool:
    return any(texts) and all(text in ("", "–") or text[0].isdigit() or text[0] in "-." for text in texts)
