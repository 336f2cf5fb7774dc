"""Translations between PyNN's parameters and the engine's where both have the same names and units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyNN.standardmodels import build_translations

__all__ = ["identity_translations", "same_names"]


def identity_translations(model: Any) -> dict[str, Any]:
    """The translations of a PyNN model all of whose parameters the engine uses under PyNN's names and units."""
    return same_names(model.default_parameters)


def same_names(names: Iterable[str]) -> dict[str, Any]:
    """The translations of parameters that the engine uses under those names and in PyNN's units."""
    return build_translations(*((name, name) for name in names))
