"""Where threads of compiled code wait for each other, without the interpreter and without the operating system."""

from __future__ import annotations

import os
import platform
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic

from .jit import compile_loop

__all__ = ["brought", "meet"]

_SPINS = 1000
_MEETING = 2**32
_PAUSE = "llvm.x86.sse2.pause" if platform.machine().lower() in ("x86_64", "amd64") else None
_GIVE_WAY = "sched_yield" if os.name == "posix" else "SwitchToThread"


@intrinsic
def _announce(typing_context: Any, line: Any, number: Any) -> Any:
    """Set the first number of an int64 array; who reads it sees all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.store_atomic(arguments[1], array.data, "release", 8)
        return context.get_dummy_value()

    return types.none(line, types.int64), generate


@intrinsic
def _announced(typing_context: Any, line: Any) -> Any:
    """The first number of an int64 array, and after it all that another thread wrote before it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(line), generate


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
def brought(board: Any, thread: int) -> int:
    """What that thread has brought to the last meeting."""
    return int(board[thread, 0] & (_MEETING - 1))


@compile_loop
def meet(board: Any, thread: int, number: int, message: int) -> None:
    """Say that a thread has come to the meeting of that number, and what it brings, and wait until all have.

    ``board`` is of shape (threads, 16): cache lines for each, that begin with ``2**32 * number + message``, so that
    both cross over at once. Numbers rise; messages are below 2**32. Who is still at `brought` of one meeting must not
    find the next one on the same board: two of them, in turns.

    On idle cores a meeting takes a fraction of a microsecond; where other work has the core of a thread that is
    missing, those that wait give way after a while.
    """
    _announce(board[thread], number * _MEETING + message)  # type: ignore[call-arg]  # the typing context is the compiler's
    spins = 0
    for other in range(len(board)):
        while _announced(board[other]) < number * _MEETING:
            spins += 1
            if spins > _SPINS:
                _give_way()
            else:
                _pause()
