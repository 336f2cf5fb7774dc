"""A small random network in the cores of a chip, and events for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from amaranth.hdl import Shape, signed

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.params import DELAY_SLOTS
from synaptile.rtl.core.truenorth import AXON_TYPES
from synaptile.swsim.base.random_streams import SeedTree

from ..engines.base import Ints
from ..engines.cores import CoreImage, HostEvents
from ..mapping.multicast import joined_routing_table
from ..tile_grid import TileGrid

__all__ = ["RandomNetwork"]

_TILES, _NEURONS, _AXONS = 16, 16, 16
"""Tiles that take part, and neurons and axons of each, at most: the bench is to be quick in every simulator."""
_CONNECTED = 0.6


@dataclass(frozen=True)
class RandomNetwork:
    """What every core holds, and what the host sends.

    Attributes
    ----------
    images
        For each tile. Neurons that take no part hold nothing, and send nothing.
    table
        What the routers' tables hold, if they have any: the key of a tile is its number.
    events
        What the host sends, in the tick ``when``, ascending.
    """

    images: tuple[CoreImage, ...]
    table: RoutingTable | None
    events: HostEvents
    when: Ints

    @classmethod
    def of(
        cls,
        network: NetworkParams,
        core: CoreParams,
        routing: str,
        *,
        host_tile: int,
        events: int,
        ticks: int,
        seed: int,
    ) -> RandomNetwork:
        """Draw one: ``events`` of the host, at random in ``ticks``; ``routing`` is that of the ways in the tables.

        Raises ``ValueError`` if routers have tables with fewer keys than there are tiles.
        """
        if network.table_entries and network.table_entries < network.tiles:
            raise ValueError(
                f"table_entries must be at least {network.tiles}, one for each tile, in a chip of cores, "
                f"not {network.table_entries}"
            )
        rng = np.random.default_rng(SeedTree(seed).stream("testbench"))
        tiles = np.sort(rng.choice(network.tiles, min(network.tiles, _TILES), replace=False))
        images = []
        for tile in range(network.tiles):
            image = _image(core, rng, tiles, host_tile) if tile in tiles else _empty(core)
            images.append(replace(image, key=image.tile) if network.table_entries else image)
        table = None
        if network.table_entries:
            everywhere = {to: [(source, (to,)) for source in range(network.tiles)] for to in range(network.tiles)}
            table = joined_routing_table(TileGrid.of(network), routing, everywhere)
        to = rng.choice(tiles, events)
        sent = HostEvents(to, rng.integers(0, min(core.axons, _AXONS), events), rng.integers(1, 4, events))
        if network.table_entries:
            sent = replace(sent, key=to)
        return cls(tuple(images), table, sent, np.sort(rng.integers(0, ticks, events)))


def _empty(core: CoreParams) -> CoreImage:
    nothing = np.zeros(core.neurons, np.int64)
    none = nothing[:0]
    weights = np.zeros((core.axons, core.neurons), np.int64)
    return CoreImage(weights, dict.fromkeys(neuron_variables(core), nothing), nothing - 1, none, none, none, none)


def _image(core: CoreParams, rng: np.random.Generator, tiles: Ints, host_tile: int) -> CoreImage:
    """A core in which neurons tell the host of their spikes, and send them to other neurons."""
    axons, neurons = min(core.axons, _AXONS), min(core.neurons, _NEURONS, core.targets)
    weights = np.zeros((core.axons, core.neurons), np.int64)
    if core.neuron == "truenorth":
        drawn = np.broadcast_to(rng.integers(1, AXON_TYPES, (axons, 1), endpoint=True), (axons, neurons))
    elif core.weight_bits == 1:
        drawn = np.ones((axons, neurons), np.int64)
    else:
        top = (1 << core.weight_bits - 1) - 1
        drawn = rng.integers(-top // 2, top, (axons, neurons), endpoint=True)
    weights[:axons, :neurons] = np.where(rng.random((axons, neurons)) < _CONNECTED, drawn, 0)

    # Every neuron has a report, and some of them one packet to a core or two, as far as the table has room.
    packets = rng.integers(0, 3, neurons)
    packets = np.where(np.cumsum(packets) <= core.targets - neurons, packets, 0)
    last = np.cumsum(packets + 1) - 1
    first = np.full(core.neurons, -1, np.int64)
    first[:neurons] = last - packets
    size = int(last[-1]) + 1
    is_report = np.isin(np.arange(size), last)
    tile = np.where(is_report, host_tile, rng.choice(tiles, size))
    axon = np.where(is_report, 0, rng.integers(0, axons, size))
    delay = np.where(is_report, 0, rng.integers(1, DELAY_SLOTS, size))
    variables = {}
    for name, variable in neuron_variables(core).items():
        values = np.zeros(core.neurons, np.int64)
        values[:neurons] = _values(name, core, Shape.cast(variable.shape), rng, neurons)
        variables[name] = values
    return CoreImage(weights, variables, first, tile, axon, delay, is_report.astype(np.int64))


def _values(name: str, core: CoreParams, shape: Shape, rng: np.random.Generator, count: int) -> Ints:
    """Values of a variable with which neurons fire now and then, as far as its bits go."""
    unit = 1 << core.weight_shift
    low, high = {
        "threshold": (2 * unit, 8 * unit),
        "bias": (0, unit // 2),
        "refractory": (0, 2),
        "subtract": (0, 1),
        "leak": (0, 3) if core.neuron == "truenorth" else (0, 1024),
        "reset_mode": (0, 2),
        "negative_threshold": (0, 8 * unit),
        "mask": (0, 3),
        "random": (1, (1 << 32) - 1),
        **{f"keep_{of}": (2048, 4096) for of in ("u", "v", "u_exc", "u_inh")},
        **{f"draw_{kind}": (1, (1 << 16) - 1) for kind in range(AXON_TYPES)},
        **{f"weight_{kind}": (-unit, 4 * unit) for kind in range(AXON_TYPES)},
    }.get(name, (0, 0))
    most = (1 << shape.width - (shape == signed(shape.width))) - 1
    least = -most - 1 if shape == signed(shape.width) else 0
    return np.clip(rng.integers(low, high, count, endpoint=True), least, most)
