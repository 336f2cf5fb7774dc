"""What an engine gives of a network whose inside it does not see: the model has none, a board does not tell."""

from __future__ import annotations

import numpy as np

from synaptile.rtl import NetworkParams

from ..base import Activity, Deliveries, Packets

__all__ = ["no_activity", "no_deliveries", "no_packets"]


def no_packets() -> Packets:
    """Return no packets."""
    return Packets(*[np.zeros(0, np.int64)] * 5)


def no_deliveries() -> Deliveries:
    """Return no deliveries."""
    return Deliveries(*[np.zeros(0, np.int64)] * 10)


def no_activity(network: NetworkParams, cycles: int) -> Activity:
    """Return the activity of a network in which nothing was counted in so many cycles."""
    nodes, hubs = network.nodes, network.nodes if network.interconnect.has_hubs else 0
    zeros, no_hubs = np.zeros((nodes, 5), np.int64), np.zeros((hubs, 5), np.int64)
    return Activity(
        cycles,
        network.rows,
        network.cols,
        zeros,
        zeros,
        np.zeros(network.tiles, np.int64),
        topology=network.topology,
        hub_flits=no_hubs,
        hub_packets=no_hubs,
    )
