"""Values picked by one-hot signals."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Mux, Signal, Value

__all__ = ["one_of"]


def one_of(chosen: Signal, values: Iterable[Value]) -> Value:
    """The value whose bit is set in one-hot ``chosen``; 0 if none is."""
    return reduce(or_, (Mux(chosen[i], value, 0) for i, value in enumerate(values)))


def picked(chosen: Signal, values: Sequence[Value]) -> Value:
    """The value whose bit is set in one-hot ``chosen``; the first if none is.

    Selected by numbers and not by gating every value, which takes more lookup tables.
    """
    for bit in range((len(values) - 1).bit_length()):
        odd = Cat(chosen[i] for i in range(len(chosen)) if i >> bit & 1).any()
        pairs = [values[i : i + 2] for i in range(0, len(values), 2)]
        values = [Mux(odd, pair[-1], pair[0]) for pair in pairs]
    return values[0]
