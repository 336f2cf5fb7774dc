"""How long a search may take, whom it tells, and the best that it has found so far."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["BestSoFar", "Effort"]

Clusters = npt.NDArray[np.int64]
"""Shape (neurons,): cluster of each neuron."""


def _silent(what: str, cost: int | None) -> None:
    """Tell nobody."""


@dataclass
class BestSoFar:
    """The cheapest partition offered; what a caller keeps when it stops a search by Ctrl-C.

    Attributes
    ----------
    method
        Whose it is; None as long as there is none.
    cluster, cost
        The partition and its packets.
    """

    method: str | None = None
    cluster: Clusters | None = None
    cost: int | None = None

    def offer(self, method: str, cluster: Clusters, cost: int) -> None:
        """Keep a partition that fits, if it is cheaper than the one kept."""
        if self.cost is None or cost < self.cost:
            self.method, self.cluster, self.cost = method, cluster.copy(), cost


@dataclass
class Effort:
    """What a method may spend, handed to every one of `SEARCHES`.

    Attributes
    ----------
    seed
        The same seed gives the same clusters, unless the deadline cut the search short.
    deadline
        Value of ``time.monotonic()`` at which a search ends with the best that it has.
    tell
        Called with what is being done and the cost so far, None if unknown.
    best
        Where partitions that fit are offered as they are found.
    """

    seed: int = 0
    deadline: float = math.inf
    tell: Callable[[str, int | None], None] = _silent
    best: BestSoFar = field(default_factory=BestSoFar)

    @classmethod
    def within(cls, seconds: float | None, seed: int = 0) -> Effort:
        """An effort of so many seconds from now, or without a limit."""
        return cls(seed, math.inf if seconds is None else time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds until the deadline, infinite without one, 0 after it."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """True once the deadline has passed."""
        return time.monotonic() >= self.deadline
