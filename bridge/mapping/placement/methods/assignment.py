"""Reassignment: clusters that do not talk to one another exchange their tiles in the best way that there is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .board import Board

__all__ = ["reassigned"]

_MOST = 128
_FREE = 64


def reassigned(board: Board, rng: np.random.Generator, rounds: int) -> None:
    """Draw such clusters, and some free tiles, and give them the best tiles; so many times, or until the time is up.

    As long as the others stay, what each costs on a tile does not depend on where the rest of them go, so that this is
    a linear assignment problem, which is solved exactly. The placement is offered in the end.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import

    search = board.search
    start, other, weight = board.graph
    for _ in range(rounds):
        if search.out_of_time():
            break
        chosen = _independent(start, other, rng.permutation(search.clusters))
        free = np.flatnonzero(board.owner < 0)
        tiles = np.concatenate([board.tile[chosen], rng.permutation(free)[:_FREE]])
        cost = np.zeros((len(chosen), len(tiles)))
        for number, cluster in enumerate(chosen.tolist()):
            part = slice(start[cluster], start[cluster + 1])
            ways = search.distances.between(board.tile[other[part]][:, None], tiles)
            cost[number] = weight[part] @ ways
        _, column = linear_sum_assignment(cost)
        rows = np.arange(len(chosen))
        # Costs are whole numbers; as floats they may be rounded, so that what is gained is counted anew.
        if cost[rows, column].sum() < cost[rows, rows].sum():
            _move(board, chosen, tiles[column])
    board.offer()


def _move(board: Board, chosen: npt.NDArray[np.int64], tiles: npt.NDArray[np.int64]) -> None:
    moved = board.tile.copy()
    moved[chosen] = tiles
    cost = board.search.distances.cost(board.search.traffic, moved)
    if cost < board.cost:
        board.owner[board.tile[chosen]] = -1
        board.tile[:], board.cost = moved, cost
        board.owner[tiles] = chosen


def _independent(
    start: npt.NDArray[np.int64], other: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return clusters, taken in an order, of which no two have traffic between them."""
    barred = np.zeros(len(order), bool)
    chosen = []
    for cluster in order.tolist():
        if not barred[cluster]:
            chosen.append(cluster)
            barred[other[start[cluster] : start[cluster + 1]]] = True
            if len(chosen) == _MOST:
                break
    return np.array(chosen, np.int64)
