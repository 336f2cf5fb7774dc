"""The tiles of a chip and the distances between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import TOPOLOGIES, Mesh, Topology

__all__ = ["TileGrid"]

Ints = npt.NDArray[np.int64]


class _Chip(Protocol):
    @property
    def rows(self) -> int: ...
    @property
    def cols(self) -> int: ...
    @property
    def topology(self) -> str: ...


@dataclass(frozen=True)
class TileGrid:
    """The tiles of a chip, ``rows`` × ``cols`` of them, numbered row by row, and what joins them."""

    rows: int
    cols: int
    topology: str = Mesh.name

    @classmethod
    def of(cls, chip: _Chip) -> TileGrid:
        """Take the tiles of a `NetworkParams`, `ChipConfig` or `Activity`."""
        return cls(chip.rows, chip.cols, chip.topology)

    @property
    def interconnect(self) -> Topology:
        """The topology that joins the tiles."""
        return TOPOLOGIES[self.topology](self.rows, self.cols)

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    def hops(self, source: Ints, destination: Ints) -> Ints:
        """Links between routers on a shortest path between tiles; the two are broadcast against each other.

        On a mesh, rows apart + columns apart; on a torus the shorter way round. In a tree there is one router, the
        hub, between two tiles of a cluster, so no link; to another cluster, a link up, those of the mesh, and one down.
        """
        apart: Ints = self.interconnect.hops(source, destination)
        return apart

    def zero_load(self, hops: Ints, link_stages: int) -> Ints:
        """Cycles from entering to leaving the network of a packet's head that nothing holds up: a cycle per router.

        Registers along links add a cycle each; a tree's links between hubs and routers have none.
        """
        staged = np.maximum(hops - 2, 0) if self.interconnect.has_hubs else hops
        cycles: Ints = hops + 1 + link_stages * staged
        return cycles
