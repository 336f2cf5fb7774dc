"""The decorators of mapping's compiled loops. Numba is loaded when one is first needed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from types import CodeType, FunctionType
from typing import Any, TypeVar, cast

__all__ = ["compiled", "compiled_for_much", "compiled_part"]

F = TypeVar("F", bound=Callable[..., Any])

# Without the GIL, so that Ctrl-C and progress reach the caller between calls.
_OPTIONS = {"error_model": "numpy", "boundscheck": False, "nogil": True}
# For what is only called by compiled code, and kept in the cache with that: without a form to be called by Python.
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_LITTLE = 1024
"""Elements of all arrays that a function is called with, up to which it runs in Python if Numba is not loaded yet: that
takes longer than all mapping of a small network. The loops compute with whole numbers: the same either way."""


def compiled(function: F, *, little: bool = False) -> F:
    """Compile a function when it is first called with arguments of some types, once on a machine.

    With ``little`` it is called as it is on a few numbers, while Numba is not loaded: only for loops over whole numbers
    whose time is in proportion to their arguments, as must then be those that they call.
    """
    return cast(F, _Later(function, _OPTIONS, kept=True, little=little))


def compiled_for_much(function: F) -> F:
    """Compile a function as `compiled` does, unless it is called with little."""
    return compiled(function, little=True)


def compiled_part(function: Callable[..., Any]) -> Any:
    """Compile a function that only others call; where these run in Python, so does it."""
    return _Later(function, _OPTIONS | _BARE, kept=False, little=True)


class _Later:
    """A function that is given to Numba when it is needed compiled, for which Numba is loaded then."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any], *, kept: bool, little: bool) -> None:
        update_wrapper(self, function)
        self._function, self._options = function, options
        self._kept, self._little = kept, little
        self._dispatcher: Any = None

    def __call__(self, *args: Any) -> Any:
        if self._dispatcher is None and self._little and "numba" not in sys.modules and _size(args) <= _LITTLE:
            return self._function(*args)
        return self.dispatcher(*args)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.dispatcher, name)

    @property
    def dispatcher(self) -> Any:
        """What Numba has made of it."""
        if self._dispatcher is None:
            from .jit_cache import kept_compiled, not_kept

            make = kept_compiled if self._kept else not_kept
            self._dispatcher = make(_of_compiled(self._function), self._options)
        return self._dispatcher


def _of_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with what it calls as Numba has made it."""
    space, code = function.__globals__, function.__code__
    later = {name: space[name] for name in _names(code) if isinstance(space.get(name), _Later)}
    if not later:
        return function
    known = space | {name: value.dispatcher for name, value in later.items()}
    made = FunctionType(code, known, function.__name__, function.__defaults__, function.__closure__)
    return update_wrapper(made, function)


def _names(code: CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return {*code.co_names}.union(*map(_names, inner))


def _size(values: Any) -> int:
    """Return the number of elements of arrays, also in tuples, other numbers counted as one each."""
    if isinstance(values, tuple):
        return sum(map(_size, values))
    return int(getattr(values, "size", 1))
