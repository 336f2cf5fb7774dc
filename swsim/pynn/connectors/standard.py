"""PyNN's connectors; those that are slow or let errors pass are completed here."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import connectors, errors
from pyNN.connectors import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
    IndexBasedProbabilityConnector,
)
from pyNN.random import RandomDistribution

from ..validation import check_weight

__all__ = [
    "AllToAllConnector",
    "ArrayConnector",
    "CSAConnector",
    "CloneConnector",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "IndexBasedProbabilityConnector",
    "OneToOneConnector",
    "of_pairs",
]


class OneToOneConnector(connectors.OneToOneConnector):
    """Connect neuron i to neuron i; all at once where weight and delay are the same for all."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection."""
        parameters = self._parameters_from_synapse_type(projection)
        if not all(value.is_homogeneous for value in parameters._parameters.values()):
            super().connect(projection)
            return
        values = {name: value.evaluate(simplify=True) for name, value in parameters.items()}
        if self.safe:
            check_weight(values["weight"], projection)
        index = np.arange(min(projection.shape))
        projection.connect_pairs(index, index, **values)


class FixedTotalNumberConnector(connectors.FixedTotalNumberConnector):
    """Make n connections between neurons drawn at random, all at once.

    PyNN's own takes no notice of ``with_replacement`` and ``allow_self_connections``; here they are kept to.
    """

    def connect(self, projection: Any) -> None:
        """Make the connections; ``pyNN.errors.ConnectionError`` if there are fewer pairs than are asked for."""
        source, target = np.divmod(self._pairs(projection), projection.post.size)
        parameters = self._parameters_from_synapse_type(projection)
        values = {name: of_pairs(value, source, target) for name, value in parameters.items()}
        if self.safe:
            check_weight(values["weight"], projection)
        projection.connect_pairs(source, target, **values)

    def _pairs(self, projection: Any) -> npt.NDArray[np.int64]:
        """Source times number of targets plus target, of each connection."""
        if self.allow_self_connections == "NoMutual":
            raise errors.ConnectionError("allow_self_connections must be True or False, not 'NoMutual'")
        n = int(self.n.next()) if isinstance(self.n, RandomDistribution) else self.n
        pre, post = (side.all_cells.astype(np.int64) for side in (projection.pre, projection.post))
        possible = len(pre) * len(post)
        if not self.allow_self_connections:
            possible -= int(np.isin(pre, post).sum())
        if n > possible and (not self.with_replacement or not possible):
            raise errors.ConnectionError(f"n must be at most the number of pairs, {possible}, not {n}")
        pairs = np.empty(0, np.int64)
        while len(pairs) < n:
            drawn = [
                np.atleast_1d(self.rng.next(n - len(pairs), "uniform_int", {"low": 0, "high": len(side)}))
                for side in (pre, post)
            ]
            source, target = (numbers.astype(np.int64) for numbers in drawn)
            allowed = self.allow_self_connections | (pre[source] != post[target])
            pairs = np.append(pairs, (source * len(post) + target)[allowed])
            if not self.with_replacement:
                pairs = pairs[np.sort(np.unique(pairs, return_index=True)[1])]
        return pairs


def of_pairs(value: Any, source: npt.NDArray[Any], target: npt.NDArray[Any]) -> Any:
    """A parameter of connections, given as a lazy array over all pairs: a number, or one value for each connection."""
    if value.is_homogeneous:
        return value.evaluate(simplify=True)
    if isinstance(value.base_value, RandomDistribution) and not value.operations:
        # One number per connection, and not one per pair of neurons.
        return np.atleast_1d(value.base_value.next(len(source)))
    return value.evaluate(simplify=False)[source, target]


class FromListConnector(connectors.FromListConnector):
    """Make connections according to a list of (source, target, ...): all at once, in the order of the list."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection; indices and signs of weights are checked."""
        listed = np.asarray(self.conn_list, dtype=float)
        if not listed.size:
            return
        known = projection.synapse_type.get_parameter_names()
        for name in self.column_names:
            if name not in known:
                raise errors.NonExistentParameterError(name, type(projection.synapse_type).__name__, known)
        source = _indices("source", listed[:, 0], projection.pre.size)
        target = _indices("target", listed[:, 1], projection.post.size)
        parameters = deepcopy(projection.synapse_type.parameter_space)
        parameters.shape = (len(listed),)
        parameters.update(**{name: listed[:, column] for column, name in enumerate(self.column_names, 2)})
        parameters.evaluate()
        if self.safe:
            check_weight(parameters["weight"], projection)
        projection.connect_pairs(source, target, **parameters.as_dict())


def _indices(side: str, values: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int32]:
    outside = (values < 0) | (values >= size) | (values != np.floor(values))
    if outside.any():
        raise errors.ConnectionError(
            f"{side} index must be a whole number in 0..{size - 1}, not {values[outside][0]:g}"
        )
    return values.astype(np.int32)


class FromFileConnector(FromListConnector, connectors.FromFileConnector):
    """Make connections according to a file with such a list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        connectors.FromFileConnector.__init__(self, *args, **kwargs)

    def connect(self, projection: Any) -> None:
        """Read the file and make the connections of a projection."""
        if self.distributed:
            self.file.rename(f"{self.file.name}.{projection._simulator.state.mpi_rank}")
        columns = self.file.get_metadata().get("columns", ("weight", "delay"))
        self.column_names = tuple(name for name in columns if name not in ("i", "j"))
        self.conn_list = np.atleast_2d(self.file.read())
        self.file.close()
        super().connect(projection)
