"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from .mapped_network import MappedNetwork
from .mapper import Mapping, MappingReport, map_network
from .network import Network

__all__ = ["MappedNetwork", "Mapping", "MappingReport", "Network", "map_network"]
