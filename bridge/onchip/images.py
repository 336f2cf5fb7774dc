"""The contents of every core's memories."""

from __future__ import annotations

from collections.abc import Mapping as Table

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core import CoreParams

from ..engines.cores import CoreImage
from ..mapping import Mapping
from .axons import AxonMap, Inputs
from .destinations import Destinations
from .variables import unused_variables

__all__ = ["core_images"]

Ints = npt.NDArray[np.int64]


def core_images(
    core: CoreParams,
    mapping: Mapping,
    cells: Ints,
    inputs: Inputs,
    axons: AxonMap,
    whole: Ints,
    variables: Table[str, Ints],
    destinations: Destinations,
    reported: npt.NDArray[np.bool_],
    host_tile: int,
) -> tuple[CoreImage, ...]:
    """Put them together.

    Parameters
    ----------
    core
        The cores.
    mapping, cells
        Where cells sit, and their ids, shape (cells,).
    inputs, axons, whole
        What they listen to, on which axons, and with what weights, shape (entries,).
    variables
        Of every cell, shape (cells,).
    destinations
        The packets of every neuron.
    reported
        Which neurons tell the host of their spikes, shape (neurons,).
    host_tile
        The host's.

    Returns
    -------
    An image for every tile; those without neurons hold neurons that do nothing.
    """
    tile, slot = mapping.tile.astype(np.int64), mapping.slot.astype(np.int64)
    # The axon of each entry: that of its input on the tile of its cell.
    pair = axons.input * mapping.tiles + axons.tile
    axon = axons.axon[np.searchsorted(pair, inputs.input * mapping.tiles + tile[inputs.cell])]
    unused = unused_variables(core, tuple(variables))
    entry_tile = tile[inputs.cell]
    images = []
    for number in range(mapping.tiles):
        weights = np.zeros((core.axons, core.neurons), np.int64)
        mine = entry_tile == number
        weights[axon[mine], slot[inputs.cell[mine]]] = whole[mine]
        members = mapping.neurons_of(number)
        values = {}
        for name, all_values in variables.items():
            values[name] = np.full(core.neurons, unused[name], np.int64)
            values[name][slot[members]] = all_values[members]
        table = _table(core, slot[members], cells[members], destinations, reported, host_tile)
        images.append(CoreImage(weights, values, **table))
    return tuple(images)


def _table(
    core: CoreParams,
    slots: Ints,
    ids: Ints,
    destinations: Destinations,
    reported: npt.NDArray[np.bool_],
    host_tile: int,
) -> dict[str, Ints]:
    """The destination table of a tile: the packets of each neuron, and behind them the report to the host."""
    packets = destinations.of_neurons(ids)
    count = destinations.start[ids + 1] - destinations.start[ids]
    total = count + reported[ids]
    start = np.cumsum(total) - total
    first = np.full(core.neurons, -1, np.int64)
    sends = total > 0
    first[slots[sends]] = start[sends]
    size = int(total.sum())
    # Reports go to the host's tile, whose key is its number.
    table = {
        "tile": np.full(size, host_tile, np.int64),
        "axon": np.zeros(size, np.int64),
        "delay": np.zeros(size, np.int64),
        "last": np.zeros(size, np.int64),
        "key": np.full(size, 0 if destinations.keys is None else host_tile, np.int64),
    }
    place = np.arange(len(packets)) + np.repeat(start - (np.cumsum(count) - count), count)
    for name in ("tile", "axon", "delay", "key"):
        table[name][place] = getattr(destinations, name)[packets]
    table["last"][(start + total - 1)[sends]] = 1
    return table | {"first": first}
