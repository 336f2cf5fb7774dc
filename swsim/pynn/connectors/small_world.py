"""Connections of a small world, which PyNN names and no other backend makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import connectors, errors
from pyNN.parameters import LazyArray

from .by_target import make, of_pairs, report_progress

__all__ = ["SmallWorldConnector"]


class SmallWorldConnector(connectors.SmallWorldConnector):
    """Connect every neuron to its neighbours, and rewire some of these connections at random.

    Source: Watts and Strogatz (1998), Nature 393:440, with the parameters of PyNN. Every source is connected to the
    targets at a distance below ``degree``, in the space of the projection; with ``n_connections``, to so many of them
    drawn at random. Then each connection is replaced with probability ``rewiring`` by one to a target drawn from those
    that the source is not connected to.

    Raises
    ------
    ValueError
        If ``rewiring`` is not in 0..1, ``degree`` is negative, or ``n_connections`` is not a whole number above 0.
    """

    def __init__(
        self,
        degree: float,
        rewiring: float,
        allow_self_connections: bool = True,
        n_connections: int | None = None,
        location_selector: Any = None,
        rng: Any = None,
        safe: bool = True,
        callback: Any = None,
    ) -> None:
        if not 0 <= rewiring <= 1:
            raise ValueError(f"rewiring must be in 0..1, not {rewiring}")
        if not degree >= 0:
            raise ValueError(f"degree must be at least 0, not {degree}")
        if n_connections is not None and (int(n_connections) != n_connections or n_connections < 1):
            raise ValueError(f"n_connections must be a whole number of at least 1, not {n_connections}")
        if not isinstance(allow_self_connections, bool):
            raise ValueError(f"allow_self_connections must be True or False, not {allow_self_connections!r}")
        super().__init__(
            degree, rewiring, allow_self_connections, n_connections, location_selector, rng, safe, callback
        )
        self.degree = degree

    def connect(self, projection: Any) -> None:
        """Make the connections; ``pyNN.errors.ConnectionError`` if a source has too few neighbours."""
        generators = projection.pre.position_generator, projection.post.position_generator
        distances = LazyArray(projection.space.distance_generator(*generators), shape=projection.shape)
        targets = [self._targets(projection, distances, i) for i in range(projection.pre.size)]
        source = np.repeat(np.arange(len(targets)), [len(row) for row in targets])
        target = np.concatenate(targets)
        if not len(source):
            return
        parameters = self._parameters_from_synapse_type(projection, distances)
        values = {name: of_pairs(value, source, target) for name, value in parameters.items()}
        make(self, projection, source, target, values)
        report_progress(self, source, projection.pre.size)

    def _targets(self, projection: Any, distances: Any, i: int) -> npt.NDArray[np.int64]:
        """The targets of source i in ascending order."""
        allowed = np.ones(projection.post.size, bool)
        if not self.allow_self_connections:
            allowed = projection.post.all_cells != projection.pre.all_cells[i]
        near = np.flatnonzero((np.asarray(distances[i, :]) < self.degree) & allowed)
        if self.n_connections is not None:
            if len(near) < self.n_connections:
                raise errors.ConnectionError(
                    f"n_connections must be at most the number of targets within degree, {len(near)} for source {i}, "
                    f"not {self.n_connections}"
                )
            near = near[self._permutation(len(near))[: int(self.n_connections)]]
        moved = self._uniform(len(near)) < self.rewiring
        free = allowed.copy()
        free[near] = False
        others = np.flatnonzero(free)
        # A target that is given up is not taken by another connection: all new targets are new.
        count = min(int(moved.sum()), len(others))
        moving = np.flatnonzero(moved)[:count]
        kept = np.delete(near, moving)
        return np.sort(np.concatenate([kept, others[self._permutation(len(others))[:count]]]))

    def _uniform(self, n: int) -> npt.NDArray[np.float64]:
        if not n:
            return np.empty(0)
        return np.atleast_1d(self.rng.next(n, "uniform", {"low": 0.0, "high": 1.0}))

    def _permutation(self, n: int) -> npt.NDArray[np.int64]:
        return np.asarray(self.rng.permutation(np.arange(n)), np.int64)
