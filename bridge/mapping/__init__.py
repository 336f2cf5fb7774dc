"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .mapped_network import MappedNetwork
    from .mapper import MappingMethods, map_network
    from .mapping_file import GivenMapping, save_mapping
    from .network import Network
    from .tile_mapping import Mapping, MappingReport

_MODULES = {
    "GivenMapping": ".mapping_file",
    "MappedNetwork": ".mapped_network",
    "Mapping": ".tile_mapping",
    "MappingMethods": ".mapper",
    "MappingReport": ".tile_mapping",
    "Network": ".network",
    "map_network": ".mapper",
    "save_mapping": ".mapping_file",
}

__all__ = [
    "GivenMapping",
    "MappedNetwork",
    "Mapping",
    "MappingMethods",
    "MappingReport",
    "Network",
    "map_network",
    "save_mapping",
]


# Not before it is needed: the command line asks for the names of the methods only.
__getattr__ = lazy_names(__name__, _MODULES)
