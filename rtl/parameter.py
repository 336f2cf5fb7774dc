"""Declarations of parameters: one for the rule that a parameter obeys and for everything that shows it.

A class of parameters is a dataclass whose fields are made by `parameter`. `declared` reads the declarations back. From
them follow the checks, the keys of a chip's YAML file, the options of the command line, the units in a report, and the
tables of the documentation.
"""

import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

__all__ = [
    "REQUIRED",
    "Parameter",
    "Problem",
    "declared",
    "documented",
    "parameter",
    "single_problems",
    "summaries",
    "with_defaults",
]

REQUIRED: Any = ...
"""Stands for the default of a parameter that has none."""


class Problem(NamedTuple):
    """One thing that is wrong with a set of parameters.

    Attributes
    ----------
    name
        The parameter.
    rule
        What it must be, such as "must lie in 1..64".
    value
        What it is instead.
    error
        The class of exception for it.
    """

    name: str
    rule: str
    value: object
    error: type[TypeError] | type[ValueError] = ValueError

    def __str__(self) -> str:
        return f"{self.name} {self.rule}, not {self.value!r}"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter as it is declared.

    Parameters
    ----------
    name
        Its name in Python and in YAML; with dashes, its option on the command line.
    help
        What it is, in a line that begins with a small letter and has no full stop.
    detail
        Conditions and consequences, in whole sentences, for the documentation.
    type
        ``int``, ``bool``, ``str`` or ``float``.
    default
        Its value if none is given; `REQUIRED` if one has to be. ``None`` may then be given, too.
    default_text
        What the default is, where its value does not say so.
    low, high
        The range of an ``int``, ends included.
    choices
        A function that returns the names that a ``str`` may have, with a line about each.
    values
        The permitted values, where type, range and choices do not say so.
    unit
        What is counted, for reports.
    metavar
        What stands for the value in ``--help``.
    option
        Whether the command line has an option for it.
    alias
        A second, shorter name of that option.
    """

    name: str = ""
    help: str
    detail: str = ""
    type: type = int
    default: Any = REQUIRED
    default_text: str = ""
    low: int | None = None
    high: int | None = None
    choices: Callable[[], Mapping[str, str]] | None = None
    values: str = ""
    unit: str = ""
    metavar: str = "N"
    option: bool = True
    alias: str = ""

    def problem(self, value: object) -> Problem | None:
        """Return what is wrong with a value by itself, ``None`` if nothing is."""
        if value is None and self.default is None:
            return None
        if self.type is bool and not isinstance(value, bool):
            return Problem(self.name, "must be True or False", value, TypeError)
        if self.choices is not None:
            names = self.choices()
            if not isinstance(value, str) or value not in names:
                return Problem(self.name, f"must be one of {', '.join(names)}", value)
        if self.type is int:
            if isinstance(value, bool) or not isinstance(value, int):
                return Problem(self.name, "must be an integer", value, TypeError)
            if self.low is not None and self.high is not None and not self.low <= value <= self.high:
                return Problem(self.name, f"must lie in {self.low}..{self.high}", value)
        return None

    def replace(self, **changes: Any) -> "Parameter":
        """Return the same declaration with some things changed."""
        return dataclasses.replace(self, **changes)

    @property
    def options(self) -> tuple[str, ...]:
        """The option on the command line, and the shorter one if there is one."""
        return tuple("--" + name.replace("_", "-") for name in (self.name, self.alias) if name)

    @property
    def values_text(self) -> str:
        """The permitted values as text, such as ``1..64`` or ``mesh, torus, tree``."""
        if self.values:
            return self.values
        if self.choices is not None:
            return ", ".join(self.choices())
        return "true, false" if self.type is bool else f"{self.low}..{self.high}"

    @property
    def shown_default(self) -> str:
        """The default as text; empty if there is none."""
        if self.default_text or self.default is REQUIRED:
            return self.default_text
        return str(self.default).lower() if self.type is bool else str(self.default)


def parameter(default: Any = REQUIRED, *, help: str, **declaration: Any) -> Any:
    """Declare a parameter as the field of a dataclass; the arguments are those of `Parameter`."""
    metadata = {Parameter: Parameter(help=help, default=default, **declaration)}
    return field(metadata=metadata) if default is REQUIRED else field(default=default, metadata=metadata)


def declared(kind: Any) -> dict[str, Parameter]:
    """Return the parameters of a dataclass by name, in their order."""
    return {item.name: item.metadata[Parameter].replace(name=item.name) for item in dataclasses.fields(kind)}


def single_problems(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with each value by itself; what is not given has its default."""
    found = (item.problem(values.get(name, item.default)) for name, item in parameters.items())
    return [problem for problem in found if problem is not None]


def with_defaults(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> SimpleNamespace:
    """Return all values, those that are not given as their defaults, as attributes."""
    return SimpleNamespace(**{name: item.default for name, item in parameters.items()} | dict(values))


def summaries(registry: Mapping[str, Any]) -> dict[str, str]:
    """Return a line about each entry of a registry: the entry itself if it is text, else its ``summary``."""
    return {name: entry if isinstance(entry, str) else entry.summary for name, entry in registry.items()}


_INDENTED: Any = {"initial_indent": "    ", "subsequent_indent": "    ", "break_on_hyphens": False}


def documented(text: str | None, parameters: Mapping[str, Parameter], heading: str = "Parameters") -> str:
    """Return a class's docstring with a section about its parameters, before that about what it raises."""
    before, raises, after = inspect.cleandoc(text or "").partition("\nRaises\n")
    lines = [heading, "-" * len(heading)]
    for item in parameters.values():
        default = f" [{item.shown_default}]" if item.shown_default else ""
        about = f"{item.help[0].upper()}{item.help[1:]}: {item.values_text}{default}. {item.detail}"
        lines += [item.name, *textwrap.wrap(about, 100, **_INDENTED)]
    return "\n".join([before, *lines, *([raises + after] if raises else []), ""])
