"""Placement: which tile each cluster gets."""

from typing import TYPE_CHECKING

from ...lazy_names import lazy_names

if TYPE_CHECKING:
    from .costs import OBJECTIVES, Costs, evaluate
    from .distances import hop_matrix, hops_lower_bound, spike_hops
    from .loads import expected_activity
    from .method import Placement, place
    from .on_chip import ChipPlacement, place_on_chip
    from .pareto import pareto_placements
    from .table import METHODS, SEEDLESS
    from .traffic import Traffic, traffic_matrix

_MODULES = {
    "METHODS": ".table",
    "OBJECTIVES": ".costs",
    "SEEDLESS": ".table",
    "ChipPlacement": ".on_chip",
    "Costs": ".costs",
    "Placement": ".method",
    "Traffic": ".traffic",
    "evaluate": ".costs",
    "expected_activity": ".loads",
    "hop_matrix": ".distances",
    "hops_lower_bound": ".distances",
    "pareto_placements": ".pareto",
    "place": ".method",
    "place_on_chip": ".on_chip",
    "spike_hops": ".distances",
    "traffic_matrix": ".traffic",
}

__all__ = [
    "METHODS",
    "OBJECTIVES",
    "SEEDLESS",
    "ChipPlacement",
    "Costs",
    "Placement",
    "Traffic",
    "evaluate",
    "expected_activity",
    "hop_matrix",
    "hops_lower_bound",
    "pareto_placements",
    "place",
    "place_on_chip",
    "spike_hops",
    "traffic_matrix",
]

# Not before it is needed: the command line asks for the names of the methods only.
__getattr__ = lazy_names(__name__, _MODULES)
