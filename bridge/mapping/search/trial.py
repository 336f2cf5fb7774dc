"""One mapping that a search tried."""

from __future__ import annotations

import math
from collections.abc import Mapping as Values
from dataclasses import dataclass
from typing import Any

from ..tile_mapping import Mapping, MappingReport

__all__ = ["Trial"]


@dataclass(frozen=True)
class Trial:
    """A partition and a placement, and what they cost.

    Attributes
    ----------
    partition, placement
        The methods.
    spread
        Tiles that the neurons were to be spread over; None for as few as hold them.
    seconds
        How long it took.
    values
        Objectives by name; those that were not computed are left out.
    packets
        Packets that the tiles send; -1 if it failed.
    value
        The objective: what all are compared by, infinite if it failed.
    mapping, report
        The mapping; None if it failed.
    failure
        Why there is no mapping; None if there is one.
    """

    partition: str
    placement: str
    spread: int | None
    seconds: float
    values: Values[str, float]
    packets: int = -1
    value: float = math.inf
    mapping: Mapping | None = None
    report: MappingReport | None = None
    failure: str | None = None

    @property
    def tiles(self) -> int | None:
        """Tiles used; None if it failed."""
        return None if self.report is None else self.report.tiles_used

    def order(self) -> tuple[float, float, int]:
        """What trials are sorted by, the best first: the objective, the load of the busiest link, packets."""
        return self.value, self.values.get("worst-link", math.inf), self.packets

    def to_dict(self) -> dict[str, Any]:
        """JSON types, without the mapping."""
        return {
            "partition": self.partition,
            "placement": self.placement,
            "spread": self.spread,
            "tiles": self.tiles,
            "packets": None if self.packets < 0 else self.packets,
            **{name.replace("-", "_"): value for name, value in self.values.items()},
            "value": None if math.isinf(self.value) else self.value,
            "seconds": self.seconds,
            "failure": self.failure,
        }
