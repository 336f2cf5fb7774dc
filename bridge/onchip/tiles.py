"""A tile and a slot for every neuron that computes, so that no tile needs more axons than it has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..config import ChipConfig, Crossbar
from ..errors import MappingError
from ..mapping import GivenMapping, Mapping, MappingReport, Network
from ..mapping.connectivity import Connectivity
from ..mapping.mapper import given_costs, placed_for_hops
from ..mapping.partition import AUTO, Partition, cut_cost, partition_network
from ..mapping.placement import Traffic
from ..mapping.repair import split
from ..mapping.tile_mapping import slots_in_order
from .axons import Inputs

__all__ = ["map_cells"]

Ints = npt.NDArray[np.int64]

_NO_LIMIT = 65536


def map_cells(
    network: Network,
    inputs: Inputs,
    config: ChipConfig,
    *,
    name: Callable[[int], str],
    given: tuple[Mapping, GivenMapping] | None = None,
    partition: str = AUTO,
    placement: str = "optimised",
    seed: int = 0,
) -> tuple[Mapping, MappingReport]:
    """Put cells on tiles.

    They are parted for few packets between them; a part that needs too many axons is split, and where that takes more
    tiles than there are, tiles are filled in the order of the cells.

    Parameters
    ----------
    network
        The connections among the cells.
    inputs
        What they listen to, spike sources included; each is an axon.
    config
        The chip.
    name
        What a message calls a cell.
    given
        Tiles of the cells that were found before, which are taken instead, and the file that they are from.
    partition, placement, seed
        As for `map_network`.

    Raises
    ------
    MappingError
        If they do not fit; the message says what would.
    """
    crossbar, tiles = config.crossbar, config.tiles
    connectivity = inputs.connectivity
    fan_in = connectivity.fan_in_sizes
    if len(fan_in) and fan_in.max() > crossbar.axons:
        worst = int(fan_in.argmax())
        raise MappingError(
            f"{name(worst)} needs {fan_in[worst]} axons, one for each presynaptic neuron and delay, more than the "
            f"{crossbar.axons} of a crossbar: use crossbars of {fan_in[worst]} axons or more (its inputs cannot be "
            f"divided among several neurons, which would each leak and fire by themselves)"
        )
    if given is not None:
        mapping = given[0]
        needed = _axons(inputs, mapping)
        if len(needed) and needed.max() > crossbar.axons:
            worst = int(needed.argmax())
            raise MappingError(
                f"{given[1].path}: tile {worst} needs {needed[worst]} axons, one for each presynaptic neuron and "
                f"delay, more than the {crossbar.axons} of its crossbar: the mapping was not found for this network "
                f"on-chip"
            )
        parts, placed = given_costs(network, mapping, config, given[1])
        return mapping, MappingReport.of(
            mapping, parts, placed, int(needed.max(initial=0)), spikes_known=network.spike_counts is not None
        )
    limitless = Crossbar(axons=_NO_LIMIT, neurons=crossbar.neurons)
    parts = partition_network(network, limitless, config.mesh, method=partition, seed=seed)
    cluster = _fitted(connectivity, parts.cluster, crossbar, tiles, seed)
    clusters = int(cluster.max(initial=-1)) + 1
    parts = Partition(
        cluster, clusters, parts.method, cut_cost(network, cluster), dict(parts.costs), dict(parts.failures)
    )
    placed = placed_for_hops(Traffic.of(network, cluster, clusters), config, placement, seed)
    tile = placed.tile[cluster].astype(np.int32)
    mapping = Mapping(config.rows, config.cols, crossbar, tile, slots_in_order(tile, tiles))
    most = int(_axons(inputs, mapping).max(initial=0))
    return mapping, MappingReport.of(mapping, parts, placed, most, spikes_known=network.spike_counts is not None)


def _axons(inputs: Inputs, mapping: Mapping) -> Ints:
    """Inputs, each a presynaptic neuron and a delay, that each tile needs an axon for, shape (tiles,)."""
    tiles = mapping.tiles
    return np.bincount(np.unique(inputs.input * tiles + mapping.tile[inputs.cell]) % tiles, minlength=tiles)


def _fitted(connectivity: Connectivity, cluster: Ints, crossbar: Crossbar, tiles: int, seed: int) -> Ints:
    """Make clusters fit the axons of a crossbar."""
    found = split(connectivity, cluster, tiles, crossbar, seed)
    if found is None:
        found = _in_order(connectivity, crossbar)
        needed = int(found.max()) + 1
        if needed > tiles:
            raise MappingError(
                f"crossbars of {crossbar.neurons} neurons and {crossbar.axons} axons, one for each presynaptic neuron "
                f"and delay, run out of axons and need {needed} tiles; the mesh has {tiles}: use a larger --mesh, or "
                f"crossbars with more axons"
            )
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _in_order(connectivity: Connectivity, crossbar: Crossbar) -> Ints:
    """Fill crossbars in the order of the cells; open the next one when neurons or axons run out."""
    cluster = np.empty(connectivity.neurons, np.int64)
    newest = np.full(int(connectivity.pre.max(initial=0)) + 1, -1, np.int64)
    now = members = axons = 0
    for cell in range(connectivity.neurons):
        sources = connectivity.sources(cell)
        new = int(np.count_nonzero(newest[sources] != now))
        if members == crossbar.neurons or axons + new > crossbar.axons:
            now, members, axons, new = now + 1, 0, 0, len(sources)
        cluster[cell] = now
        newest[sources] = now
        members += 1
        axons += new
    return cluster
