"""The memories of a core's gates: where each is, and the words in it that an image stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Shape, signed

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.typed_synapses import TypedSynapses
from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.packet import PacketLayouts

from ..base import Ints
from .image import CoreImage

__all__ = ["Store", "Words", "addresses_of", "stores_of", "words_of"]

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Store:
    """A memory: words of one or more whole numbers.

    Attributes
    ----------
    path
        The memory's path in a `CoreTile`.
    storage
        The memory there.
    depth, values
        Number of words, and of values in each.
    shape
        Shape of a value.
    """

    path: str
    storage: Any
    depth: int
    values: int
    shape: Shape

    def pack(self, values: Ints) -> Words:
        """Words of 64 bits, shape (depth, words), the lowest first, of values of shape (any lower depth, values)."""
        width = self.shape.width
        packed = np.zeros((self.depth, -(-width * self.values // 64)), dtype=np.uint64)
        bits = values.astype(np.uint64) & np.uint64((1 << width) - 1)
        for number in range(self.values):
            word, low = divmod(number * width, 64)
            packed[: len(bits), word] |= bits[:, number] << np.uint64(low)
            if low + width > 64:
                packed[: len(bits), word + 1] |= bits[:, number] >> np.uint64(64 - low)
        return packed

    def unpack(self, words: Words) -> Ints:
        """The values, shape (depth, values), in words of 64 bits."""
        width = self.shape.width
        values = np.zeros((self.depth, self.values), dtype=np.uint64)
        for number in range(self.values):
            word, low = divmod(number * width, 64)
            values[:, number] = words[:, word] >> np.uint64(low)
            if low + width > 64:
                values[:, number] |= words[:, word + 1] << np.uint64(64 - low)
        whole = (values & np.uint64((1 << width) - 1)).astype(np.int64)
        if self.shape == signed(width):
            whole -= (whole >> (width - 1)) << width
        return whole


def stores_of(tile: CoreTile) -> dict[str, Store]:
    """The memories that an image fills: ``weights``, ``first``, ``entries``, and each variable by its name.

    TrueNorth's cores have the types of axons apart from the bits of synapses, in ``types``.
    """
    core = tile.core
    rams = {"weights": core.synapses.weights, "first": core.sender.firsts, "entries": core.sender.entries}
    paths = {"weights": "core.synapses.weights", "first": "core.sender.firsts", "entries": "core.sender.entries"}
    if isinstance(core.synapses, TypedSynapses):
        rams["types"], paths["types"] = core.synapses.types, "core.synapses.types"
    rams |= core.neurons.memories
    paths |= {name: f"core.neurons.{name}" for name in core.neurons.memories}
    found = {}
    for name, ram in rams.items():
        layout = ram.storage.shape
        shape = Shape.cast(layout.elem_shape)
        found[name] = Store(f"{paths[name]}.storage", ram.storage, ram.storage.depth, layout.length, shape)
    return found


def addresses_of(network: NetworkParams, tile: Ints, key: Ints) -> Ints:
    """The addresses in packets to some tiles, or where they are keys, these."""
    if network.table_entries:
        return key
    layouts = PacketLayouts(network)
    positions = np.array([layouts.position_of(number) for number in range(network.tiles)], dtype=np.int64)
    return positions[tile]


def words_of(image: CoreImage, tile: CoreTile, stores: dict[str, Store]) -> dict[str, Words]:
    """The words of each of `stores_of` a core, that an image stands for."""
    core = tile.params
    encode: Any = tile.core.words  # which takes arrays as well as numbers
    weights = np.zeros((core.axons, 1 << core.group_bits, core.lanes), dtype=np.int64)
    weights[:, : core.groups] = image.weights.reshape(core.axons, core.groups, core.lanes)
    types: dict[str, Ints] = {}
    if "types" in stores:
        types["types"] = np.maximum(image.weights.max(axis=1) - 1, 0).reshape(-1, 1)
        weights = np.minimum(weights, 1)
    reports = image.delay == 0
    address = addresses_of(tile.network, np.where(reports, 0, image.tile), image.key)
    axon = np.where(reports, 0, image.axon)
    values: dict[str, Ints] = {
        "weights": weights.reshape(-1, core.lanes),
        **types,
        "first": np.where(image.first < 0, 0, encode.first(0) | image.first).reshape(-1, 1),
        "entries": encode.entry(address, axon, image.delay, image.last).reshape(-1, 1),
        **{name: values.reshape(core.groups, core.lanes) for name, values in image.variables.items()},
    }
    return {name: stores[name].pack(np.asarray(value)) for name, value in values.items()}
