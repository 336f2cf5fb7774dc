"""The spikes that some synapses of `plasticity.compiled_pre_post` have not seen yet, in compiled form."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..jit import compile_inline
from .frame import indices, numbers

__all__ = ["History", "history_of", "note", "seen_by"]


class History(NamedTuple):
    """The spikes that some rows of a side have not seen.

    Attributes
    ----------
    delays
        The delays of rows, without 0, from the longest to the shortest.
    entries
        Neuron and next row of each spike, shape (places, spikes, 2); that of step t is at place t modulo their number.
    count
        Step and number of the spikes at each place, shape (places, 2).
    """

    delays: Any
    entries: Any
    count: Any


@compile_inline
def history_of(frame: Any, delays: int, entries: int, count: int, room: int) -> History:
    """Return the history whose arrays are at those words of a frame, with room for so many spikes of a step."""
    number = numbers(frame, count)
    places = len(number) // 2
    return History(
        numbers(frame, delays), indices(frame, entries).reshape((places, room, 2)), number.reshape((places, 2))
    )


@compile_inline
def note(history: History, step: int, neuron: int, row: int) -> None:
    """Keep a spike for the rows from ``row`` on, which see it in later steps."""
    place = step % len(history.count)
    if history.count[place, 0] != step:
        history.count[place, 0] = step
        history.count[place, 1] = 0
    n = history.count[place, 1]
    history.entries[place, n, 0] = neuron
    history.entries[place, n, 1] = row
    history.count[place, 1] = n + 1


@compile_inline
def seen_by(history: History, step: int, delay: int) -> int:
    """Return how many spikes there were so many steps before a step."""
    place = (step - delay) % len(history.count)
    return int(history.count[place, 1]) if history.count[place, 0] == step - delay else 0
