"""What a mapping should make small: costs that are counted, figures of a simulated run, or some of each."""

from __future__ import annotations

import math
from collections.abc import Mapping as Values
from dataclasses import dataclass
from typing import Self

from ..placement import OBJECTIVES, Costs

__all__ = ["SIMULATED", "Objective"]

SIMULATED: dict[str, str] = {
    "late-spikes": "packets that arrive after the end of their step",
    "latency-mean": "mean latency of packets in cycles",
    "latency-p99": "latency in cycles that 99 % of the packets do not exceed",
    "isi-distortion": "mean distortion of inter-spike intervals in cycles",
    "disorder": "mean spike disorder",
}
"""Objectives that take a run of the chip for each mapping, and what they are."""


@dataclass(frozen=True)
class Objective:
    """Weights of what should be small, each divided by what it is with everything in order.

    Attributes
    ----------
    weights
        By names of `OBJECTIVES` and `SIMULATED`, each above 0.
    """

    weights: Values[str, float]

    @classmethod
    def of(cls, objective: str | Values[str, float]) -> Self:
        """Take a name, or weights by name; as in ``metrics.json``, words may be joined by underscores.

        Raises ``ValueError`` if there is no such objective, a weight is negative or not finite, or all are 0.
        """
        given = {objective: 1.0} if isinstance(objective, str) else dict(objective)
        weights = {name.replace("_", "-"): weight for name, weight in given.items()}
        known = [*OBJECTIVES, *SIMULATED]
        for name, weight in weights.items():
            if name not in known:
                raise ValueError(f"objective must be one of {', '.join(known)}, not {name!r}")
            if not 0 <= weight < math.inf:
                raise ValueError(f"weight of {name} must not be negative, and finite, not {weight}")
        weights = {name: float(weight) for name, weight in weights.items() if weight > 0}
        if not weights:
            raise ValueError("objective must have a weight above 0")
        return cls(weights)

    @property
    def simulated(self) -> list[str]:
        """Those that take a run."""
        return [name for name in self.weights if name in SIMULATED]

    @property
    def counted(self) -> dict[str, float]:
        """Weights of those that are counted, by which clusters are placed.

        If there are none, hops and the load of the links: packets wait where many want to go the same way.
        """
        counted = {name: weight for name, weight in self.weights.items() if name in OBJECTIVES}
        return counted or {"spike-hops": 1.0, "worst-link": 1.0}

    @property
    def wants_room(self) -> bool:
        """Whether more tiles than the network needs may be better."""
        return not self.only_ways

    @property
    def only_ways(self) -> bool:
        """Whether packets cost what their ways cost, whatever the others do."""
        return all(name in ("spike-hops", "energy") for name in self.weights)

    def value(self, values: Values[str, float], base: Values[str, float] | None) -> float:
        """Return the weighted sum of values, relative to those of the mapping in order; infinite if one is missing."""
        total = 0.0
        for name, weight in self.weights.items():
            value = values.get(name, math.nan)
            if math.isnan(value):
                return math.inf
            unit = 0.0 if base is None else base.get(name, 0.0)
            total += weight * (value / unit if unit and not math.isnan(unit) else value)
        return total


def counted_values(costs: Costs) -> dict[str, float]:
    """Return the objectives of counted costs, by name."""
    return {name: float(take(costs)) for name, take in OBJECTIVES.items()}
