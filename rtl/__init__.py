"""The chip in synthesizable Amaranth: routers, network interfaces, tiles, clusters of them, and their mesh."""

from .mesh import Mesh
from .packet import PacketLayouts
from .params import NetworkParams
from .router import Router, router_of
from .routing.table import RoutingTable
from .tile import Cluster, Tile, node_of
from .topology import Port

__all__ = [
    "Cluster",
    "Mesh",
    "NetworkParams",
    "PacketLayouts",
    "Port",
    "Router",
    "RoutingTable",
    "Tile",
    "node_of",
    "router_of",
]
