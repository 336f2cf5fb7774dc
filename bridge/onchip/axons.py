"""Axons: one for each presynaptic neuron and delay, on every tile where somebody listens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..errors import MappingError
from ..mapping.connectivity import Connectivity

__all__ = ["AxonMap", "Inputs", "allocate"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inputs:
    """What cells listen to: inputs, each a presynaptic neuron and a delay, and where that matters a receptor.

    Attributes
    ----------
    pre, delay, current
        Shape (inputs,): neuron id, delay on the chip in ticks, and a number 0 to 3 that tells apart several axons of
        these: for the receptors of a core with two currents, or for TrueNorth's types.
    input, cell
        Shape (entries,): the distinct pairs of an input and a cell that it acts on, sorted.
    entry
        Shape (synapses,): the entry that each synapse is part of, -1 for none.
    cells
        Number of cells.
    """

    pre: Ints
    delay: Ints
    current: Ints
    input: Ints
    cell: Ints
    entry: Ints
    cells: int

    @classmethod
    def of(cls, pre: Ints, delay: Ints, current: Ints, cell: Ints, cells: int) -> Inputs:
        """Put together those of synapses, arrays of shape (synapses,)."""
        number = (pre.astype(np.int64) * 16 + delay) * 4 + current
        inputs, of_synapse = np.unique(number, return_inverse=True)
        pairs, entry = np.unique(of_synapse * max(cells, 1) + cell, return_inverse=True)
        return cls(
            pre=inputs // 64,
            delay=inputs // 4 % 16,
            current=inputs % 4,
            input=pairs // max(cells, 1),
            cell=pairs % max(cells, 1),
            entry=entry,
            cells=cells,
        )

    def acting(self, keep: npt.NDArray[np.bool_]) -> Inputs:
        """The same with only some of the entries, ``keep`` of shape (entries,); inputs keep their numbers."""
        number = np.where(keep, np.cumsum(keep) - 1, -1)
        return replace(self, input=self.input[keep], cell=self.cell[keep], entry=number[self.entry])

    @property
    def connectivity(self) -> Connectivity:
        """The same with inputs in the place of presynaptic neurons, whose numbers may go beyond those of the cells."""
        return Connectivity.of(self.cells, self.input, self.cell, inputs=len(self.pre))


@dataclass(frozen=True)
class AxonMap:
    """The axon of every input on every tile that listens to it.

    Attributes
    ----------
    input, tile, axon
        Shape (pairs,): sorted by input and tile.
    packet
        Shape (pairs,): the packet of the input that serves the tile. Without keys each tile has one of its own; those
        of a key go to several tiles, on which they come to the axon of the same number. Counted over all inputs, in
        order.
    """

    input: Ints
    tile: Ints
    axon: Ints
    packet: Ints


def allocate(inputs: Inputs, tile: Ints, tiles: int, axons: int, *, keys: bool) -> AxonMap:
    """Number the axons of every tile.

    Without keys they are numbered from 0 in the order of the inputs. With ``keys`` an input is to have the same number
    on all of its tiles, so that one packet reaches them; inputs of many tiles come first, and take the lowest number
    that is free everywhere. Where there is none, the tiles are divided among several packets.

    Parameters
    ----------
    inputs
        What the cells listen to.
    tile
        The tile of each cell, shape (cells,).
    tiles, axons
        Of the chip, and of a crossbar.
    keys
        Whether one packet may go to several tiles.

    Raises
    ------
    MappingError
        If a tile needs more axons than a crossbar has.
    """
    pairs = np.unique(inputs.input * tiles + tile[inputs.cell])
    source, target = pairs // tiles, pairs % tiles
    needed = np.bincount(target, minlength=tiles)
    if len(needed) and needed.max() > axons:
        worst = int(needed.argmax())
        raise MappingError(
            f"tile {worst} needs {needed[worst]} axons, one for each presynaptic neuron and delay, more than the "
            f"{axons} of its crossbar"
        )
    if not keys:
        order = np.lexsort((source, target))
        first = np.cumsum(needed) - needed
        axon = np.empty(len(pairs), np.int64)
        axon[order] = np.arange(len(pairs)) - first[target[order]]
        return AxonMap(source, target, axon, np.arange(len(pairs)))
    free = np.ones((tiles, axons), bool)
    axon, share = np.empty(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    start = np.searchsorted(source, np.arange(len(inputs.pre) + 1))
    for number in np.argsort(-np.diff(start), kind="stable").tolist():
        left = np.arange(start[number], start[number + 1])
        part = 0
        while len(left):
            common = free[target[left]].sum(axis=0)
            best = int(common.argmax())  # the lowest of those that are free on most of the tiles
            taken = free[target[left], best]
            axon[left[taken]], share[left[taken]] = best, part
            free[target[left[taken]], best] = False
            left, part = left[~taken], part + 1
    _, packet = np.unique(np.stack([source, share]), axis=1, return_inverse=True)
    return AxonMap(source, target, axon, packet.ravel().astype(np.int64))
