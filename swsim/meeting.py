"""Where threads of compiled code wait for each other, without the interpreter and without the operating system."""

from __future__ import annotations

import os
import platform
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic

from .compiling import compile_loop

__all__ = ["meet"]

_SPINS = 1000
_PAUSE = "llvm.x86.sse2.pause" if platform.machine().lower() in ("x86_64", "amd64") else None
_GIVE_WAY = "sched_yield" if os.name == "posix" else "SwitchToThread"


@intrinsic
def _arrive(typing_context: Any, counter: Any) -> Any:
    """Add 1 to the first number of an int64 array, atomically."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.atomic_rmw("add", array.data, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(counter), generate


@intrinsic
def _arrived(typing_context: Any, counter: Any) -> Any:
    """The first number of an int64 array, and after it all that other threads wrote before they changed it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(array.data, "seq_cst", 8)

    return types.int64(counter), generate


@intrinsic
def _give_way(typing_context: Any) -> Any:
    """Let another thread of this core run."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), _GIVE_WAY)
        return builder.call(function, [])

    return types.int32(), generate


@intrinsic
def _pause(typing_context: Any) -> Any:
    """Tell the processor that this is a loop that waits, so that it leaves its units to a thread beside it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _PAUSE is not None:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(get_or_insert_function(builder.module, kind, _PAUSE), [])
        return context.get_dummy_value()

    return types.none(), generate


@compile_loop
def meet(counter: Any, everybody: int) -> None:
    """Wait until ``everybody`` arrivals have been counted, this one included; the count is never reset.

    On idle cores that is a fraction of a microsecond; where other work has the core of a thread that is missing, those
    that wait give way after a while.
    """
    _arrive(counter)  # type: ignore[call-arg]  # the typing context is the compiler's
    spins = 0
    while _arrived(counter) < everybody:
        spins += 1
        if spins > _SPINS:
            _give_way()
        else:
            _pause()
