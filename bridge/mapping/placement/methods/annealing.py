"""Simulated annealing: random exchanges, of which worse ones are taken the more seldom the longer it lasts."""

from __future__ import annotations

import numpy as np

from ..search import Search
from .board import Board
from .starts import place_on_a_curve

__all__ = ["anneal_placement", "annealed", "random_state"]

_COLDEST = 1e-3
"""It ends when the temperature is so small a part of what an exchange changes on average in the beginning."""
_EXPONENT = 4 / 3
_MOVES = 5.0
_MOST_WORK = 2e9
"""Partners looked at in one annealing of the method: some seconds."""
_TEMPERATURES = 90


def random_state(search: Search, number: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return the state of a sequence of random numbers for the compiled loops."""
    return search.rng(1, number).integers(0, 2**63, 1, dtype=np.uint64)


def anneal_placement(search: Search) -> None:
    """Anneal from a placement along a curve: hot enough at first to leave nothing of it, then ever colder.

    The schedule is that of VPR (Betz and Rose, FPL 1997): the temperature falls slowest where about half of the
    exchanges are taken, and these reach the less far the fewer are taken.
    """
    place_on_a_curve(search)
    if search.clusters < 2 or search.best is None:
        return
    board = Board(search, search.best)
    moves = _MOVES * search.clusters**_EXPONENT
    annealed(board, random_state(search, 0), min(moves, _MOST_WORK / (_TEMPERATURES * board.work)), heat=2.0)


def annealed(
    board: Board, state: np.ndarray[tuple[int], np.dtype[np.uint64]], moves: float, *, heat: float, reach: int = 0
) -> None:
    """Anneal a board, descend to a local minimum, and offer that; what was found on the way is offered too.

    Parameters
    ----------
    board
        Where to begin.
    state
        The sequence of random numbers.
    moves
        Exchanges tried at each temperature; at least 64 are.
    heat
        Temperature at first, in units of what an exchange changes on average there; 2 leaves nothing of the start.
    reach
        Rows and columns that exchanges span at first; 0 for the whole chip.
    """
    search, count = board.search, max(64, int(moves))
    window = reach or board.reach
    _, size = board.anneal(state, 1e-9, window, max(64, min(count, 4 * len(board.tile))))
    temperature = heat * size
    coldest = _COLDEST * size
    while temperature > coldest and not search.out_of_time():
        before = board.cost
        taken, _ = board.anneal(state, temperature, window, count)
        part = taken / count
        if board.cost < search.cost:
            board.offer()
        search.tell("annealing")
        if taken == 0 and board.cost == before and window == 1:
            break
        temperature *= 0.5 if part > 0.96 else 0.9 if part > 0.8 else 0.95 if part > 0.15 else 0.8
        window = max(1, min(board.reach, round(window * (0.56 + part))))
    board.descend(3 if len(board.tile) > 256 else board.reach)
    board.offer()
