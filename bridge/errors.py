"""The errors that a user of the bridge can cause, with one line for each problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["ConfigError", "MappingError", "show", "show_key"]


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


_SHOWN = 60
"""Characters of a value in a message, at most."""


def show(value: object) -> str:
    """Return a value as it appears in a message, cut if it is long; of a large one no more is put into words."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > _SHOWN:
            return text[: _SHOWN - 3] + "..."
    return text


def show_key(key: object) -> str:
    """Return a key as it appears in a message: text as it is, unless it is long or would not stand on one line."""
    text = str(key) if isinstance(key, str | int) else show(key)
    return text if len(text) <= _SHOWN and text.isprintable() else show(text)


def _pieces(value: object) -> Iterator[str]:
    """Yield the parts of ``repr(value)``; of long text only the beginning, of a huge number its size."""
    if type(value) is str:
        yield repr(value[: 2 * _SHOWN])
    elif type(value) is int and value.bit_length() > 1000:
        yield f"a number of {value.bit_length()} bits"  # there are such that Python refuses to write in digits
    elif type(value) in (list, tuple):
        yield from _sequence(value)  # type: ignore[arg-type]
    elif type(value) is dict:
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield ", " if number else ""
            yield from _pieces(key)
            yield ": "
            yield from _pieces(item)
        yield "}"
    else:
        yield repr(value)


def _sequence(items: list[object] | tuple[object, ...]) -> Iterator[str]:
    yield "[" if type(items) is list else "("
    for number, item in enumerate(items):
        yield ", " if number else ""
        yield from _pieces(item)
    yield "]" if type(items) is list else ",)" if len(items) == 1 else ")"
