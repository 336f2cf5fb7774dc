"""Connections that are made all at once, with the parameters that PyNN would have drawn target by target.

PyNN's ``MapConnector`` goes through the postsynaptic neurons, and evaluates the parameters of each one's connections.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN.random import NumpyRNG, RandomDistribution

from ..validation import check_weight

__all__ = ["connect_by_target", "make", "of_pairs", "report_progress"]

_REDRAWN = frozenset({"normal_clipped"})
"""Distributions whose numbers depend on how many are drawn together."""

_Index = npt.NDArray[np.int64]


def connect_by_target(connector: Any, projection: Any, source: _Index, target: _Index) -> None:
    """Connect pairs of neurons, sorted by target: the connections and parameters that PyNN makes of them."""
    parameters = dict(connector._parameters_from_synapse_type(projection).items())
    varying = {name: value for name, value in parameters.items() if not value.is_homogeneous}
    values = {name: value.evaluate(simplify=True) for name, value in parameters.items() if name not in varying}
    together = [name for name, value in varying.items() if _may_be_drawn_together(value)]
    values |= {name: np.atleast_1d(varying.pop(name).base_value.next(len(source))) for name in together}
    values |= _one_target_after_the_other(varying, source, target)
    make(connector, projection, source, target, values)
    report_progress(connector, target, projection.post.size)


def make(connector: Any, projection: Any, source: _Index, target: _Index, values: dict[str, Any]) -> None:
    """Make connections with given parameters; weights are checked if the connector asks for it."""
    if not len(source):
        return
    if connector.safe:
        check_weight(values["weight"], projection)
    if connector.location_selector is not None:
        values = {"location_selector": connector.location_selector, **values}
        projection._convergent_connect(source, target, **values)  # which says what is wrong with it
    projection.connect_pairs(source, target, **values)


def report_progress(connector: Any, index: _Index, size: int) -> None:
    """Call the connector's callback for each neuron that has been connected, with its place among all, in 0..1."""
    if connector.callback:
        for count in np.unique(index).tolist():
            connector.callback(count / size)


def _may_be_drawn_together(value: Any) -> bool:
    """Return True for random numbers that are the same whether they are drawn all at once or target by target.

    No two parameters share a generator: PyNN makes a copy of it for each.
    """
    drawn = value.base_value
    if value.operations or not isinstance(drawn, RandomDistribution):
        return False
    return isinstance(drawn.rng, NumpyRNG) and drawn.name not in _REDRAWN


def _one_target_after_the_other(varying: dict[str, Any], source: _Index, target: _Index) -> dict[str, Any]:
    values = {name: np.empty(len(source)) for name in varying}
    if not varying or not len(source):
        return values
    column, start = np.unique(target, return_index=True)
    for post, first, end in zip(column, start, [*start[1:], len(source)], strict=True):
        for name, value in varying.items():
            values[name][first:end] = value[source[first:end], post]
    return values


def of_pairs(value: Any, source: npt.NDArray[Any], target: npt.NDArray[Any]) -> Any:
    """A parameter of connections, given as a lazy array over all pairs: a number, or one value for each connection."""
    if value.is_homogeneous:
        return value.evaluate(simplify=True)
    if isinstance(value.base_value, RandomDistribution) and not value.operations:
        # One number per connection, and not one per pair of neurons.
        return np.atleast_1d(value.base_value.next(len(source)))
    order = np.argsort(target, kind="stable")
    values = np.empty(len(source))
    values[order] = _one_target_after_the_other({"": value}, source[order], target[order])[""]
    return values
