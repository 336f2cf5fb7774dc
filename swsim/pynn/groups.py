"""Populations, views and assemblies taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["members", "root"]


def members(group: Any) -> Sequence[Any]:
    """Return the populations and views of an assembly; of a population or view itself only."""
    populations: Sequence[Any] = getattr(group, "populations", [group])
    return populations


def root(population: Any) -> Any:
    """Return the population that a view, or a view of a view, is of; of a population itself."""
    return getattr(population, "grandparent", population)
