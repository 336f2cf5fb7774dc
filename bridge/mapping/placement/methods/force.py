"""Force-directed placement: neighbours on the chip exchange places while the traffic pulls them past each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..search import Search
from .board import Board
from .starts import place_on_a_curve

__all__ = ["place_by_forces", "pulled"]


def place_by_forces(search: Search) -> None:
    """Begin along a Hilbert curve; then neighbours exchange places until none gains (Jin and others, ASPLOS 2023).

    In each round, the pairs of neighbouring tiles are sorted by what an exchange would gain, the largest first, and
    each is made that still gains when its turn comes. A free tile takes part as a cluster without traffic.
    """
    place_on_a_curve(search)
    if search.best is not None and search.clusters > 1:
        pulled(Board(search, search.best))


def pulled(board: Board) -> None:
    """Let the forces work on a board until nothing is gained or the time is up, and offer the placement."""
    from .kernels import adjacent_gains, swap_pairs

    search = board.search
    pairs = _neighbours(board)
    while len(pairs) and not search.out_of_time():
        gain = adjacent_gains(pairs, board.tile, board.owner, board.graph, board.space)
        order = np.argsort(-gain, kind="stable")
        order = order[: np.count_nonzero(gain > 0)]
        if not len(order):
            break
        board.cost += int(swap_pairs(pairs[order], board.tile, board.owner, board.graph, board.space))
        board.offer()
        search.tell("force-directed")
    board.offer()


def _neighbours(board: Board) -> npt.NDArray[np.int64]:
    """Pairs of tiles beside each other, shape (pairs, 2), round the edges on a torus.

    In a tree, tiles of a node are all alike, so that a tile's neighbours are those two tiles away.
    """
    grid = board.search.grid
    chip = grid.interconnect
    number = np.arange(grid.tiles).reshape(grid.rows, grid.cols)
    pairs = []
    for axis in (0, 1):
        if chip.has_hubs:
            size = number.shape[axis]
            for member in (0, 1):
                one = np.take(number, np.arange(member, size - 2, 2), axis)
                for other in (0, 1):
                    two = np.take(number, np.arange(other + 2, size, 2), axis)
                    pairs.append(np.stack([one.reshape(-1), two.reshape(-1)], axis=1))
                    crossed = np.flip(two.reshape(two.shape[0], two.shape[1] // 2, 2), 2) if axis == 0 else two
                    pairs.append(np.stack([one.reshape(-1), crossed.reshape(-1)], axis=1))
        else:
            there = np.roll(number, -1, axis)
            keep = number.shape[axis] - (0 if chip.has_rings and number.shape[axis] > 2 else 1)
            cut = (slice(None),) * axis + (slice(0, keep),)
            pairs.append(np.stack([number[cut].reshape(-1), there[cut].reshape(-1)], axis=1))
    return np.concatenate(pairs).astype(np.int64)
