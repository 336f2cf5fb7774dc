"""The circuits that a chip is put together from, and how many there are of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from amaranth.lib import wiring

from synaptile.rtl import NetworkParams
from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.tile import node_of

from ..config import ChipConfig
from ..config.cores import chip_on_board
from ..config.parameters import network_values

__all__ = ["Block", "blocks_of"]


@dataclass(frozen=True)
class Block:
    """A circuit of a chip.

    Attributes
    ----------
    name
        ``node``, a router with the network interfaces of its tile or, in a tree, of its tiles and the hub between; or
        ``core``, a tile's neurons and synapses.
    count
        How many of it the chip has.
    parameters
        What it is made from, all of it: blocks of equal name and parameters are the same circuit.
    make
        Makes it.
    """

    name: str
    count: int
    parameters: tuple[Any, ...]
    make: Callable[[], wiring.Component] = field(compare=False)


def blocks_of(config: ChipConfig, *, cores: bool) -> tuple[Block, ...]:
    """Return the circuits of a chip: the nodes of its network, and with ``cores`` a core for each tile.

    Raises `ConfigError` if the chip's tiles have no form in gates.
    """
    if not cores:
        network = NetworkParams(**network_values(config))
        return (_node(network),)
    network, core, host_tile, host_key = chip_on_board(config)
    return (
        _node(network),
        Block(
            "core",
            network.tiles,
            (network, core, host_tile, host_key),
            lambda: CoreTile(network, core, host_tile=host_tile, host_key=host_key),
        ),
    )


def _node(network: NetworkParams) -> Block:
    return Block("node", network.nodes, (network,), lambda: node_of(network))
