"""The registry of cell types: every public one of the modules below, by name."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isclass

from .extensions import cells as own_cells
from .standardmodels import cells, point_neuron
from .standardmodels.cells import Cell, ModelCell

__all__ = ["CELL_TYPES"]

_BASES = (Cell, ModelCell, own_cells.NativeCell)

CELL_TYPES: Mapping[str, type[Cell]] = {
    name: vars(module)[name]
    for module in (cells, point_neuron, own_cells)
    for name in module.__all__
    if isclass(vars(module)[name]) and issubclass(vars(module)[name], Cell) and vars(module)[name] not in _BASES
}
"""`list_standard_models`, `setup(integration=...)` and the tests of the documentation read it."""
