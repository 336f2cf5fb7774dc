"""A network as a chip of cores is programmed with it, and the way back from what the chip says."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.swsim.trace import PopulationSlice

from ..config import ChipConfig
from ..config.parameters import network_values
from ..engines.cores import CoreImage, HostEvents
from ..mapping import Mapping, MappingReport
from .cells import CELLS
from .destinations import Destinations

__all__ = ["OnChipProgram"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OnChipProgram:
    """What every core of a chip holds, and which of its numbers means what.

    The first tick after loading is tick 0: in it neurons hold their state, so that what is read after it are the
    initial potentials, and what spike sources do at time 0 can be sent in it. Step k of PyNN is tick k.

    Attributes
    ----------
    config, core
        The chip, and the cores of its tiles.
    images
        The contents of each core's memories, by tile.
    populations
        The neurons of each population, spike sources included.
    cells
        Ids of the neurons on the chip, shape (cells,), ascending.
    mapping, mapping_report
        Tile and slot of every neuron, spike sources outside, and how they were found.
    tile, slot
        Shape (neurons,): of every neuron, -1 for spike sources.
    scale, offset
        Shape (neurons,): a potential of V in the chip is ``V / scale + offset`` in the unit of the cell type.
    destinations
        The packets of every neuron; those of spike sources are sent by the host.
    axon_pre, axon_delay
        Shape (tiles, axons): the presynaptic neuron (-1 for none) and the delay of each axon.
    weight_error
        Shape (synapses,): the weight in the crossbar less that of the network, in the unit of the latter; where several
        synapses share an entry, of their sum.
    """

    config: ChipConfig
    core: CoreParams
    images: tuple[CoreImage, ...]
    populations: tuple[PopulationSlice, ...]
    cells: Ints
    mapping: Mapping
    mapping_report: MappingReport
    tile: Ints
    slot: Ints
    scale: npt.NDArray[np.float64]
    offset: npt.NDArray[np.float64]
    destinations: Destinations
    axon_pre: Ints
    axon_delay: Ints
    weight_error: npt.NDArray[np.float64]

    @property
    def neurons(self) -> int:
        """Number of neurons, spike sources included."""
        return len(self.tile)

    @property
    def host_tile(self) -> int:
        """The tile at whose door the host is."""
        return 0 if self.config.core is None else self.config.core.host_tile

    @cached_property
    def network(self) -> NetworkParams:
        """The on-chip network, as `CoreMesh` and the engines take it."""
        network = NetworkParams(**network_values(self.config))
        return network.replace(neurons=1 << payload_bits(self.core, network))

    @property
    def host_key(self) -> int:
        """The key that leads to the host from everywhere, as `CoreMesh` takes it; 0 where packets carry addresses."""
        return 0 if self.destinations.keys is None else self.host_tile

    @property
    def table(self) -> RoutingTable | None:
        """What the routers' tables hold; None if packets carry the address of a tile."""
        return None if self.destinations.keys is None else self.destinations.keys.table

    def host_events(self, sources: npt.ArrayLike) -> HostEvents:
        """The events that the host sends for spikes of sources in a tick, ids of shape (spikes,), in that order.

        An axon takes one event in a tick: a source that is there several times is sent as often, and acts once.
        """
        packets = self.destinations.of_neurons(np.asarray(sources, np.int64))
        to = self.destinations
        return HostEvents(to.tile[packets], to.axon[packets], to.delay[packets], to.key[packets])

    def host_schedule(self, step: npt.ArrayLike, sources: npt.ArrayLike) -> tuple[HostEvents, Ints]:
        """`host_events` for spikes of sources in several ticks, and the tick of each event.

        ``step`` and ``sources`` have shape (spikes,) and are in order of steps, and so are the events.
        """
        step, sources = np.asarray(step, np.int64), np.asarray(sources, np.int64)
        start = self.destinations.start
        return self.host_events(sources), np.repeat(step, start[sources + 1] - start[sources])

    def neuron_at(self, tile: npt.ArrayLike, slot: npt.ArrayLike) -> Ints:
        """The ids of the neurons in slots of tiles; -1 where there is none."""
        found: Ints = self._neuron_at[np.asarray(tile, np.int64), np.asarray(slot, np.int64)]
        return found

    @cached_property
    def _neuron_at(self) -> Ints:
        table = np.full((self.config.tiles, self.core.neurons), -1, np.int64)
        table[self.tile[self.cells], self.slot[self.cells]] = self.cells
        return table

    def variable(self, name: str, neuron: int) -> str | None:
        """The chip's variable that shows a state variable of a neuron's cell type; None if there is none."""
        where = next(where for where in self.populations if where.start <= neuron < where.stop)
        kind = CELLS.get(where.celltype)
        return None if kind is None or where.is_source else kind.readable.get(name)

    def potential(self, neurons: npt.ArrayLike, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The chip's numbers for potentials of neurons (or currents that add to them) in the unit of the cell type."""
        ids = np.asarray(neurons, np.int64)
        return np.asarray(values, np.float64) / self.scale[ids] + self.offset[ids]

    def axon_table(self, tile: int) -> Table[int, tuple[int, int]]:
        """The presynaptic neuron and the delay of every axon of a tile that is in use."""
        used = np.flatnonzero(self.axon_pre[tile] >= 0)
        return {int(axon): (int(self.axon_pre[tile, axon]), int(self.axon_delay[tile, axon])) for axon in used}
