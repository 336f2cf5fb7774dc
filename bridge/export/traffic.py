"""Random packets for a network, and what a simulated chip makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.swsim.base.random_streams import SeedTree

from ..engines import make_engine
from ..engines.base import Deliveries, Packets
from ..mapping.multicast import routing_table
from ..tile_grid import TileGrid

__all__ = ["NetworkRun", "run_network"]

PERIOD = 16
"""Cycles after which the tiles take arrivals as before."""
_TAKES = 0.8
"""Part of the cycles in which a tile takes an arrival."""
_LOAD = 0.2
"""Flits that a tile creates in a cycle, on average, while packets are created."""
_MAX_TREES = 64


@dataclass(frozen=True)
class NetworkRun:
    """A run of random packets.

    Attributes
    ----------
    packets
        As they were given to the chip; ``deliveries`` has their times.
    ready
        Shape (tiles, period): whether each tile takes an arrival in cycle 0, 1, ... modulo the period.
    table
        What the routers' tables hold, if they have any.
    cycles
        Cycles until everything was delivered.
    """

    packets: Packets
    deliveries: Deliveries
    ready: npt.NDArray[np.bool_]
    table: RoutingTable | None
    cycles: int


def run_network(
    params: NetworkParams, routing: str, *, packets: int, seed: int, engine: str = "auto", threads: int = 1
) -> NetworkRun:
    """Send random packets through a simulated network until all are delivered.

    Sources and destinations are random tiles, a tile's own included; the tiles take arrivals in random cycles, so that
    packets wait for one another. Where routers have tables, packets have the keys of random trees, whose ways are those
    of ``routing``.

    Raises ``TimeoutError`` if that takes too long.
    """
    rng = np.random.default_rng(SeedTree(seed).stream("testbench"))
    ready = rng.random((params.tiles, PERIOD)) < _TAKES
    ready[:, 0] = True
    window = max(8, round(packets * params.flits_per_packet / params.tiles / _LOAD))
    cycle = np.sort(rng.integers(0, window, packets))
    source = rng.integers(0, params.tiles, packets)
    columns = {
        "destination": rng.integers(0, params.tiles, packets),
        "neuron": rng.integers(0, params.neurons, packets),
        "stamp": rng.integers(0, 1 << params.stamp_bits, packets),
    }
    table = None
    if params.table_entries:
        sent, table = _along_trees(params, routing, packets, rng)
        repeated = {name: values[sent[:, 0]] for name, values in columns.items() if name != "destination"}
        _, source, destination, key, more = sent.T
        to_send = Packets(cycle[sent[:, 0]], source, destination, **repeated, key=key, more=more)
    else:
        to_send = Packets(cycle, source, **columns)
    chip = make_engine(engine, params, table=table, ready=ready, threads=threads)
    chip.inject(to_send)
    flits = len(to_send) * params.flits_per_packet
    chip.drain(window + PERIOD * flits * (params.rows + params.cols) * (1 + params.link_stages) + 10_000)
    return NetworkRun(to_send, chip.deliveries(), ready, table, chip.cycle)


def _along_trees(
    params: NetworkParams, routing: str, packets: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], RoutingTable]:
    """Rows of (packet, source, destination, key, whether it is another row of the packet before), and the tables."""
    groups: dict[int, tuple[int, list[int]]] = {}
    for key in range(min(params.table_entries, _MAX_TREES)):
        count = int(rng.integers(1, min(params.tiles, 8), endpoint=True))
        drawn = np.sort(rng.choice(params.tiles, count if params.multicast else 1, replace=False))
        groups[key] = int(rng.integers(params.tiles)), drawn.tolist()
    rows = []
    for packet, key in enumerate(rng.integers(0, len(groups), packets).tolist()):
        source, targets = groups[key]
        rows += [(packet, source, target, key, int(i > 0)) for i, target in enumerate(targets)]
    return np.array(rows, dtype=np.int64), routing_table(TileGrid.of(params), routing, groups)
