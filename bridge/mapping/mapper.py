"""The mapping of a network to the chip: a tile and a slot for every neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..config import ChipConfig, Crossbar
from ..errors import MappingError
from ..tile_grid import TileGrid
from .connectivity import Connectivity, cluster_pairs
from .network import Network
from .partition import Partition, partition_network
from .placement import Placement, place, traffic_matrix

__all__ = ["KEYS_READ", "Mapper", "Mapping", "MappingReport", "map_network"]

KEYS_READ = ("mesh", "topology", "crossbar", "routing", "multicast", "limits", "relax", "energy")
"""Keys of a chip that may make a difference to a mapping: of chips that differ in others it is the same."""


@dataclass(frozen=True)
class Mapping:
    """Neuron to tile and slot of its crossbar.

    Attributes
    ----------
    rows, cols
        Size of the mesh.
    crossbar
        Crossbar of every tile.
    tile
        Shape (neurons,): row-major tile index of each neuron.
    slot
        Shape (neurons,): its column in the tile's crossbar.
    outside
        Shape (neurons,): neurons that sit on no tile, as spike sources of a host do that a chip's cores work for; None
        if there are none. Their tile is that at whose door the host is, and their slot is 0.

    Raises
    ------
    MappingError
        If a tile or slot does not exist, or two neurons share one.
    """

    rows: int
    cols: int
    crossbar: Crossbar
    tile: npt.NDArray[np.int32]
    slot: npt.NDArray[np.int32]
    outside: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for name in ("tile", "slot"):
            array = np.array(getattr(self, name), dtype=np.int32)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.tile.ndim != 1 or self.tile.shape != self.slot.shape:
            raise MappingError(f"tile and slot must be of equal length, not {self.tile.shape} and {self.slot.shape}")
        if self.outside is not None and self.outside.shape != self.tile.shape:
            raise MappingError(f"outside must be as long as tile, not {self.outside.shape} and {self.tile.shape}")
        for name, array, stop in (("tile", self.tile, self.tiles), ("slot", self.slot, self.crossbar.neurons)):
            bad = np.flatnonzero((array < 0) | (array >= stop))
            if len(bad):
                raise MappingError(f"neuron {bad[0]}: {name} must lie in 0..{stop - 1}, not {array[bad[0]]}")
        order = np.lexsort((self.slot, self.tile))
        order = order[self.inside[order]]
        same = np.flatnonzero((np.diff(self.tile[order]) == 0) & (np.diff(self.slot[order]) == 0))
        if len(same):
            one, other = order[same[0]], order[same[0] + 1]
            raise MappingError(
                f"neurons {one} and {other} share slot {self.slot[one]} of tile {self.tile[one]}; "
                f"a slot holds one neuron"
            )

    @property
    def tiles(self) -> int:
        """Tiles of the mesh, used or not."""
        return self.rows * self.cols

    @property
    def neurons(self) -> int:
        """Neurons mapped."""
        return len(self.tile)

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Which neurons sit on a tile, shape (neurons,)."""
        return np.ones(self.neurons, bool) if self.outside is None else ~self.outside

    @property
    def used_tiles(self) -> npt.NDArray[np.int64]:
        """Tiles with at least one neuron, ascending."""
        return np.unique(self.tile[self.inside]).astype(np.int64)

    def neurons_of(self, tile: int) -> npt.NDArray[np.int64]:
        """Neurons of a tile, in slot order."""
        neurons = np.flatnonzero((self.tile == tile) & self.inside)
        return neurons[np.argsort(self.slot[neurons])]

    def neurons_used(self) -> npt.NDArray[np.int64]:
        """Neurons on each tile, shape (tiles,)."""
        return np.bincount(self.tile[self.inside], minlength=self.tiles)

    def axons_used(self, connectivity: Connectivity) -> npt.NDArray[np.int64]:
        """Distinct presynaptic neurons, of any tile, that each tile listens to, shape (tiles,)."""
        _, tile = cluster_pairs(connectivity, self.tile, self.tiles)
        return np.bincount(tile, minlength=self.tiles)

    def check_axons(self, connectivity: Connectivity) -> npt.NDArray[np.int64]:
        """`axons_used`; raises `MappingError` if a tile listens to more neurons than its crossbar has axons."""
        axons = self.axons_used(connectivity)
        if len(axons) and axons.max() > self.crossbar.axons:
            tile = int(axons.argmax())
            raise MappingError(
                f"tile {tile} listens to {axons[tile]} presynaptic neurons, more than the {self.crossbar.axons} axons "
                f"of its crossbar"
            )
        return axons


@dataclass(frozen=True)
class MappingReport:
    """The methods by which a mapping was found, and its costs.

    Attributes
    ----------
    partition
        Method, clusters and cost of every method tried.
    placement
        Method and cost, with the cost of the in-order placement beside it.
    tiles, tiles_used
        Tiles of the mesh, and those with neurons.
    neurons
        Neurons mapped.
    most_neurons, most_axons
        On the fullest tile of each kind.
    spikes_known
        True if the costs count real spikes; False if they count one per neuron, because none are known.
    """

    partition: Partition
    placement: Placement
    tiles: int
    tiles_used: int
    neurons: int
    most_neurons: int
    most_axons: int
    spikes_known: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "neurons": self.neurons,
            "tiles": self.tiles,
            "tiles_used": self.tiles_used,
            "most_neurons": self.most_neurons,
            "most_axons": self.most_axons,
            "spikes_known": self.spikes_known,
            "partition": self.partition.to_dict(),
            "placement": self.placement.to_dict(),
        }


class Mapper(Protocol):
    """What maps a network as `map_network` does."""

    def __call__(
        self, network: Network, config: ChipConfig, *, partition: str, placement: str, seed: int
    ) -> tuple[Mapping, MappingReport]:
        """Map a network; see `map_network`."""
        ...


def map_network(
    network: Network,
    config: ChipConfig,
    *,
    partition: str = "auto",
    placement: str = "optimised",
    seed: int = 0,
) -> tuple[Mapping, MappingReport]:
    """Part a network into clusters, put each on a tile, and number the slots in neuron order.

    Parameters
    ----------
    network
        The network; if its spikes are unknown, each neuron counts one.
    config
        The chip.
    partition
        Method of `partition_network`.
    placement
        Method of `place`.
    seed
        The same seed gives the same mapping.

    Raises
    ------
    MappingError
        If the network does not fit; the message says what would.
    ValueError
        If a method is unknown.
    """
    parts = partition_network(network, config.crossbar, config.mesh, method=partition, seed=seed)
    traffic = traffic_matrix(network, parts.cluster, parts.clusters)
    placed = place(traffic, TileGrid.of(config), method=placement, seed=seed)
    tile = placed.tile[parts.cluster].astype(np.int32)
    mapping = Mapping(config.rows, config.cols, config.crossbar, tile, _slots(tile, config.tiles))
    axons = mapping.check_axons(network.connectivity)
    report = MappingReport(
        partition=parts,
        placement=placed,
        tiles=mapping.tiles,
        tiles_used=len(mapping.used_tiles),
        neurons=mapping.neurons,
        most_neurons=int(mapping.neurons_used().max()),
        most_axons=int(axons.max()),
        spikes_known=network.spike_counts is not None,
    )
    return mapping, report


def _slots(tile: npt.NDArray[np.int32], tiles: int) -> npt.NDArray[np.int32]:
    """Number the neurons of each tile from 0, in neuron order."""
    order = np.argsort(tile, kind="stable")
    sizes = np.bincount(tile, minlength=tiles)
    first = np.cumsum(sizes) - sizes
    slot = np.empty(len(tile), np.int32)
    slot[order] = np.arange(len(tile)) - first[tile[order]]
    return slot
