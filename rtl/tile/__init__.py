"""Tiles and clusters of them: what stands at a place of the mesh."""

from ..params import NetworkParams
from ..routing import Routing
from .cluster import Cluster
from .tile import Tile

__all__ = ["Cluster", "Tile", "node_of"]


def node_of(params: NetworkParams, *, routing: Routing | None = None) -> Tile | Cluster:
    """What stands at every place of the mesh: a tile, or a cluster of them."""
    return (Cluster if params.topology == "tree" else Tile)(params, routing=routing)
