"""Placement for what a chip's user cares about: few hops, an even load of links, little energy, or some of each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...config import ChipConfig
from ...tile_grid import TileGrid
from .balance import balanced
from .costs import OBJECTIVES, Costs, Evaluation, energy_ways, evaluate
from .distances import Distances
from .method import search_placement
from .methods.board import Board
from .search import Progress, Search
from .traffic import Traffic

__all__ = ["ChipPlacement", "checked_objective", "packet_ways", "place_on_chip"]

Ints = npt.NDArray[np.int64]

_FINE = 1 << 20
_TIE = 0.01
"""Weight of the ways where only the busiest link is asked for: of equal ones, shorter ways are better."""


@dataclass(frozen=True)
class ChipPlacement:
    """A placement and what it costs on a chip.

    Attributes
    ----------
    tile
        Shape (clusters,): row-major tile of each cluster.
    method, objective
        The method asked for, and the weight of each objective.
    costs, in_order
        The costs of this placement, and of that which puts cluster i on tile i.
    cut
        The time was up, or Ctrl-C came, before the search was done.
    """

    tile: Ints
    method: str
    objective: Mapping[str, float]
    costs: Costs
    in_order: Costs
    cut: bool

    @property
    def value(self) -> float:
        """The weighted sum of the objectives, each divided by that of the placement in order."""
        return _value(self.costs, self.in_order, self.objective)

    def to_dict(self) -> dict[str, Any]:
        """JSON types; ``tile`` is left out."""
        return {
            "method": self.method,
            "objective": dict(self.objective),
            "costs": self.costs.to_dict(),
            "costs_in_order": self.in_order.to_dict(),
            "cut": self.cut,
        }


def _value(costs: Costs, unit: Costs, weights: Mapping[str, float]) -> float:
    total = 0.0
    for name, weight in weights.items():
        one, base = OBJECTIVES[name](costs), OBJECTIVES[name](unit)
        total += weight * (one / base if base else one)
    return total


def checked_objective(objective: str | Mapping[str, float]) -> dict[str, float]:
    """Return the weights of objectives, given as a name or by name.

    Raises ``ValueError`` if there is no such objective, a weight is negative or not finite, or all are 0.
    """
    weights = {objective: 1.0} if isinstance(objective, str) else dict(objective)
    for name, weight in weights.items():
        if name not in OBJECTIVES:
            raise ValueError(f"objective must be one of {', '.join(OBJECTIVES)}, not {name!r}")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"weight of {name} must not be negative, and finite, not {weight}")
    weights = {name: float(weight) for name, weight in weights.items() if weight > 0}
    if not weights:
        raise ValueError("objective must have a weight above 0")
    return weights


def place_on_chip(
    traffic: Traffic,
    config: ChipConfig,
    method: str = "optimised",
    objective: str | Mapping[str, float] = "spike-hops",
    seed: int = 0,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    keep_on_interrupt: bool = False,
    start: Ints | None = None,
) -> ChipPlacement:
    """Give each cluster a tile of its own, for a small objective on a chip.

    The method searches with what a packet costs on its way to one tile, in hops or energy. The default then goes on
    with exchanges that also mind the load of the links, if that is an objective, and takes the best of all that it came
    by, the placement in order included, by its exact costs: with multicast, those of trees.

    Parameters
    ----------
    traffic
        Packets between clusters; with ``groups`` if the chip has multicast.
    config
        The chip.
    method
        A name of `METHODS`.
    objective
        A name of `OBJECTIVES`; or weights of several, each of which is divided by what it is with clusters in order.
    seed, time_limit, progress, keep_on_interrupt
        As in `place`.
    start
        Shape (clusters,): tiles from which the default goes on, in place of all that it begins with otherwise.

    Raises
    ------
    ValueError
        As in `place`; if there is no such objective; or if energy is one, and the table has no number for routers.
    """
    weights = checked_objective(objective)
    grid = TileGrid.of(config)
    end = None if time_limit is None else time.monotonic() + time_limit
    balancing = method == "optimised" and "worst-link" in weights
    ways, _ = _ways(traffic, config, weights)
    search = search_placement(
        traffic, grid, ways, method, seed, keep_on_interrupt=keep_on_interrupt, progress=progress,
        time_limit=time_limit if time_limit is None or not balancing else time_limit / 2, start=start,
    )  # fmt: skip
    assert search.best is not None
    in_order = evaluate(traffic, np.arange(traffic.clusters, dtype=np.int64), config)
    best = _Best(traffic, config, weights, in_order)
    best.visit(search.best)
    if method == "optimised" and start is None:
        best.visit(np.arange(traffic.clusters, dtype=np.int64))
    if balancing and not (keep_on_interrupt and search.cut and end is None):
        _balance(search, best, weights, end, keep_on_interrupt=keep_on_interrupt)
    assert best.tile is not None
    assert best.costs is not None
    return ChipPlacement(best.tile, method, weights, best.costs, in_order, search.cut)


class _Best:
    """The best placement by its exact costs, of all that have been visited."""

    def __init__(self, traffic: Traffic, config: ChipConfig, weights: Mapping[str, float], unit: Costs) -> None:
        self.evaluation = Evaluation(traffic, config)
        self.config, self.weights, self.unit = config, weights, unit
        self.tile: Ints | None = None
        self.costs: Costs | None = None
        self._key = (float("inf"), 0)

    def visit(self, tile: Ints) -> None:
        costs = self.evaluation(tile)
        key = _value(costs, self.unit, self.weights), costs.spike_hops
        if self.tile is None or key < self._key:
            self.tile, self.costs, self._key = tile.copy(), costs, key


def _balance(
    search: Search, best: _Best, weights: Mapping[str, float], end: float | None, *, keep_on_interrupt: bool
) -> None:
    """Go on from the best placement with exchanges that mind the links."""
    assert best.tile is not None
    search.deadline, search.cut = end, False
    others = sum(weight for name, weight in weights.items() if name != "worst-link")
    parts = (others or _TIE * weights["worst-link"], weights["worst-link"])
    try:
        balanced(search, Board(search, best.tile), best.config.routing, parts, best.visit)
    except KeyboardInterrupt:
        if not keep_on_interrupt:
            raise
        search.cut = True


def packet_ways(
    traffic: Traffic, config: ChipConfig, objective: str | Mapping[str, float] = "spike-hops"
) -> tuple[Distances, int]:
    """Return what a packet costs between tiles, in hops, energy, or of both what is asked for, and wherever it goes.

    The second is in the unit of the first, and 0 without energy. Errors are as in `place_on_chip`.
    """
    return _ways(traffic, config, checked_objective(objective))


def _ways(traffic: Traffic, config: ChipConfig, weights: Mapping[str, float]) -> tuple[Distances, int]:
    grid = TileGrid.of(config)
    hops = Distances.hops(grid)
    if "energy" not in weights:
        return hops, 0
    parts = np.array(energy_ways(config))
    in_order = np.arange(traffic.clusters, dtype=np.int64)
    fine = np.round(_FINE * parts / parts.max()).astype(int).tolist()
    energy = Distances.weighted(grid, *fine).cost(traffic, in_order) / _FINE * parts.max()
    # All packets together cost so much more than their ways.
    leave = (evaluate(traffic, in_order, config).energy_pj - energy) / max(1, int(traffic.packets.sum()))
    if "spike-hops" in weights:
        share = weights["energy"] / max(energy, 1e-300)
        hop = np.array([1, 1, hops.apart]) / max(1, hops.cost(traffic, in_order))
        parts, leave = share * parts + weights["spike-hops"] * hop, share * leave
    scale = _FINE / parts.max()
    return Distances.weighted(grid, *np.round(scale * parts).astype(int).tolist()), max(0, round(scale * leave))
