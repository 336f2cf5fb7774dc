"""The report of a mapping, put together again from the mapping and the numbers of the report."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

from .fan_in_split import FanInSplit
from .mapper import clusters_of
from .partition import SEARCHES, Partition
from .placement import Placement
from .tile_mapping import Mapping, MappingReport

__all__ = ["restored_report"]


def restored_report(mapping: Mapping, values: Values[str, Any]) -> MappingReport:
    """Return the report of which `MappingReport.to_dict` gave these values, with the clusters of the mapping.

    A cluster is what a tile holds, and clusters are numbered by their first neurons.

    Raises
    ------
    KeyError, TypeError
        If values are missing, or of another kind.
    """
    cluster, tile = clusters_of(mapping)
    parts, placed = values["partition"], values["placement"]
    split, costs = values.get("split"), parts["packets_by_method"]
    return MappingReport(
        partition=Partition(
            cluster=cluster,
            clusters=len(tile),
            method=parts["method"],
            cost=parts["packets"],
            # Files sort their keys; reports name methods in the order in which they are tried.
            costs={name: costs[name] for name in sorted(costs, key=_rank)},
            failures=dict(parts["failures"]),
        ),
        placement=Placement(
            tile=tile,
            method=placed["method"],
            cost=placed["packet_hops"],
            in_order_cost=placed["packet_hops_in_order"],
        ),
        split=None if split is None else FanInSplit.from_dict(split),
        **{
            name: values[name]
            for name in ("tiles", "tiles_used", "neurons", "most_neurons", "most_axons", "spikes_known")
        },
    )


def _rank(method: str) -> int:
    names = list(SEARCHES)
    return names.index(method) if method in names else len(names)
