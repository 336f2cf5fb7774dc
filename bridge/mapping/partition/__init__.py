"""Partitioning: which neurons share a crossbar, so that few spikes must leave it."""

from .bounds import packets_lower_bound, tiles_lower_bound
from .costs import cut_cost, unicast_cost
from .effort import BestSoFar, Effort
from .find import find_partition, partition_network
from .limits import ClusterLimits
from .methods import AUTO, BASELINES, METHODS, SEARCHES
from .refinement import refine
from .result import Partition

__all__ = [
    "AUTO",
    "BASELINES",
    "METHODS",
    "SEARCHES",
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
