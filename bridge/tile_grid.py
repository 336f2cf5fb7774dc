"""The tiles of a chip and the distances between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from synaptile.rtl.topology import side_of

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
    topology: str = "mesh"

    @classmethod
    def of(cls, chip: _Chip) -> TileGrid:
        """Take the tiles of a `NetworkParams`, `ChipConfig` or `Activity`."""
        return cls(chip.rows, chip.cols, chip.topology)

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    def hops(self, source: Ints, destination: Ints) -> Ints:
        """Links between routers on a shortest path between tiles; the two are broadcast against each other.

        On a mesh, rows apart + columns apart; on a torus the shorter way round. In a tree there is one router, the
        hub, between two tiles of a cluster, so no link; to another cluster, a link up, those of the mesh, and one down.
        """
        (r0, c0), (r1, c1) = np.divmod(source, self.cols), np.divmod(destination, self.cols)
        side = side_of(self.topology)
        down, along = np.abs(r0 // side - r1 // side), np.abs(c0 // side - c1 // side)
        if self.topology == "torus":
            down, along = np.minimum(down, self.rows - down), np.minimum(along, self.cols - along)
        apart: Ints = down + along
        return apart + 2 * (apart > 0) if self.topology == "tree" else apart
