"""Nodes of the mesh: tiles, and clusters of them."""

from ..params import NetworkParams
from ..routing import Routing
from .cluster import Cluster
from .tile import Tile

NODES: dict[str, type[Tile] | type[Cluster]] = {"tile": Tile, "cluster": Cluster}
"""Kinds of node by name (`Topology.node_kind`)."""

__all__ = ["NODES", "Cluster", "Tile", "node_of"]


def node_of(params: NetworkParams, *, routing: Routing | None = None) -> Tile | Cluster:
    """Make the node of a network: a tile, or a cluster of them."""
    return NODES[params.interconnect.node_kind](params, routing=routing)
