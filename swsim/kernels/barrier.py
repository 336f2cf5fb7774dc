"""A barrier for threads of compiled code, without the interpreter and without the operating system."""

from __future__ import annotations

import os
import platform
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic

from .jit import compile_loop

__all__ = ["meet", "message_of"]

_MAX_SPINS = 1000  # of a waiting thread before it lets others run
_MESSAGES = 2**32  # a message is below this
_PAUSE = "llvm.x86.sse2.pause" if platform.machine().lower() in ("x86_64", "amd64") else None
_YIELD = "sched_yield" if os.name == "posix" else "SwitchToThread"


@intrinsic
def _store(typing_context: Any, line: Any, number: Any) -> Any:
    """Set the first number of an int64 array; a thread that reads it sees all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.store_atomic(arguments[1], array.data, "release", 8)
        return context.get_dummy_value()

    return types.none(line, types.int64), generate


@intrinsic
def _load(typing_context: Any, line: Any) -> Any:
    """Return the first number of an int64 array; what another thread wrote before it is visible then."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(line), generate


@intrinsic
def _yield_core(typing_context: Any) -> Any:
    """Let another thread of the operating system run on this core."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), _YIELD)
        return builder.call(function, [])

    return types.int32(), generate


@intrinsic
def _pause(typing_context: Any) -> Any:
    """Mark a loop that waits, so that the processor leaves its units to the other thread of the core."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _PAUSE is not None:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(get_or_insert_function(builder.module, kind, _PAUSE), [])
        return context.get_dummy_value()

    return types.none(), generate


@compile_loop
def message_of(board: Any, thread: int) -> int:
    """Return the message of that thread at the last meeting."""
    return int(board[thread, 0] & (_MESSAGES - 1))


@compile_loop
def meet(board: Any, thread: int, number: int, message: int) -> None:
    """Announce that a thread has come to the meeting of that number, with a message, and wait until all have come.

    ``board`` is of shape (threads, 16): cache lines for each, that begin with ``2**32 * number + message``, so that
    both are written at once. Numbers rise; messages are below 2**32. A thread that still reads the messages of one
    meeting must not find those of the next on the same board: use two boards in turns.

    On idle cores a meeting takes a fraction of a microsecond; where other work has the core of a thread that is
    missing, those that wait let others run after a while.
    """
    _store(board[thread], number * _MESSAGES + message)  # type: ignore[call-arg]  # the typing context is the compiler's
    spins = 0
    for other in range(len(board)):
        while _load(board[other]) < number * _MESSAGES:
            spins += 1
            if spins > _MAX_SPINS:
                _yield_core()
            else:
                _pause()
