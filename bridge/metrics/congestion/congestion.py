"""Where and when packets waited: by neuron, connection and populations, by output over time, and why some were late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..metric import Row
from ..run_data import RunData
from .groups import Traffic, packet_groups
from .late_causes import LateCauses, late_causes
from .load import HotSpot, Load, hot_spots, load_over_time
from .ways import Ways, ways_of

__all__ = ["Congestion", "congestion", "late_rows"]


@dataclass(frozen=True)
class Congestion:
    """Everything about where and when packets waited.

    Attributes
    ----------
    ways
        The ways of the packets, or in words why they are not known.
    load
        Flits over time.
    hot_spots
        The busiest outputs.
    traffic
        Packets by neuron, connection and pair of populations.
    late
        Why packets were late.
    worst_connections, worst_pairs
        Those with the most late packets, then the highest mean latency, as JSON types.
    """

    ways: Ways | str
    load: Load
    hot_spots: tuple[HotSpot, ...]
    traffic: Traffic
    late: LateCauses
    worst_connections: list[dict[str, Any]]
    worst_pairs: list[dict[str, Any]]


def congestion(run: RunData) -> Congestion:
    """Compute it from a run, finished or not."""
    ways = ways_of(run)
    load = load_over_time(run, ways)
    traffic = packet_groups(run)
    return Congestion(
        ways,
        load,
        hot_spots(load, run.activity),
        traffic,
        late_causes(run, ways, load),
        traffic.worst_connections(run),
        traffic.worst_pairs(run),
    )


def late_rows(found: Congestion) -> list[Row]:
    """Lines for the table that people read; none if nothing was late."""
    late = found.late
    if late.main is None:
        return []
    rows = [(f"Late, most for {late.main}", f"{late.mostly[late.main]:,}", "packets")]
    if late.needed is not None:
        rows.append(("In time, all, with", f"{late.needed:,}", "cycles/step"))
    return rows
