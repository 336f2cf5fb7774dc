"""The report of a mapping, put together again from the mapping and the numbers of the report."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

import numpy as np

from .mapper import Mapping, MappingReport
from .partition import Partition
from .placement import Placement

__all__ = ["restored_report"]


def restored_report(mapping: Mapping, values: Values[str, Any]) -> MappingReport:
    """Return the report of which `MappingReport.to_dict` gave these values, with the clusters of the mapping.

    A cluster is what a tile holds, and clusters are numbered by their first neurons.

    Raises
    ------
    KeyError, TypeError
        If values are missing, or of another kind.
    """
    tile = mapping.tile[mapping.inside].astype(np.int64)
    tiles, first, cluster = np.unique(tile, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    parts, placed = values["partition"], values["placement"]
    return MappingReport(
        partition=Partition(
            cluster=number[cluster],
            clusters=len(tiles),
            method=parts["method"],
            cost=parts["packets"],
            costs=dict(parts["packets_by_method"]),
            failures=dict(parts["failures"]),
        ),
        placement=Placement(
            tile=tiles[order],
            method=placed["method"],
            cost=placed["packet_hops"],
            in_order_cost=placed["packet_hops_in_order"],
        ),
        **{
            name: values[name]
            for name in ("tiles", "tiles_used", "neurons", "most_neurons", "most_axons", "spikes_known")
        },
    )
