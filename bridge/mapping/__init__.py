"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from .mapper import Mapping, MappingReport, map_network

__all__ = ["Mapping", "MappingReport", "map_network"]
