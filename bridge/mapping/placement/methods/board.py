"""A placement in the form that the compiled loops work on, and moves over it that mind the time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..search import Search

__all__ = ["Board"]

Ints = npt.NDArray[np.int64]

_CHUNK_WORK = 4_000_000
"""Partners looked at between two looks at the clock: some ten milliseconds."""


class Board:
    """Clusters on tiles, exchanged step by step.

    Parameters
    ----------
    search
        The problem.
    tile
        Shape (clusters,): where to begin.

    Attributes
    ----------
    tile, owner
        The tile of each cluster, and the cluster of each tile, -1 if it is free.
    cost
        Σ packets × cost of the way, as it is now.
    """

    def __init__(self, search: Search, tile: Ints) -> None:
        distances = search.distances
        self.search = search
        self.tile = tile.astype(np.int64)
        self.owner = np.full(distances.tiles, -1, np.int64)
        self.owner[self.tile] = np.arange(len(tile))
        self.cost = distances.cost(search.traffic, self.tile)
        self.graph: Any = (search.links.start, search.links.other, search.links.weight)
        self.space: Any = (distances.row, distances.col, distances.down, distances.along, distances.apart)
        self.size: Any = (distances.rows, distances.cols, distances.wraps)
        self.work = 2 * len(search.links.other) / max(1, search.clusters) + 8
        """Partners looked at for an exchange, and what it takes besides."""

    @property
    def reach(self) -> int:
        """The window that holds the whole chip from wherever."""
        return max(self.search.grid.rows, self.search.grid.cols)

    def offer(self) -> int:
        """Offer the placement to the search; return its cost."""
        return self.search.offer(self.tile, self.cost)

    def anneal(self, state: npt.NDArray[np.uint64], temperature: float, window: int, moves: int) -> tuple[int, float]:
        """Try random exchanges until the time is up; return how many were taken, and the mean change of those tried."""
        from .kernels import anneal  # compiled loops take a moment to load

        chunk = max(1, int(_CHUNK_WORK / self.work))
        taken, sizes, left = 0, 0.0, moves
        while left and not self.search.out_of_time():
            part = min(chunk, left)
            some, more, size = anneal(
                self.tile, self.owner, self.graph, self.space, self.size, state, temperature, window, part
            )
            taken, sizes, left = taken + some, sizes + size * part, left - part
            self.cost += int(more)
        return taken, sizes / max(1, moves - left)

    def descend(self, window: int) -> None:
        """Exchange each cluster with the best tile near it until nothing is gained, or the time is up."""
        from .kernels import descend

        high, wide = (min(2 * window + 1, size) for size in (self.search.grid.rows, self.search.grid.cols))
        chunk = max(1, int(_CHUNK_WORK / (self.work * high * wide)))
        gained = True
        while gained:
            before = self.cost
            for first in range(0, len(self.tile), chunk):
                if self.search.out_of_time():
                    return
                last = min(first + chunk, len(self.tile))
                self.cost += int(descend(self.tile, self.owner, self.graph, self.space, self.size, window, first, last))
            gained = self.cost < before
