"""PyNN's connectors; those that are slow or let errors pass are completed here and in the files beside."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import connectors
from pyNN.connectors import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedProbabilityConnector,
    IndexBasedProbabilityConnector,
)

from .by_target import connect_by_target
from .fixed_number import FixedNumberPostConnector, FixedNumberPreConnector
from .fixed_total_number import FixedTotalNumberConnector
from .listed import FromFileConnector, FromListConnector

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
    """Connect neuron i to neuron i, all at once."""

    def connect(self, projection: Any) -> None:
        """Make the connections of a projection."""
        index = np.arange(min(projection.shape))
        connect_by_target(self, projection, index, index)
