"""The functions that equations may use: how many arguments they take, and what they are in NumPy and compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from ..base import elementary
from . import trigonometric

__all__ = ["FUNCTIONS", "Function", "array_names", "compiled_names"]


@dataclass(frozen=True)
class Function:
    """A function of so many arguments, as program text with ``{0}`` and so on for the arguments.

    Attributes
    ----------
    arrays, numbers
        For whole arrays, and for numbers in compiled code; both give the same bits.
    """

    arguments: int
    arrays: str
    numbers: str


def _own(name: str) -> Function:
    return Function(1, f"{name}({{0}})", f"{name}_of({{0}})")


def _both(arguments: int, text: str) -> Function:
    return Function(arguments, text, text)


# In an order in which each calls only those before it.
_OWN = ("exp", "log", "log10", "exprel", "expm1", "tanh", "sinh", "cosh", "sign", "sin", "cos", "tan")

FUNCTIONS: dict[str, Function] = {
    **{name: _own(name) for name in _OWN},
    "sqrt": _both(1, "np.sqrt({0})"),
    "abs": _both(1, "np.abs({0})"),
    "floor": _both(1, "np.floor({0})"),
    "ceil": _both(1, "np.ceil({0})"),
    "min": _both(2, "np.minimum({0}, {1})"),
    "max": _both(2, "np.maximum({0}, {1})"),
    "clip": _both(3, "np.minimum(np.maximum({0}, {1}), {2})"),
    "where": Function(3, "np.where({0}, {1}, {2})", "({1} if {0} else {2})"),
}
"""By name; the first argument of ``where`` is a condition."""


def array_names() -> dict[str, Any]:
    """Return the functions that a program for whole arrays calls, by name."""
    own = {name: vars(module)[name] for module in (elementary, trigonometric) for name in module.__all__}
    return {**own, "np": np}


@cache
def compiled_names() -> dict[str, Any]:
    """Return the functions that a program to be compiled calls, by name; needs Numba."""
    import numba

    names = {**vars(elementary), **vars(trigonometric), "np": np}
    for name in ("_parts", *_OWN):
        module = elementary if f"{name}_of" in vars(elementary) else trigonometric
        code = vars(module)[f"{name}_of"].__code__
        # A function sees those that are compiled already.
        function: Callable[..., Any] = FunctionType(code, dict(names), f"{name}_of")
        names[f"{name}_of"] = numba.njit(error_model="numpy")(function)
    return names
