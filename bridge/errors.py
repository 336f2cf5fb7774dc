"""The errors that a user of the bridge can cause, with one line for each problem."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["ConfigError", "MappingError", "show"]


class ConfigError(ValueError):
    """A chip configuration, preset or energy table is wrong.

    Parameters
    ----------
    problems
        One line each: key path, rule, offending value.
    origin
        Where the configuration came from (a file or preset), named at the end of every line.
    """

    def __init__(self, problems: str | Iterable[str], origin: str | None = None) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        self.origin = origin
        where = "" if origin is None else f" (in {origin})"
        super().__init__("\n".join(problem + where for problem in self.problems))

    def located(self, origin: str) -> ConfigError:
        """Return the same problems, with the file or preset in which they were found."""
        return ConfigError(self.problems, origin)

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...], str | None]]:
        return ConfigError, (self.problems, self.origin)


class MappingError(ValueError):
    """A network does not fit the chip; the message says what would."""


def show(value: object) -> str:
    """Return a value as it appears in a message, cut if it is long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
