"""The methods by name."""

from __future__ import annotations

from collections.abc import Callable

from ..network import Network
from .effort import Clusters, Effort
from .filling import balance_synapses, fill_at_random, fill_in_order
from .limits import ClusterLimits
from .searches import grow_by_overlap, minimise_km1, minimise_unicast, refine_in_order
from .swarm import swarm

__all__ = ["AUTO", "BASELINES", "METHODS", "SEARCHES", "Search"]

Search = Callable[[Network, ClusterLimits, Effort], Clusters]

SEARCHES: dict[str, Search] = {
    "in-order": fill_in_order,
    "random": fill_at_random,
    "balanced": balance_synapses,
    "refined": refine_in_order,
    "overlap": grow_by_overlap,
    "km1": minimise_km1,
    "unicast": minimise_unicast,
    "swarm": swarm,
}
"""Functions of (network, limits, effort) that find a partition that fits; `MappingError` says what would.

An entry is all that a new method takes: the command line, `Chip` and the messages know it by its name.
"""

AUTO = "auto"
METHODS = (AUTO, *SEARCHES)
"""Names of the partition methods."""

BASELINES = frozenset({"random", "balanced", "unicast", "swarm"})
"""Methods that `AUTO` leaves out: others are measured by them."""
