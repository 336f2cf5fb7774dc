"""The number of connections that a connector will make, before it makes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pyNN import connectors

__all__ = ["BYTES", "expected_connections"]

BYTES = 20
"""Memory of a connection: two indices, weight and delay; every further parameter has 8 more."""


def expected_connections(connector: Any, pre: int, post: int) -> float | None:
    """The number of connections between so many neurons, on average; None where it is not known beforehand."""
    pairs = float(pre) * post
    match connector:
        case connectors.FixedProbabilityConnector():
            return pairs * float(connector.p_connect)
        case connectors.AllToAllConnector():
            return pairs
        case connectors.OneToOneConnector():
            return float(min(pre, post))
        case connectors.FixedTotalNumberConnector():
            return _number(connector.n)
        case connectors.FixedNumberPreConnector():
            return _times(_number(connector.n), post)
        case connectors.FixedNumberPostConnector():
            return _times(_number(connector.n), pre)
        case connectors.FromFileConnector():
            return None
        case connectors.FromListConnector():
            return float(len(connector.conn_list))
        case connectors.ArrayConnector():
            return float(np.count_nonzero(connector.array))
    return None


def _number(n: Any) -> float | None:
    """A number that is given, or the mean of the distribution that it will be drawn from if that is known."""
    if isinstance(n, int | float | np.integer):
        return float(n)
    mean = getattr(n, "parameters", {}).get("mu")
    return None if mean is None or not math.isfinite(mean) else float(mean)


def _times(n: float | None, size: int) -> float | None:
    return None if n is None else n * size
