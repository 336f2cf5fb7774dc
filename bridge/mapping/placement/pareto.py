"""Placements none of which is better than another in every objective: NSGA-II over placements."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...config import ChipConfig
from ...tile_grid import TileGrid
from .costs import OBJECTIVES, Costs, Evaluation
from .on_chip import ChipPlacement, checked_objective, place_on_chip
from .search import Progress
from .traffic import Traffic

__all__ = ["ParetoInterrupted", "pareto_placements"]

Ints = npt.NDArray[np.int64]

_MISSING = 'several objectives need pymoo, which comes with: pip install "synaptile[explore]"'


class ParetoInterrupted(KeyboardInterrupt):
    """Ctrl-C in a search for trade-offs; ``placements`` are those of `pareto_placements` until then."""

    def __init__(self, placements: tuple[ChipPlacement, ...]) -> None:
        super().__init__()
        self.placements = placements


def pareto_placements(
    traffic: Traffic,
    config: ChipConfig,
    objectives: Sequence[str] = tuple(OBJECTIVES),
    seed: int = 0,
    *,
    population: int = 40,
    generations: int = 60,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> tuple[ChipPlacement, ...]:
    """Search for the trade-offs of several objectives, by NSGA-II (Deb and others, 2002; pymoo).

    It begins with the placements that `place_on_chip` finds for each objective and for equal weights of all, and with
    such in which some clusters have exchanged their tiles. A child has each cluster where one of its parents has it, as
    far as that can be (cycle crossover); then some of its clusters exchange tiles with near ones.

    Parameters
    ----------
    traffic, config, seed
        As for `place_on_chip`.
    objectives
        Names of `OBJECTIVES`, two or more.
    population, generations
        Placements kept at a time, at least 4, and how often they are renewed.
    time_limit
        Seconds after which the placements found so far are taken; half of them go to those to begin with. Without, or
        if it is not reached, the same seed gives the same placements.
    progress
        As for `place`.

    Returns
    -------
    tuple of ChipPlacement
        Ascending by the first objective; no two with the same costs. Only placements that a chip with this traffic
        could have, by their exact costs.

    Raises
    ------
    ValueError
        As `place_on_chip`; if there are fewer than two objectives, one is named twice, or a number is too small.
    ModuleNotFoundError
        If pymoo is not installed; says how.
    ParetoInterrupted
        On Ctrl-C after the placements to begin with; before, ``KeyboardInterrupt``.
    """
    weights = checked_objective(dict.fromkeys(objectives, 1.0))
    if len(weights) < 2 or len(weights) != len(objectives):
        raise ValueError(f"objectives must be two or more, none twice, not {', '.join(objectives)}")
    if population < 4:
        raise ValueError(f"population must be at least 4, not {population}")
    if generations < 1:
        raise ValueError(f"generations must be at least 1, not {generations}")
    try:
        from .nsga import FrontInterrupted, front
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(_MISSING) from error
    begin = time.monotonic()
    share = None if time_limit is None else time_limit / 2 / (len(weights) + 1)
    alone: list[dict[str, float]] = [{name: 1.0} for name in weights]
    starts = [
        place_on_chip(traffic, config, objective=objective, seed=seed, time_limit=share, progress=progress)
        for objective in (*alone, weights)
    ]
    evaluation = Evaluation(traffic, config)
    names = list(weights)

    def values(tile: Ints) -> list[float]:
        costs = evaluation(tile)
        return [float(OBJECTIVES[name](costs)) for name in names]

    interrupted = False
    try:
        found, cut = front(
            values,
            [one.tile for one in starts],
            TileGrid.of(config),
            seed=seed,
            population=population,
            generations=generations,
            deadline=None if time_limit is None else begin + time_limit,
            progress=progress,
        )
    except FrontInterrupted as stop:
        found, cut, interrupted = stop.found, True, True
    cut = cut or any(one.cut for one in starts)
    in_order = evaluation(np.arange(traffic.clusters, dtype=np.int64))
    best: dict[tuple[float, ...], tuple[Ints, Costs]] = {}
    for tile in (*(one.tile for one in starts), *found):
        best.setdefault(tuple(values(tile)), (tile, evaluation(tile)))
    placements = tuple(
        ChipPlacement(tile, "nsga-ii", weights, costs, in_order, cut)
        for key, (tile, costs) in sorted(best.items(), key=lambda item: item[0])
        if not any(_dominates(other, key) for other in best)
    )
    if interrupted:
        raise ParetoInterrupted(placements)
    return placements


def _dominates(one: Any, two: Any) -> bool:
    """Tell whether the first is as good in every objective and not the same."""
    return one != two and all(a <= b for a, b in zip(one, two, strict=True))
