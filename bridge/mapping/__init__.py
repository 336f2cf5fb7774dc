"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .mapped_network import MappedNetwork
    from .mapper import Mapping, MappingReport, map_network
    from .network import Network

_MODULES = {
    "MappedNetwork": ".mapped_network",
    "Mapping": ".mapper",
    "MappingReport": ".mapper",
    "Network": ".network",
    "map_network": ".mapper",
}

__all__ = ["MappedNetwork", "Mapping", "MappingReport", "Network", "map_network"]


# Not before it is needed: the command line asks for the names of the methods only.
__getattr__ = lazy_names(__name__, _MODULES)
