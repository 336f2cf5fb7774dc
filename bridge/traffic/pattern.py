"""How a traffic pattern is declared: what it is called, how it draws destinations, and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..engines.base import Ints

__all__ = ["Draw", "Pattern", "PatternParameter"]

Draw = Callable[[Ints], Ints]
"""Gives a destination for each of some sources."""


@dataclass(frozen=True)
class PatternParameter:
    """A parameter that a pattern has.

    Attributes
    ----------
    name
        Its name for `TrafficPattern`, and in JSON.
    option
        Its option on the command line.
    metavar
        What stands for its value there.
    help
        A line about it.
    parse
        Makes a value, or one of several, of a word; raises ``ValueError`` with the rule and the word.
    several
        Whether it has several values.
    default
        ``default(rows, cols)`` is its value on a mesh if none is given.
    check
        Raises ``ValueError`` if a value cannot be right on any mesh.
    check_on
        ``check_on(value, rows, cols)`` raises ``ValueError`` if it cannot be right on this mesh.
    """

    name: str
    option: str
    metavar: str
    help: str
    parse: Callable[[str], Any]
    default: Callable[[int, int], Any]
    several: bool = False
    check: Callable[[Any], None] = lambda value: None
    check_on: Callable[[Any, int, int], None] = lambda value, rows, cols: None


@dataclass(frozen=True)
class Pattern:
    """A pattern: either a permutation, or drawn at random.

    Attributes
    ----------
    name
        Its name in commands.
    summary
        One line for the user.
    permutation
        ``permutation(rows, cols)`` gives each tile's one destination, shape (tiles,), and raises ``ValueError`` if the
        mesh cannot have it.
    random
        ``random(rows, cols, where, hot, **values)`` gives the function that draws destinations, where ``values`` are
        those of the parameters.
    parameters
        What may be given besides the name.
    """

    name: str
    summary: str
    permutation: Callable[[int, int], Ints] | None = None
    random: Callable[..., Draw] | None = None
    parameters: tuple[PatternParameter, ...] = ()
