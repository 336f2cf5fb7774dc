"""The chip in synthesizable Amaranth: routers, network interfaces, tiles, clusters of them, and their mesh."""

from .mesh import Mesh
from .packet import PacketLayouts
from .params import NetworkParams
from .router import Router, router_of
from .routing.table import RoutingTable
from .sources import LoadedSources
from .tile import Cluster, Tile, node_of
from .topology import Port

__all__ = [
    "SOURCES",
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

SOURCES = LoadedSources(__name__)
"""The files that these circuits are made from."""
