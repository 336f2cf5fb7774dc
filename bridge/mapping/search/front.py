"""Mappings none of which is better than another in every objective: NSGA-II over the placements of some partitions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...config import ChipConfig
from ...errors import MappingError
from ..network import Network
from ..partition import SEARCHES, ClusterLimits, Effort, Partition, find_partition
from ..placement import Traffic, evaluate, pareto_placements
from ..placement.pareto import ParetoInterrupted
from ..placement.search import Progress
from .find import AUTO_PARTITIONS
from .objective import Objective, counted_values
from .placed import mapping_of, report_of
from .trial import Trial

__all__ = ["Front", "search_front"]

_PARTING = 0.25
"""Share of the time that goes to the partitions."""

_METHOD = "nsga2"


class Front(NamedTuple):
    """What a search for trade-offs has found.

    Attributes
    ----------
    points
        The front, ascending by the first objective; ``value`` is the mean of all objectives, each divided by what it is
        with the same clusters in order.
    cut
        Whether the search ended before it was done, because the time was up or of Ctrl-C.
    interrupted
        Whether it was Ctrl-C.
    """

    points: tuple[Trial, ...]
    cut: bool
    interrupted: bool


def search_front(
    network: Network,
    config: ChipConfig,
    objectives: Sequence[str],
    *,
    partitions: Sequence[str] | None = None,
    tiles: int | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    weights: Network | None = None,
    progress: Progress | None = None,
) -> Front:
    """Search for the trade-offs of several counted objectives.

    The placements of every partition are searched by `pareto_placements`; of all of them together those stay that no
    other one is as good as in every objective, by the spikes of ``network``.

    Parameters
    ----------
    network, config
        The network and the chip.
    objectives
        Names of `OBJECTIVES`, two or more.
    partitions
        Names of methods; None for those of the search for a mapping.
    tiles, weights, progress
        As for `search_mapping`.
    seed, time_limit
        Without a limit, in seconds, or if it is not reached, the same seed gives the same front.

    Ctrl-C ends the search with what it has; before it has anything, it raises ``KeyboardInterrupt``.

    Raises
    ------
    MappingError
        If the network does not fit by any of the partitions; the message says what would.
    ValueError
        If a method or objective is unknown, there are fewer than two objectives, the time limit is not positive, or
        there are not so many tiles.
    ModuleNotFoundError
        If pymoo is not installed; says how.
    """
    names = list(partitions or AUTO_PARTITIONS)
    for name in names:
        if name not in SEARCHES:
            raise ValueError(f"partition must be one of {', '.join(SEARCHES)}, not {name!r}")
    if time_limit is not None and not 0 < time_limit < float("inf"):
        raise ValueError(f"time_limit must be a positive number of seconds, not {time_limit}")
    counted, limits = weights or network, ClusterLimits.of_chip(config)
    end = None if time_limit is None else time.monotonic() + time_limit
    found: list[Trial] = []
    failures: dict[str, str] = {}
    known: set[bytes] = set()
    cut = interrupted = False
    for number, name in enumerate(names):
        share = None if end is None else max(1e-3, (end - time.monotonic()) / (len(names) - number))
        begin = time.monotonic()
        effort = Effort.within(None if share is None else share * _PARTING, seed)
        try:
            parts = find_partition(counted, limits, method=name, effort=effort, clusters=tiles)
        except MappingError as error:
            failures[name] = str(error)
            continue
        except KeyboardInterrupt:
            interrupted = True
            break
        if parts.cluster.tobytes() in known:  # another method found the same
            continue
        known.add(parts.cluster.tobytes())
        left = None if share is None else max(1e-3, share - (time.monotonic() - begin))
        try:
            placements = pareto_placements(
                Traffic.of(counted, parts.cluster, parts.clusters),
                config,
                objectives,
                seed,
                time_limit=left,
                progress=None if progress is None else _naming(name, progress),
            )
        except KeyboardInterrupt as stop:
            placements, interrupted = stop.placements if isinstance(stop, ParetoInterrupted) else (), True
        cut = cut or any(one.cut for one in placements)
        tiles_of = [one.tile for one in placements]
        found += _trials(network, config, parts, tiles_of, objectives, name, tiles, time.monotonic() - begin)
        if interrupted:
            break
    if interrupted and not found:
        raise KeyboardInterrupt
    if not found:
        raise MappingError("; ".join(f"{name}: {reason}" for name, reason in failures.items()))
    return Front(_best(found, objectives), cut, interrupted)


def _naming(name: str, tell: Progress) -> Progress:
    def named(what: str, cost: int) -> None:
        tell(f"{name}: {what}", cost)

    return named


def _trials(
    network: Network,
    config: ChipConfig,
    parts: Partition,
    tiles: Sequence[np.ndarray],
    objectives: Sequence[str],
    method: str,
    spread: int | None,
    seconds: float,
) -> list[Trial]:
    """Return a partition's placements with what they really cost; ``tiles`` has arrays of shape (clusters,)."""
    traffic = Traffic.of(network, parts.cluster, parts.clusters)
    goal = Objective.of(dict.fromkeys(objectives, 1 / len(objectives)))
    base = counted_values(evaluate(traffic, np.arange(parts.clusters, dtype=np.int64), config))
    trials = []
    for tile in tiles:
        costs, mapping = evaluate(traffic, tile, config), mapping_of(parts, tile, config)
        values = counted_values(costs)
        report = report_of(network, config, parts, traffic, tile, mapping, (method, _METHOD))
        trials.append(
            Trial(
                method, _METHOD, spread, seconds, values, costs.packets, goal.value(values, base), mapping, report
            )
        )  # fmt: skip
    return trials


def _best(trials: Sequence[Trial], objectives: Sequence[str]) -> tuple[Trial, ...]:
    """Return those that no other is as good as in every objective; of equal ones the first."""
    by_costs: dict[tuple[float, ...], Trial] = {}
    for trial in trials:
        by_costs.setdefault(tuple(trial.values[name] for name in objectives), trial)
    return tuple(
        by_costs[costs]
        for costs in sorted(by_costs)
        if not any(other != costs and all(a <= b for a, b in zip(other, costs, strict=True)) for other in by_costs)
    )
