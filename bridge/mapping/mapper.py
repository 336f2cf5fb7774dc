"""The mapping of a network to the chip: a tile and a slot for every neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..config import ChipConfig
from ..errors import MappingError
from ..tile_grid import TileGrid
from .mapping_file import GivenMapping
from .network import Network
from .partition import AUTO, ClusterLimits, Effort, Partition, cut_cost, find_partition
from .placement import Placement, Traffic, place, place_on_chip, spike_hops
from .tile_mapping import Mapping, MappingReport, slots_in_order

__all__ = [
    "KEYS_READ",
    "Mapper",
    "MappingMethods",
    "Partitioner",
    "clusters_of",
    "given_costs",
    "map_network",
    "placed_for_hops",
]

Ints = npt.NDArray[np.int64]

_EVEN = 0.02
"""Weight of the busiest link beside that of all hops: what is nearly as short may be more even."""

KEYS_READ = ("mesh", "topology", "crossbar", "routing", "multicast", "limits", "relax", "energy")
"""Keys of a chip that may make a difference to a mapping: of chips that differ in others it is the same."""


@dataclass(frozen=True)
class MappingMethods:
    """How a network is put on a chip, as for `map_network`.

    Attributes
    ----------
    partition, placement, seed
        The names of the methods, and the seed of both.
    given
        A mapping that was found before, which is taken instead; None if one is to be found.
    """

    partition: str = AUTO
    placement: str = "optimised"
    seed: int = 0
    given: GivenMapping | None = None

    @property
    def keywords(self) -> dict[str, Any]:
        """The keyword arguments of `map_network`."""
        return dict(vars(self))


class Mapper(Protocol):
    """What maps a network as `map_network` does."""

    def __call__(
        self,
        network: Network,
        config: ChipConfig,
        *,
        partition: str,
        placement: str,
        seed: int,
        given: GivenMapping | None = None,
    ) -> tuple[Mapping, MappingReport]:
        """Map a network; see `map_network`."""
        ...


class Partitioner(Protocol):
    """What parts a network as `find_partition` does without a deadline."""

    def __call__(self, network: Network, limits: ClusterLimits, *, method: str, effort: Effort) -> Partition:
        """Part a network; see `find_partition`."""
        ...


def map_network(
    network: Network,
    config: ChipConfig,
    *,
    partition: str = AUTO,
    placement: str = "optimised",
    seed: int = 0,
    given: GivenMapping | None = None,
    partitioner: Partitioner = find_partition,
) -> tuple[Mapping, MappingReport]:
    """Part a network into clusters, put each on a tile, and number the slots in neuron order.

    Parameters
    ----------
    network
        The network; if its spikes are unknown, each neuron counts one.
    config
        The chip.
    partition
        Method of `find_partition`.
    placement
        Method of `place`.
    seed
        The same seed gives the same mapping.
    given
        A mapping that was found before, which is taken instead.
    partitioner
        What parts the network.

    Raises
    ------
    MappingError
        If the network does not fit, the message says what would; or if a given mapping is of another network or chip.
    ValueError
        If a method is unknown.
    """
    if given is not None:
        mapping = given.on(network, config)
        parts, placed = given_costs(network, mapping, config, given)
    else:
        parts = _parted(network, config, partition, seed, partitioner)
        placed = placed_for_hops(Traffic.of(network, parts.cluster, parts.clusters), config, placement, seed)
        tile = placed.tile[parts.cluster].astype(np.int32)
        mapping = Mapping(config.rows, config.cols, config.crossbar, tile, slots_in_order(tile, config.tiles))
    axons = int(mapping.check_axons(network.connectivity).max(initial=0))
    return mapping, MappingReport.of(mapping, parts, placed, axons, spikes_known=network.spike_counts is not None)


def _parted(network: Network, config: ChipConfig, method: str, seed: int, partitioner: Partitioner) -> Partition:
    """Part a network within all limits of the chip; where that cannot be, within those of its crossbars.

    The other limits are looked at once more when all is mapped, and what breaks one is refused by name, or relaxed.
    """
    limits, crossbars = ClusterLimits.of_chip(config), ClusterLimits.of(config.crossbar, config.mesh)
    try:
        return partitioner(network, limits, method=method, effort=Effort(seed))
    except MappingError:
        if limits == crossbars:
            raise
    return partitioner(network, crossbars, method=method, effort=Effort(seed))


def placed_for_hops(traffic: Traffic, config: ChipConfig, method: str, seed: int) -> Placement:
    """Give each cluster a tile, for few hops; of placements that are nearly as short, the default takes an even one.

    Where the routing settles the way of every packet, so that the load of links is known beforehand.
    """
    grid = TileGrid.of(config)
    if method != "optimised" or config.routing not in ("xy", "yx"):
        return place(traffic, grid, method=method, seed=seed)
    found = place_on_chip(traffic, _network_of(config), method, {"spike-hops": 1.0, "worst-link": _EVEN}, seed)
    in_order = np.arange(traffic.clusters)
    cost, base = (spike_hops(traffic, tile, grid) for tile in (found.tile, in_order))
    return Placement(found.tile, method, cost, base) if cost < base else Placement(in_order, method, base, base)


def _network_of(config: ChipConfig) -> ChipConfig:
    """A chip with the ways between its tiles alone: of chips that differ in anything else, mappings are the same."""
    rings: dict[str, Any] = {"virtual_channels": 2} if config.topology == "torus" else {}
    return ChipConfig(
        mesh=config.mesh,
        topology=config.topology,
        routing=config.routing,
        multicast=config.multicast,
        crossbar=config.crossbar,
        **rings,
    )


def given_costs(
    network: Network, mapping: Mapping, config: ChipConfig, given: GivenMapping
) -> tuple[Partition, Placement]:
    """Return what a given mapping of a network costs, as if its methods had just found it."""
    cluster, tile = clusters_of(mapping)
    cost = cut_cost(network, cluster)
    partition, placement = given.method
    parts = Partition(cluster, len(tile), partition, cost, {partition: cost}, {})
    traffic, grid = Traffic.of(network, cluster, len(tile)), TileGrid.of(config)
    hops, in_order = (spike_hops(traffic, where, grid) for where in (tile, np.arange(len(tile))))
    return parts, Placement(tile, placement, hops, in_order)


def clusters_of(mapping: Mapping) -> tuple[Ints, Ints]:
    """Return the cluster of each neuron inside, and the tile of each cluster; they are numbered by first neurons."""
    tiles, first, cluster = np.unique(mapping.tile[mapping.inside], return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    return number[cluster], tiles[order].astype(np.int64)
