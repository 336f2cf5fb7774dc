"""Multiplexers controlled by one-hot signals."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Mux, Signal, Value

__all__ = ["and_or_mux", "mux_tree"]


def and_or_mux(select: Signal, values: Iterable[Value]) -> Value:
    """The value whose bit is set in one-hot ``select``; 0 if none is."""
    return reduce(or_, (Mux(select[i], value, 0) for i, value in enumerate(values)))


def mux_tree(select: Signal, values: Sequence[Value]) -> Value:
    """The value whose bit is set in one-hot ``select``; the first if none is.

    Selected by numbers and not by gating every value, which takes more lookup tables.
    """
    for bit in range((len(values) - 1).bit_length()):
        odd = Cat(select[i] for i in range(len(select)) if i >> bit & 1).any()
        pairs = [values[i : i + 2] for i in range(0, len(values), 2)]
        values = [Mux(odd, pair[-1], pair[0]) for pair in pairs]
    return values[0]
