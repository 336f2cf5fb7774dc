"""The part of the mesh that a run used: an area in tiles and routers, which a technology turns into mm²."""

from __future__ import annotations

from dataclasses import dataclass

from ..engines.base import Activity
from ..mapping import Mapping

__all__ = ["TileArea", "tile_area"]


@dataclass(frozen=True)
class TileArea:
    """Tiles with at least one neuron, routers that passed at least one flit or have a used tile, and all of both.

    The hubs of a tree are routers, too; those above them are used if they passed a flit.
    """

    tiles_used: int
    routers_used: int
    tiles: int
    routers: int


def tile_area(mapping: Mapping, activity: Activity) -> TileArea:
    """Count tiles and routers, and those of them that were used."""
    tile_used = mapping.neurons_used() > 0
    nodes = (activity.mesh_rows, activity.side, activity.mesh_cols, activity.side)
    served = (tile_used | (activity.injected_flits > 0)).reshape(nodes).any(axis=(1, 3)).reshape(-1)
    router_used = activity.buffer_reads > 0
    router_used[-len(served) :] |= served  # those that tiles are linked to: the hubs, if there are any
    return TileArea(int(tile_used.sum()), int(router_used.sum()), mapping.tiles, activity.routers)
