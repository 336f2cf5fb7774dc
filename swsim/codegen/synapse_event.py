"""The effect of a spike on one side of a synapse."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .equations import Assignment, Line, names_in
from .user_functions import UserFunction

__all__ = ["Event", "names_of"]


def names_of(part: ast.expr | UserFunction) -> set[str]:
    """Return the names that an expression or a function reads."""
    return {*part.arguments} if isinstance(part, UserFunction) else names_in(part)


@dataclass(frozen=True)
class Event:
    """The effect of a spike of one side.

    Attributes
    ----------
    lines
        The rule.
    sent
        The weight that acts; None on the postsynaptic side.
    """

    side: Literal["pre", "post"]
    lines: Sequence[Line]
    sent: ast.expr | UserFunction | None

    @cached_property
    def changes(self) -> set[str]:
        """The names that it changes or defines."""
        names: set[str] = set()
        for line in self.lines:
            names |= {line.name} if isinstance(line, Assignment) else {*line.results}
        return names

    @cached_property
    def uses(self) -> set[str]:
        """All names in it."""
        names = set(self.changes)
        for part in (*(line if isinstance(line, UserFunction) else line.value for line in self.lines), self.sent):
            if part is not None:
                names |= names_of(part)
        return names

    @property
    def draws(self) -> bool:
        """True if it needs a random number."""
        return "random" in self.uses
