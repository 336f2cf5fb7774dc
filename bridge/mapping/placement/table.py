"""The placement methods by name; each is loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .search import Search

__all__ = ["METHODS", "SEEDLESS", "Method"]

Method = Callable[["Search"], None]
"""Offers placements to a search, which keeps the best; ends by itself, or soon after the search is out of time."""


def _later(module: str, name: str) -> Method:
    """Return the function of a module that is loaded when it is called: SciPy and Numba take a moment."""

    def method(search: Search) -> None:
        getattr(import_module(f".{module}", __package__), name)(search)

    return method


METHODS: dict[str, Method] = {
    "in-order": _later("methods.starts", "place_in_order"),
    "random": _later("methods.starts", "place_randomly"),
    "hilbert": _later("methods.starts", "place_on_a_curve"),
    "greedy": _later("methods.starts", "place_greedily"),
    "spectral": _later("methods.starts", "place_spectrally"),
    "force-directed": _later("methods.force", "place_by_forces"),
    "annealing": _later("methods.annealing", "anneal_placement"),
    "swarm": _later("methods.swarm", "place_by_swarm"),
    "exact": _later("methods.exact", "place_exactly"),
    "optimised": _later("methods.portfolio", "place_by_portfolio"),
}
"""Placement methods by name.

An entry is all that a new method takes: the command line, `Chip` and the messages know it by its name.
"""

SEEDLESS = frozenset({"in-order", "hilbert", "greedy", "spectral", "force-directed"})
"""Methods without random numbers: every seed gives the same."""
