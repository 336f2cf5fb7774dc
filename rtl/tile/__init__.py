"""Tiles and clusters of them: what stands at a place of the mesh."""

from ..params import NetworkParams
from ..routing import Routing
from .cluster import Cluster
from .tile import Tile

NODES: dict[str, type[Tile] | type[Cluster]] = {"tile": Tile, "cluster": Cluster}
"""Kinds of node by name (`Topology.node_kind`)."""

__all__ = ["NODES", "Cluster", "Tile", "node_of"]


def node_of(params: NetworkParams, *, routing: Routing | None = None) -> Tile | Cluster:
    """What stands at every place of the mesh: a tile, or a cluster of them."""
    return NODES[params.interconnect.node_kind](params, routing=routing)
