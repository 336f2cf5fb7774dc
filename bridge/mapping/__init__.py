"""From a network to a chip: partition, placement, keys, and spikes as packets."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .mapper import Mapping, MappingReport, map_network

__all__ = ["Mapping", "MappingReport", "map_network"]


def __getattr__(name: str) -> Any:
    # Not before it is needed: the command line asks for the names of the methods only.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import mapper

    value = globals()[name] = getattr(mapper, name)
    return value
