"""The methods by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..network import Network
    from .effort import Clusters, Effort
    from .limits import ClusterLimits

__all__ = ["AUTO", "BASELINES", "METHODS", "SEARCHES", "SEEDLESS", "Search"]

Search = Callable[["Network", "ClusterLimits", "Effort"], "Clusters"]


def _later(module: str, name: str) -> Search:
    """Return the function of a module that is loaded when it is called: Numba and Mt-KaHyPar take a moment."""

    def search(network: Network, limits: ClusterLimits, effort: Effort) -> Clusters:
        found: Clusters = getattr(import_module(f".{module}", __package__), name)(network, limits, effort)
        return found

    return search


SEARCHES: dict[str, Search] = {
    "in-order": _later("filling", "fill_in_order"),
    "random": _later("filling", "fill_at_random"),
    "balanced": _later("filling", "balance_synapses"),
    "refined": _later("searches", "refine_in_order"),
    "overlap": _later("searches", "grow_by_overlap"),
    "km1": _later("searches", "minimise_km1"),
    "unicast": _later("searches", "minimise_unicast"),
    "swarm": _later("swarm", "swarm"),
    "swarm-converged": _later("swarm", "swarm_to_convergence"),
}
"""Functions of (network, limits, effort) that find a partition that fits; `MappingError` says what would.

An entry is all that a new method takes: the command line, `Chip` and the messages know it by its name.
"""

AUTO = "auto"
METHODS = (AUTO, *SEARCHES)
"""Names of the partition methods."""

BASELINES = frozenset({"random", "balanced", "unicast", "swarm", "swarm-converged"})
"""Methods that `AUTO` leaves out: others are measured by them."""

SEEDLESS = frozenset({"in-order", "balanced", "refined", "overlap"})
"""Methods without random numbers: every seed gives the same."""
