"""Synthetic traffic to several tiles at once, as one multicast packet or as a packet for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.topology import Mesh
from synaptile.swsim.base.random_streams import SeedTree

from ..engines.base import Packets
from ..mapping.multicast import routing_table
from ..tile_grid import TileGrid

__all__ = ["Fanout"]

_PIECE_CYCLES = 1 << 14
"""Cycles whose packets are drawn together; the packets of a seed depend on it."""


@dataclass(frozen=True)
class Fanout:
    """Every tile sends all of its packets to the same targets, drawn once.

    Attributes
    ----------
    rows, cols
        Size of the mesh.
    targets
        Shape (tiles, fanout): the targets of each tile, ascending, never the tile itself.
    multicast
        One packet for all of them; else one for each, in ascending order.
    """

    rows: int
    cols: int
    targets: npt.NDArray[np.int64]
    multicast: bool

    @classmethod
    def drawn(cls, rows: int, cols: int, fanout: int, *, multicast: bool, seed: int) -> Fanout:
        """Draw the targets of every tile; any set of other tiles is as likely as any other.

        Raises
        ------
        ValueError
            If ``fanout`` is less than 1, or there are fewer other tiles.
        """
        tiles = rows * cols
        if not 1 <= fanout < tiles:
            raise ValueError(
                f"fanout must lie in 1..{tiles - 1}, the other tiles of the {rows}x{cols} mesh, not {fanout}"
            )
        rng = np.random.default_rng([seed, fanout])
        chosen = [np.sort(rng.choice(tiles - 1, fanout, replace=False)) for _ in range(tiles)]
        targets = np.array([others + (others >= tile) for tile, others in enumerate(chosen)], dtype=np.int64)
        return cls(rows, cols, targets, multicast)

    def table(self, routing: str, topology: str = Mesh.name) -> RoutingTable | None:
        """The routers' tables for multicast: key i is tile i's, its routes those of ``routing``; else ``None``."""
        if not self.multicast:
            return None
        groups = {tile: (tile, targets) for tile, targets in enumerate(self.targets.tolist())}
        return routing_table(TileGrid(self.rows, self.cols, topology), routing, groups)

    def in_pieces(self, params: NetworkParams, *, rate: float, cycles: int, seed: int) -> Iterator[tuple[int, Packets]]:
        """Pairs of (cycle at which a piece ends, packets): in every cycle each tile sends with probability ``rate``."""
        rng = np.random.default_rng(SeedTree(seed).stream("fan-out time"))
        fanout = self.targets.shape[1]
        for first in range(0, cycles, _PIECE_CYCLES):
            length = min(_PIECE_CYCLES, cycles - first)
            cycle, source = np.nonzero(rng.random((length, params.tiles)) < rate)
            cycle, source = np.repeat(cycle + first, fanout), np.repeat(source, fanout)
            number = np.arange(len(source)) % fanout
            nothing = np.zeros(len(source), np.int64)
            yield (
                first + length,
                Packets(
                    cycle=cycle,
                    source=source,
                    destination=self.targets[source, number],
                    neuron=source,
                    stamp=cycle,
                    key=source if self.multicast else nothing,
                    more=(number > 0).astype(np.int64) if self.multicast else nothing,
                ),
            )
