"""Which method of integration a script chooses for each cell type: ``setup(integration={...})``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..base.parameter_rules import require_method
from ..neurons.model import NeuronModel
from . import simulator
from .cell_types import CELL_TYPES
from .standardmodels.cells import Cell

__all__ = ["choose_method", "chosen_methods"]


def _cell_types() -> dict[str, type[Cell]]:
    """Return all cell types that have methods to choose from, by name."""
    return {name: CELL_TYPES[name] for name in sorted(CELL_TYPES) if CELL_TYPES[name].methods()}


def chosen_methods(integration: Any) -> dict[type[Cell], str]:
    """The methods by cell type, from what a script gave by name, or None for no choice at all.

    Raises ``TypeError`` if it is no mapping, and ``ValueError`` for a name that is none of a cell type with methods to
    choose from, and for a method that the cell type does not have.
    """
    if integration is None:
        return {}
    if not isinstance(integration, Mapping):
        raise TypeError(f"integration must be a mapping from names of cell types to methods, not {integration!r}")
    types, chosen = _cell_types(), {}
    for name, method in integration.items():
        if name not in types:
            raise ValueError(
                f"integration must name cell types that have methods to choose from ({', '.join(types)}), not {name!r}"
            )
        require_method(f"integration of {name}", method, types[name].methods())
        chosen[types[name]] = method
    return chosen


def choose_method(model: NeuronModel, celltype: Any) -> None:
    """Give a new model the method that `setup` was given for its cell type, or for a base class of it, if any.

    Raises ``ValueError`` if the model does not have it, as may be with the membranes of `PointNeuron`.
    """
    chosen = simulator.state.network.integration
    for cls in type(celltype).__mro__:
        if cls in chosen:
            model.choose(chosen[cls], f"integration of {cls.__name__}")
            return
