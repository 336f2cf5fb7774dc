"""Texts with places to be filled in, from the folder ``templates``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .records import Records

__all__ = ["filled"]

_FOLDER = Path(__file__).parent / "templates"


def filled(template: str, values: Mapping[str, object], records: Mapping[str, Records]) -> str:
    """A template with everything between two ``@`` replaced.

    ``@name@`` is a value; ``@records.width@``, ``@records.depth@`` and ``@records.rows@`` are numbers of some records;
    and ``@records:word:field@`` is the field of a word of theirs.

    Raises
    ------
    KeyError
        If there is no such value.
    """

    def found(match: re.Match[str]) -> str:
        what = match[1]
        if ":" in what:
            name, word, field = what.split(":")
            return word + records[name].bits(field)
        name, _, number = what.partition(".")
        if number:
            table = records[name]
            return str({"width": table.width, "depth": table.depth, "rows": len(table.numbers)}[number])
        return str(values[name])

    return re.sub("@([^@\n]+)@", found, (_FOLDER / template).read_text())
