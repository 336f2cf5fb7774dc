"""A random network for a chip, to hold a board against the chip in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from amaranth.hdl import Shape, signed

from synaptile.rtl import NetworkParams, PacketLayouts, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.shapes import weight_shape
from synaptile.rtl.core.truenorth import AXON_TYPES

from ..engines.base import Ints
from ..engines.cores import CoreImage, HostEvents, Ticks
from ..mapping.multicast import joined_routing_table
from ..onchip import OnChipModel
from ..onchip.programming import core_words
from ..tile_grid import TileGrid
from .engine import FpgaCoreEngine

__all__ = ["MOST_WORDS", "Difference", "SelfTest", "table_for"]

MOST_WORDS = 1024
"""Words of a core's memory that are read; of a larger one, these many anywhere in it."""


@dataclass(frozen=True)
class Difference:
    """The first thing that a board did otherwise than the model, in words, and how many there are."""

    first: str
    count: int


def table_for(network: NetworkParams) -> RoutingTable | None:
    """Return tables in which key t leads to tile t from everywhere, for a network that has any."""
    if not network.table_entries:
        return None
    tiles = range(network.tiles)
    return joined_routing_table(
        TileGrid.of(network), "xy", {tile: [(source, [tile]) for source in tiles] for tile in tiles}
    )


class SelfTest:
    """Random cores of which all neurons tell the host, and events for them.

    Parameters
    ----------
    network, core
        The chip.
    ticks, seed
        How many ticks, and which network.
    """

    def __init__(self, network: NetworkParams, core: CoreParams, *, ticks: int, seed: int = 0) -> None:
        self._network, self._core, self.ticks = network, core, ticks
        chance = np.random.default_rng(seed)
        self.images = [self._image(chance) for _ in range(network.tiles)]
        self.when = np.repeat(np.arange(ticks), chance.poisson(2 * network.tiles, ticks))
        count = len(self.when)
        tile = chance.integers(0, network.tiles, count)
        self.events = HostEvents(
            tile, chance.integers(0, core.axons, count), chance.integers(1, 16, count), self._keys(tile)
        )

    def _keys(self, tile: Ints) -> Ints:
        return tile if self._network.table_entries else np.zeros(len(tile), np.int64)

    def _image(self, chance: np.random.Generator) -> CoreImage:
        """Each neuron tells the host, and sends to an axon somewhere while the destination table has room."""
        core, neurons = self._core, self._core.neurons
        told = min(neurons, core.targets)
        double = min(told, core.targets - told)
        count = np.where(np.arange(told) < double, 2, 1)
        first = np.full(neurons, -1)
        first[:told] = np.cumsum(count) - count
        entries = int(count.sum())
        delay, last = chance.integers(1, 16, entries), np.zeros(entries, np.int64)
        delay[first[:told]] = 0
        last[np.cumsum(count) - 1] = 1
        tile = chance.integers(0, self._network.tiles, entries)
        return CoreImage(
            weights=self._weights(chance),
            variables={name: self._values(name, variable, chance) for name, variable in neuron_variables(core).items()},
            first=first,
            tile=tile,
            axon=chance.integers(0, core.axons, entries),
            delay=delay,
            last=last,
            key=self._keys(tile),
        )

    def _weights(self, chance: np.random.Generator) -> Ints:
        shape = self._core.axons, self._core.neurons
        if self._core.neuron == "truenorth":
            return chance.integers(1, AXON_TYPES + 1, (shape[0], 1)) * chance.integers(0, 2, shape)
        weight = Shape.cast(weight_shape(self._core))
        low, high = (-(1 << weight.width - 1), (1 << weight.width - 1) - 1) if weight.signed else (0, 1)
        return chance.integers(low, high, shape, endpoint=True)

    def _values(self, name: str, variable: Any, chance: np.random.Generator) -> Ints:
        """Return values of a variable: such that neurons fire now and then, else anything that it can be."""
        core, shape, neurons = self._core, Shape.cast(variable.shape), self._core.neurons
        scale = 1 << core.weight_shift
        high = (1 << shape.width - (shape == signed(shape.width))) - 1
        if name in ("threshold", "negative_threshold"):
            return chance.integers(0, min(high, 12 * scale), neurons, endpoint=True)
        if name in ("v", "bias", "reset", "leak") or name.startswith("u"):
            return chance.integers(0, min(high, scale), neurons, endpoint=True)
        if name in ("left", "refractory"):
            return chance.integers(0, min(high, 2), neurons, endpoint=True)
        if name == "random" or name.startswith("draw"):
            return chance.integers(1, high, neurons, endpoint=True)
        if name.startswith("keep"):
            return chance.integers(0, min(high, 4096), neurons, endpoint=True)
        if name == "reset_mode":
            return chance.integers(0, 3, neurons)
        if name.startswith("weight"):
            return chance.integers(-60, 120, neurons)
        return chance.integers(0, min(high, 15), neurons, endpoint=True)

    def expected(self, host_tile: int, host_key: int) -> OnChipModel:
        """Return the model, loaded."""
        model = OnChipModel(
            self._network, self._core, host_tile=host_tile, host_key=host_key, table=table_for(self._network)
        )
        model.load(self.images)
        return model

    def memory(self, engine: FpgaCoreEngine) -> Difference | None:
        """Read all memories of a board that has been loaded, `MOST_WORDS` words of each; what is not as written."""
        wrong: list[str] = []
        chance, layouts = np.random.default_rng(len(self.images)), PacketLayouts(self._network)
        for tile, image in enumerate(self.images):
            for target, *columns in core_words(image, self._core, layouts, keys=bool(self._network.table_entries)):
                words = np.column_stack(columns)
                if len(words) > MOST_WORDS:
                    words = words[np.sort(chance.choice(len(words), MOST_WORDS, replace=False))]
                found = engine.look(tile, [(target, row, column) for row, column, _ in words.tolist()])
                wrong += [
                    f"{target.name.lower()}, row {row}, column {column} of tile {tile}: {seen}, and not {value}"
                    for (row, column, value), seen in zip(words.tolist(), found, strict=True)
                    if seen != value
                ]
        return Difference(wrong[0], len(wrong)) if wrong else None

    @staticmethod
    def compare(seen: Ticks, expected: Ticks) -> Difference | None:
        """Compare the spikes that the host is told of."""
        sets = [
            set(zip(*(getattr(ticks.reported, name).tolist() for name in ("tick", "tile", "neuron")), strict=True))
            for ticks in (seen, expected)
        ]
        wrong = sorted(sets[0] ^ sets[1])
        if not wrong:
            return None
        tick, tile, neuron = wrong[0]
        what = "did not fire on the board" if wrong[0] in sets[1] else "fired on the board only"
        return Difference(f"neuron {neuron} of tile {tile} {what} in tick {tick}", len(wrong))
