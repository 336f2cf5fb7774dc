"""Partitioning: which neurons share a crossbar, so that few spikes must leave it."""

from typing import TYPE_CHECKING

from ...lazy_names import lazy_names

if TYPE_CHECKING:
    from .bounds import packets_lower_bound, tiles_lower_bound
    from .costs import cut_cost, unicast_cost
    from .effort import BestSoFar, Effort
    from .find import find_partition, partition_network
    from .limits import ClusterLimits
    from .methods import AUTO, BASELINES, METHODS, SEARCHES, SEEDLESS
    from .refinement import refine
    from .result import Partition

_MODULES = {
    "AUTO": ".methods",
    "BASELINES": ".methods",
    "METHODS": ".methods",
    "SEARCHES": ".methods",
    "SEEDLESS": ".methods",
    "BestSoFar": ".effort",
    "ClusterLimits": ".limits",
    "Effort": ".effort",
    "Partition": ".result",
    "cut_cost": ".costs",
    "find_partition": ".find",
    "packets_lower_bound": ".bounds",
    "partition_network": ".find",
    "refine": ".refinement",
    "tiles_lower_bound": ".bounds",
    "unicast_cost": ".costs",
}

__all__ = [
    "AUTO",
    "BASELINES",
    "METHODS",
    "SEARCHES",
    "SEEDLESS",
    "BestSoFar",
    "ClusterLimits",
    "Effort",
    "Partition",
    "cut_cost",
    "find_partition",
    "packets_lower_bound",
    "partition_network",
    "refine",
    "tiles_lower_bound",
    "unicast_cost",
]

# Not before it is needed: the command line asks for the names of the methods only.
__getattr__ = lazy_names(__name__, _MODULES)
