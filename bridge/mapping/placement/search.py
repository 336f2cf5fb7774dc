"""A search for a placement: its problem, its time, and the best that has been found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...tile_grid import TileGrid
from .distances import Distances
from .traffic import Links, Traffic

__all__ = ["Progress", "Search"]

Ints = npt.NDArray[np.int64]

Progress = Callable[[str, int], None]
"""Called now and then with what is being tried, and the cost of the best placement so far."""

_EVERY_S = 0.1


@dataclass
class Search:
    """What a method is given, and where it leaves what it finds.

    Attributes
    ----------
    traffic
        Packets between clusters.
    grid
        The chip's tiles, at least as many as clusters.
    distances
        What a packet costs between two tiles.
    seed
        Of the random numbers.
    deadline
        Time by ``time.monotonic`` at which to stop; None for as long as the method takes.
    progress
        Told what is going on; None for nobody.
    best, cost
        The best placement offered, shape (clusters,), and its Σ packets × cost of the way; None and -1 before.
    cut
        The deadline stopped the method before it was done.
    """

    traffic: Traffic
    grid: TileGrid
    distances: Distances
    seed: int = 0
    deadline: float | None = None
    progress: Progress | None = None
    best: Ints | None = None
    cost: int = -1
    cut: bool = False
    _told: float = field(default=0.0, repr=False)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return self.traffic.clusters

    @property
    def links(self) -> Links:
        """The packets between two clusters in both directions together."""
        return self.traffic.links

    def rng(self, *numbers: int) -> np.random.Generator:
        """Return random numbers that depend on the seed and on these numbers only."""
        # With PyNN, which the command line's help is quicker without.
        from synaptile.swsim.base.random_streams import SeedTree

        found = SeedTree(self.seed).stream("placement")
        key = np.random.SeedSequence(found.entropy, spawn_key=(*found.spawn_key, *numbers))
        return np.random.default_rng(key)

    def out_of_time(self) -> bool:
        """Tell whether to stop now, which is then noted."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            self.cut = True
        return self.cut

    def offer(self, tile: Ints, cost: int | None = None) -> int:
        """Take a placement if it is the best so far; return its cost, which is computed if it is not given."""
        cost = self.distances.cost(self.traffic, tile) if cost is None else cost
        if self.best is None or cost < self.cost:
            self.best, self.cost = tile.copy(), cost
        return cost

    def tell(self, what: str) -> None:
        """Tell what is being tried, at most ten times a second."""
        now = time.monotonic()
        if self.progress is not None and now - self._told >= _EVERY_S:
            self._told = now
            self.progress(what, self.cost)
