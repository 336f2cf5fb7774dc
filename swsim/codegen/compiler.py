"""Program text that was made from checked equations, as functions: for arrays, and compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .functions import array_names, compiled_names
from .user_functions import UserFunction

__all__ = ["compile_kernel", "compile_program", "compile_synapse_kernel", "load_program"]


def load_program(source: str, functions: Sequence[UserFunction]) -> Callable[..., Any]:
    """The function ``step`` of a program for arrays."""
    return _step(source, array_names() | {function.symbol: function.for_arrays() for function in functions})


def compile_program(source: str, functions: Sequence[UserFunction]) -> Callable[..., Any]:
    """The function ``step`` of a program for numbers, compiled when it is first called.

    That raises ``ValueError`` if Numba cannot compile a function that a user has written.
    """
    import numba
    from numba.core.errors import NumbaError

    names = compiled_names() | {function.symbol: function.compiled() for function in functions}
    compiled = numba.njit(error_model="numpy")(_step(source, names))

    def step(*arguments: Any) -> Any:
        try:
            return compiled(*arguments)
        except NumbaError as error:
            titles = ", or ".join(function.title for function in functions)
            raise ValueError(f"{titles} cannot be compiled by Numba: {error}") from None

    return step if functions else compiled


def compile_kernel(source: str) -> Any:
    """The function ``step`` of a program for a frame, see `kernels.frame`, compiled, with its ``address``."""
    import numba

    from ..kernels.frame import SIGNATURE, unpack

    return numba.cfunc(SIGNATURE, error_model="numpy")(_step(source, compiled_names() | {"unpack": unpack}))


def compile_synapse_kernel(source: str, parts: Mapping[str, str]) -> Any:
    """The function ``step`` of a program for a frame of synapses, and the programs of the functions that it calls."""
    import numba

    from ..kernels.frame import SIGNATURE
    from ..kernels.synapses import frame, history
    from ..kernels.synapses.short_term import uniform_of

    own = {f"_{name}": vars(frame)[name] for name in ("add", "floats", "header", "indices", "keys", "numbers")}
    own |= {f"_{name}": vars(history)[name] for name in ("history_of", "note", "seen_by")}
    own |= {
        "_DUE": frame.DUE,
        "_PHASE": frame.PHASE,
        "_STEP": frame.STEP,
        "_fired_in": frame.fired,
        "_uniform": uniform_of,
    }
    names = compiled_names() | own
    functions = {name: numba.njit(error_model="numpy")(_step(part, names)) for name, part in parts.items()}
    return numba.cfunc(SIGNATURE, error_model="numpy")(_step(source, names | functions))


def _step(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    space = dict(names)
    exec(compile(source, "<equations>", "exec"), space)
    function: Callable[..., Any] = space["step"]
    return function
