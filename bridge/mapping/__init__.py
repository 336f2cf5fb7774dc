"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    # Not before it is needed: the command line asks for the names of the methods only.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value
