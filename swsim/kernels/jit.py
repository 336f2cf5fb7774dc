"""Decorators that compile the loops, and functions that all loops use."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from numba.core import types
from numba.extending import overload

from ..base import elementary

__all__ = [
    "at", "compile_inline", "compile_loop", "compile_nogil", "compile_part", "exp_of", "expm1_of", "exprel_of",
    "log_of", "plus",
]  # fmt: skip

# The loops over neurons go through some twenty arrays. That no two of them overlap has to be checked at run time before
# they can be vectorised, and by default LLVM gives up at 8 comparisons.
llvmlite.binding.set_option("synaptile", "--runtime-memory-check-threshold=1000")

compile_loop = numba.njit(cache=True, error_model="numpy", boundscheck=False)
compile_nogil = numba.njit(cache=True, error_model="numpy", boundscheck=False, nogil=True)
# For what is called in every step with many arrays, which would all be handed over each time.
compile_inline = numba.njit(cache=True, error_model="numpy", boundscheck=False, forceinline=True)
# For what is only called by compiled code, and kept in the cache with that: without a form to be called by Python.
_BARE: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
compile_part = numba.njit(error_model="numpy", boundscheck=False, **_BARE)


def at(values: Any, i: int) -> Any:
    """Return the value of neuron i: of an array, or a number that is the same for all."""
    return values[i] if isinstance(values, np.ndarray) else values


@overload(at, inline="always", strict=False)
def _at(values: Any, i: Any) -> Any:
    if isinstance(values, types.Array):
        return lambda values, i: values[i]
    return lambda values, i: values


def plus(x: float, factor: float, current: Any, i: int) -> float:
    """Return ``x + factor * current[i]``; x itself where there is no current at all."""
    return x if current is None else x + factor * float(current[i])


@overload(plus, inline="always", strict=False)
def _plus(x: Any, factor: Any, current: Any, i: Any) -> Any:
    if isinstance(current, types.NoneType):
        return lambda x, factor, current, i: x
    return lambda x, factor, current, i: x + factor * current[i]


def _elementary(name: str, **known: Any) -> Any:
    """Return a function of `base.elementary`, compiled, that calls compiled ones in the place of those of the names."""
    return compile_part(FunctionType(vars(elementary)[name].__code__, {**vars(elementary), **known}, name))


# The same bits as the functions for arrays.
exp_of = _elementary("exp_of")
log_of = _elementary("log_of")
exprel_of = _elementary("exprel_of", exp_of=exp_of)
expm1_of = _elementary("expm1_of", exp_of=exp_of, exprel_of=exprel_of)
