"""The default: several placers one after the other, and longer and longer annealing from the best that they found."""

from __future__ import annotations

import numpy as np

from ..search import Search
from .annealing import annealed, random_state
from .assignment import reassigned
from .board import Board
from .exact import MOST_TILES, place_exactly
from .force import pulled
from .starts import place_greedily, place_in_order, place_on_a_curve, place_spectrally

__all__ = ["place_by_portfolio"]

_ALWAYS_EXACT = 6
"""So few clusters are placed optimally at once."""

_FIRST_WORK = 2e7
_MOST_WORK = 2e8
"""Partners looked at in the first round and in all of them, where no time is given: a second or two in all."""

_TEMPERATURES = 80
_MOVES = 4.0
_PATIENCE = 3
_MOST_ROUNDS = 60
_WARM, _HOT = 0.15, 2.0
_LARGE = 4096
"""Above so many clusters, there is time for the best start only."""


def place_by_portfolio(search: Search) -> None:
    """Take the best of what others find, and go on from there.

    It goes on from a placement that the search has already. Else the placements in order, along a curve, by
    eigenvectors and greedy ones are descended to local minima. Then come rounds of annealing, each twice as long as the
    last: in turn from the best placement, warm enough to leave its local minimum, and hot. Up to six clusters are
    placed optimally. It ends when three long enough rounds have gained nothing, or when all rounds together have done a
    second or two of work; with a time limit, only when that is reached, or for the former reason.
    """
    started = search.best is not None
    if not started:
        place_in_order(search)
    if search.cost == 0 or search.clusters < 2:
        return
    if np.count_nonzero(search.links.total) <= _ALWAYS_EXACT and search.grid.tiles <= MOST_TILES:
        place_exactly(search)
        return
    if not started:
        _descended_starts(search)
    _rounds(search)


def _descended_starts(search: Search) -> None:
    """Offer the local minima below some placements, the best first; of very many clusters, only below that."""
    found = [(search.cost, search.best)]
    for place in (place_on_a_curve, place_greedily, place_spectrally):
        if search.out_of_time():
            return
        one = Search(search.traffic, search.grid, search.distances, search.seed, search.deadline)
        place(one)
        if one.best is not None:
            search.offer(one.best, one.cost)
            found.append((one.cost, one.best))
    found.sort(key=lambda pair: pair[0])
    for _, start in found[: 1 if search.clusters > _LARGE else None]:
        if start is None or search.out_of_time():
            return
        board = Board(search, start)
        if search.clusters <= _LARGE:
            pulled(board)
        board.descend(2 if search.clusters > 256 else board.reach)
        board.offer()
        search.tell("descent")


def _rounds(search: Search) -> None:
    """Anneal again and again, until nothing is gained any more."""
    assert search.best is not None
    each = _TEMPERATURES * Board(search, search.best).work
    full = _MOVES * search.clusters ** (4 / 3)
    most = max(_FIRST_WORK, each * search.clusters / 2)
    total, idle, done = max(_MOST_WORK, 4 * most), 0, 0.0
    for number in range(_MOST_ROUNDS):
        work = min(each * full, most) * 2.0**number
        if search.out_of_time() or (search.deadline is None and done + work > total):
            return
        before, moves = search.cost, work / each
        # A hot round that is too short would only undo what there is.
        hot = number % 2 == 1 and moves > full / 8
        reach = 0 if hot or search.clusters <= 64 else 8
        board = Board(search, search.best)
        annealed(board, random_state(search, 16 + number), moves, heat=_HOT if hot else _WARM, reach=reach)
        polished = Board(search, search.best)
        reassigned(polished, search.rng(3, number), 8 if search.clusters <= _LARGE else 1)
        idle = 0 if search.cost < before else idle + (moves >= full)
        if idle == _PATIENCE:
            return
        done += work
