"""Python functions in the place of equations: for arrays, and compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["UserFunction", "user_function"]

_KINDS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class UserFunction:
    """A function that a user has written, of the numbers of one neuron or synapse.

    Attributes
    ----------
    what
        What it is in the place of, for messages.
    results
        The names of what it returns; none if that is one number without a name.
    function
        The function.
    arguments
        The names of what it takes.
    symbol
        Its name in a program.
    """

    what: str
    results: tuple[str, ...]
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    symbol: str

    @property
    def call(self) -> str:
        """Program text that calls it."""
        return f"{self.symbol}({', '.join(self.arguments)})"

    @property
    def title(self) -> str:
        """Its place in the definition, and its name, for messages."""
        return f"{self.what}: the function {getattr(self.function, '__name__', self.function)!r}"

    def for_arrays(self) -> Callable[..., Any]:
        """Return the function for whole arrays."""
        return _OnArrays(self)

    def compiled(self) -> Callable[..., Any]:
        """Return the function for compiled programs; needs Numba."""
        import numba
        from numba.core.registry import CPUDispatcher

        if isinstance(self.function, CPUDispatcher):
            return self.function
        compiled: Callable[..., Any] = numba.njit(error_model="numpy")(self.function)
        return compiled


def user_function(
    function: Callable[..., Any], results: Sequence[str], names: Collection[str], what: str, symbol: str
) -> UserFunction:
    """Check that a function takes nothing but those names, and return it; ``ValueError`` with the name if not."""
    known = f"which is none of {', '.join(sorted(names))}"
    own = getattr(function, "py_func", function)
    title = f"{what}: the function {getattr(own, '__name__', own)!r}"
    arguments = inspect.signature(own).parameters
    for name, argument in arguments.items():
        if argument.kind not in _KINDS or argument.default is not inspect.Parameter.empty:
            raise ValueError(f"{title} takes {argument}; it may take names without a default only")
        if name not in names:
            raise ValueError(f"{title} takes {name!r}, {known}")
    return UserFunction(what, tuple(results), function, tuple(arguments), symbol)


class _OnArrays:
    """A function for arrays: called with them if it can be, and else with the numbers of one after the other.

    One that asks ``if`` something of its arguments cannot be called with arrays.
    """

    def __init__(self, given: UserFunction) -> None:
        self._given = given
        self._function = getattr(given.function, "py_func", given.function)
        self._whole = True

    def __call__(self, *arguments: Any) -> Any:
        if not arguments:
            return self._checked(self._function(), ())
        if self._whole and max(map(np.size, arguments)) > 1:
            columns = _copies(arguments)
            try:
                return self._checked(self._function(*columns), (), columns[0].shape)
            except (TypeError, ValueError):
                self._whole = False
        rows = [self._checked(self._function(*row), ()) for row in zip(*_copies(arguments), strict=True)]
        if len(self._given.results) < 2:
            return np.array(rows)
        return tuple(np.array([row[k] for row in rows]) for k in range(len(self._given.results)))

    def _checked(self, result: Any, *shapes: tuple[int, ...]) -> Any:
        """Return the result of the function, if it has as many values as it must, each of one of those shapes."""
        names = self._given.results
        several = isinstance(result, tuple | list)
        found = list(result) if several else [result]
        wanted = max(1, len(names))
        if len(found) != wanted or several != (wanted > 1):
            what = f"{wanted} values, of {', '.join(names)}" if wanted > 1 else "one number"
            raise ValueError(f"{self._given.title} must return {what}, not {result!r}")
        for value in found:
            if np.shape(value) not in shapes:
                raise ValueError(f"{self._given.title} must return numbers, not {value!r}")
        return tuple(found) if several else result


def _copies(arguments: Sequence[Any]) -> list[Any]:
    """Return the arguments as arrays of one shape (n,), which the function may change."""
    return [np.array(column, ndmin=1) for column in np.broadcast_arrays(*arguments)]
