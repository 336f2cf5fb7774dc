"""A network and the tiles of its neurons, from which packets and metrics are computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .network import Network
from .spike_packets import Destinations
from .tile_mapping import Mapping

__all__ = ["MappedNetwork"]


@dataclass(frozen=True)
class MappedNetwork:
    """A network on a chip.

    Attributes
    ----------
    network
        The network.
    mapping
        Where its neurons sit.

    Raises
    ------
    ValueError
        If the mapping is of another number of neurons.
    """

    network: Network
    mapping: Mapping

    def __post_init__(self) -> None:
        if self.mapping.neurons != self.network.neurons:
            raise ValueError(
                f"mapping must have the network's {self.network.neurons} neurons, not {self.mapping.neurons}"
            )

    @cached_property
    def destinations(self) -> Destinations:
        """The tiles that each neuron's spikes go to."""
        return Destinations.of(self.mapping, self.network.connectivity)
