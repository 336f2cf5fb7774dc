"""Placements whose busiest links carry less, or for which links and ways count together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .methods.annealing import random_state
from .methods.board import Board
from .search import Search

__all__ = ["balanced"]

_WORK = 3e7
_PATIENCE = 4
_POWER = 8


def balanced(
    search: Search,
    board: Board,
    routing: str,
    weights: tuple[float, float],
    visit: Callable[[Any], None],
) -> None:
    """Exchange clusters as long as the weighted sum of the cost of ways and the load of the busiest link gets smaller.

    Parameters
    ----------
    search
        The problem and its time.
    board
        Where to begin; is changed.
    routing
        Packets go along their column first if it is ``"yx"``; else along their row. Those of multicast count once for
        each target.
    weights
        Of the ways and of the busiest link, each in units of what it is now; not both 0.
    visit
        Called with the placement every now and then, which is never worse than the one before.
    """
    from .balance_kernel import balance, empty_loads, first_loads

    traffic, chip = search.traffic, search.grid.interconnect
    back = np.argsort(traffic.target, kind="stable")
    start_in = np.zeros(traffic.clusters + 1, np.int64)
    np.cumsum(np.bincount(traffic.target, minlength=traffic.clusters), out=start_in[1:])
    flows: Any = (traffic.start, traffic.target, traffic.packets, start_in, traffic.source[back], traffic.packets[back])
    size = (chip.node_rows, chip.node_cols)
    place: Any = (size, chip.has_rings, int(routing == "yx"), chip.has_hubs)
    loads = empty_loads(chip.nodes)
    ways = first_loads(board.tile, flows, board.space, place, loads)
    most = int(loads.max(initial=0))
    if not most:
        return
    scale = 1 / most
    sums = np.array([((loads * scale) ** _POWER).sum(), float(ways)])
    parts = np.array([weights[0] / max(ways, 1), weights[1] / sums[0] ** (1 / _POWER)])
    state = random_state(search, 5)
    per_move = 4 * board.work * max(1.0, (chip.node_rows + chip.node_cols) / 3)
    chunk = max(1, int(2e6 / per_move))
    window, done, idle = board.reach, 0.0, 0
    while done < _WORK * (1 if search.deadline is None else 1e6) and not search.out_of_time() and idle < _PATIENCE:
        kept = balance(
            board.tile, board.owner, flows, loads, scale, board.space, place, board.size, state, window, parts, sums,
            max(chunk, 4 * traffic.clusters if idle else 0),
        )  # fmt: skip
        done += chunk * per_move
        window = max(1, window // 2) if kept < chunk // 50 and window > 1 else window
        idle = 0 if kept else idle + 1
        if kept:
            visit(board.tile)
        search.tell("balancing links")
