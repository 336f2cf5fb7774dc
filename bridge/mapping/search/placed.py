"""A partition whose clusters have tiles, as a mapping with its report."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...config import ChipConfig
from ...tile_grid import TileGrid
from ..network import Network
from ..partition import Partition, cut_cost
from ..placement import Placement, Traffic, spike_hops
from ..tile_mapping import Mapping, MappingReport, slots_in_order

__all__ = ["mapping_of", "report_of"]

Ints = npt.NDArray[np.int64]


def mapping_of(parts: Partition, tile: Ints, config: ChipConfig) -> Mapping:
    """Return the tile and the slot of each neuron; ``tile`` has shape (clusters,)."""
    tiles = tile[parts.cluster].astype(np.int32)
    return Mapping(config.rows, config.cols, config.crossbar, tiles, slots_in_order(tiles, config.tiles))


def report_of(
    network: Network,
    config: ChipConfig,
    parts: Partition,
    traffic: Traffic,
    tile: Ints,
    mapping: Mapping,
    methods: tuple[str, str],
) -> MappingReport:
    """Return what a mapping costs, as if its methods had found it by the network's own spikes.

    Parameters
    ----------
    network, config
        The network and the chip.
    parts, traffic
        Its clusters, and the packets between them.
    tile, mapping
        The tile of each cluster, shape (clusters,), and the mapping that this makes.
    methods
        Names of the methods of partition and placement.
    """
    partition, placement = methods
    grid = TileGrid.of(config)
    in_order = spike_hops(traffic, np.arange(parts.clusters), grid)
    return MappingReport.of(
        mapping,
        Partition(parts.cluster, parts.clusters, partition, cut_cost(network, parts.cluster), {}, {}),
        Placement(tile, placement, spike_hops(traffic, tile, grid), in_order),
        int(mapping.check_axons(network.connectivity).max(initial=0)),
        spikes_known=network.spike_counts is not None,
    )
