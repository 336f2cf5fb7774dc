"""The search for a mapping: partitions, numbers of tiles and placements tried within a time, and the best of them."""

from .find import AUTO_PARTITIONS, MappingSearch, search_mapping
from .objective import SIMULATED, Objective
from .trial import Trial
from .weights import BY, weighted

__all__ = [
    "AUTO_PARTITIONS",
    "BY",
    "SIMULATED",
    "MappingSearch",
    "Objective",
    "Trial",
    "search_mapping",
    "weighted",
]
