"""PyNN's connectors; those that are slow or let errors pass are completed here."""

from __future__ import annotations

from typing import Any

import numpy as np
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
    FixedTotalNumberConnector,
    IndexBasedProbabilityConnector,
)

from .synapses import check_weight

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


def _check_list(connector: Any, projection: Any) -> None:
    """Check what PyNN lets pass: indices outside the populations, and the signs of listed weights."""
    listed = np.asarray(connector.conn_list, dtype=float)
    if not listed.size:
        return
    for column, side, population in ((0, "source", projection.pre), (1, "target", projection.post)):
        index = listed[:, column]
        outside = (index < 0) | (index >= population.size) | (index != np.floor(index))
        if outside.any():
            raise errors.ConnectionError(
                f"{side} index must be a whole number in 0..{population.size - 1}, not {index[outside][0]:g}"
            )
    names = list(connector.column_names)
    if connector.safe:
        weights = listed[:, 2 + names.index("weight")] if "weight" in names else None
        if weights is None:
            weights = connector._parameters_from_synapse_type(projection)["weight"].evaluate(simplify=True)
        check_weight(weights, projection)


class FromListConnector(connectors.FromListConnector):
    """Make connections according to a list of (source, target, ...)."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection."""
        _check_list(self, projection)
        super().connect(projection)


class FromFileConnector(connectors.FromFileConnector, FromListConnector):
    """Make connections according to a file with such a list."""
