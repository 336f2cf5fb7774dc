"""Try partitions, numbers of tiles and placements within a time, and keep the best mapping."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Values
from dataclasses import dataclass, field

from ...config import ChipConfig
from ...errors import MappingError
from ..network import Network
from ..partition import BASELINES, SEARCHES, ClusterLimits, Effort, Partition, find_partition
from ..placement import METHODS as PLACEMENTS
from ..placement import Traffic, evaluate, place_on_chip
from ..tile_mapping import Mapping
from .objective import Objective, counted_values
from .placed import mapping_of, report_of
from .trial import Trial

__all__ = ["AUTO_PARTITIONS", "MappingSearch", "search_mapping"]

AUTO_PARTITIONS = tuple(name for name in SEARCHES if name not in BASELINES)
"""The partition methods that the search tries if it is not told which."""

_SPREADS = (1.25, 1.6, 2.0, 3.0)
"""Times the tiles that a partition of its own choice takes, over which neurons are spread where room may help."""

_IDLE_ROUNDS = 20
"""The search goes on from the best so often without finding better, and then ends."""

Simulate = Callable[[Mapping], Values[str, float]]
"""Runs the chip with a mapping, and returns the simulated objectives by name."""

Progress = Callable[[str, float | None], None]
"""Called with what is being tried, and the best value so far, None if there is none yet."""


@dataclass
class MappingSearch:
    """A search and its trials, in the order in which they were made.

    Attributes
    ----------
    objective
        What was to be small.
    trials
        All that was tried.
    interrupted
        It was stopped by Ctrl-C, with the best so far.
    rounds
        How often the best was parted and placed once more; only what was better is among the trials.
    """

    objective: Objective
    trials: list[Trial] = field(default_factory=list)
    interrupted: bool = False
    rounds: int = 0

    @property
    def best(self) -> Trial:
        """The trial of the smallest value, of equal ones that with the least load of links, and of these the first.

        Raises `MappingError` if all failed.
        """
        found = [trial for trial in self.trials if trial.mapping is not None]
        if not found:
            reasons = dict.fromkeys(f"{trial.partition}: {trial.failure}" for trial in self.trials)
            raise MappingError("; ".join(reasons) or "the search was stopped before it had found a mapping")
        return min(found, key=Trial.order)

    @property
    def value(self) -> float | None:
        """The best value so far; None if there is none."""
        value = min((trial.value for trial in self.trials), default=math.inf)
        return None if math.isinf(value) else value


def search_mapping(
    network: Network,
    config: ChipConfig,
    *,
    partitions: Sequence[str] | None = None,
    placements: Sequence[str] | None = None,
    objective: str | Values[str, float] = "spike-hops",
    tiles: int | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    weights: Network | None = None,
    simulate: Simulate | None = None,
    progress: Progress | None = None,
) -> MappingSearch:
    """Search for a mapping; its trials are compared by what they really cost on the chip.

    The first trial is everything in order, so that no search without ``partitions`` and ``placements`` is worse. Then
    come the methods, each with as few tiles as it needs, and where room may help (`Objective.wants_room`), spread over
    more. If time is left, the best is refined and placed again from other random numbers until it is up.

    Parameters
    ----------
    network
        The network; if its spikes are unknown, each neuron counts one.
    config
        The chip.
    partitions, placements
        Names of methods, which are all tried with each other, once; None for the search's own choice.
    objective
        A name of `OBJECTIVES` or `SIMULATED`, or weights of several.
    tiles
        Spread the neurons over so many tiles, or nearly; None leaves the number to the search.
    seed
        The same seed gives the same mapping, unless the time was up.
    time_limit
        Seconds that the search may take; None for as long as its methods take, once.
    weights
        The same network with what its neurons count in the search (`weighted`); by default ``network``.
    simulate
        What runs the chip, for `SIMULATED` objectives.
    progress
        Told what is going on.

    Raises
    ------
    MappingError
        If the network does not fit by any method tried; the message says what would.
    ValueError
        If a method or objective is unknown, an objective needs a run and nothing runs the chip, the time limit is not
        positive, or there are not so many tiles.
    """
    goal = Objective.of(objective)
    for what, names, known in (("partition", partitions, SEARCHES), ("placement", placements, PLACEMENTS)):
        for name in names or ():
            if name not in known:
                raise ValueError(f"{what} must be one of {', '.join(known)}, not {name!r}")
    if goal.simulated and simulate is None:
        raise ValueError(f"objective {goal.simulated[0]} needs the spikes of a trace to run the chip with")
    if time_limit is not None and not 0 < time_limit < math.inf:
        raise ValueError(f"time_limit must be a positive number of seconds, not {time_limit}")
    search = MappingSearch(goal)
    work = _Work(network, weights or network, config, goal, seed, time_limit, simulate, progress, search)
    try:
        if partitions is None and placements is None:
            work.automatic(tiles)
        else:
            for partition, placement in itertools.product(partitions or AUTO_PARTITIONS, placements or ("optimised",)):
                work.attempt(partition, placement, tiles, share=1.0)
    except KeyboardInterrupt:
        search.interrupted = True
    search.best  # noqa: B018 - raises if there is none
    return search


@dataclass
class _Work:
    """The search in progress: what `search_mapping` was given, and the time by which it must end."""

    network: Network
    weights: Network
    config: ChipConfig
    goal: Objective
    seed: int
    time_limit: float | None
    simulate: Simulate | None
    progress: Progress | None
    search: MappingSearch
    base: Values[str, float] | None = None
    parts: dict[tuple[str, int | None, int], Partition] = field(default_factory=dict)
    parting: dict[tuple[str, int | None], float] = field(default_factory=dict)
    """The most seconds that a partition by a method, over so many tiles, has taken."""
    fixed: float = 0.0
    """The most seconds that an attempt has taken apart from its partition and the search for its placement."""

    def __post_init__(self) -> None:
        self.end = math.inf if self.time_limit is None else time.monotonic() + self.time_limit
        self.limits = ClusterLimits.of_chip(self.config)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.end - time.monotonic())

    def automatic(self, tiles: int | None) -> None:
        """Try everything in order, then the methods, then go on from the best."""
        self.attempt("in-order", "in-order", tiles, share=1.0)
        plan = list(self._plan(tiles))
        for number, (partition, spread) in enumerate(plan):
            if self.left <= 0:
                return
            self.attempt(partition, "optimised", spread, share=1 / (len(plan) - number + 1))
        if self.time_limit is not None:
            self._polish()

    def _plan(self, tiles: int | None) -> Iterator[tuple[str, int | None]]:
        for partition in AUTO_PARTITIONS:
            yield partition, tiles
        if self.goal.wants_room:
            yield "unicast", tiles  # more packets, and often a more even load
        if tiles is not None or not self.goal.wants_room:
            return
        least = -(-self.network.neurons // self.limits.neurons)
        found = [trial.tiles for trial in self.search.trials if trial.tiles is not None]
        least = max(1, min(found, default=least))
        counts = sorted({min(self.config.tiles, math.ceil(least * times)) for times in _SPREADS} | {self.config.tiles})
        for count in counts:
            for partition in ("overlap", "km1"):
                yield partition, count

    def _polish(self) -> None:
        """Place the best again from other random numbers, and in every second round part it anew before that.

        As long as there is time and something is found. No round is begun for which there is no time, by what others
        have taken apart from the search for a placement. Rounds that find nothing better are counted, and leave no
        trial.
        """
        idle = parted = 0
        for number in itertools.count(1):
            best = min(self.search.trials, key=Trial.order)
            if best.mapping is None or best.value == 0 or self.left <= 0 or idle == _IDLE_ROUNDS:
                return
            parting = number % 2 == 0 and self.left > self.fixed + self.parting.get((best.partition, best.spread), 0.0)
            if not parting and self.left <= self.fixed:
                return
            source = number if parting else parted
            self.attempt(best.partition, "optimised", best.spread, share=1.0, again=number, parted=source)
            self.search.rounds += 1
            if self.search.trials[-1].order() < best.order():
                idle, parted = 0, source
            else:
                idle += 1
                self.search.trials.pop()

    def attempt(
        self, partition: str, placement: str, spread: int | None, *, share: float, again: int = 0, parted: int = 0
    ) -> None:
        """Try one mapping within a share of the time that is left, and note what came of it.

        ``again`` and ``parted`` number the random numbers of the placement and of the partition.
        """
        begin = time.monotonic()
        if self.progress is not None:
            words = f"{partition}, {placement}" + ("" if spread is None else f", over {spread} tiles")
            self.progress(words, self.search.value)
        try:
            parts = self._partition(partition, spread, share, parted)
            trial = self._placed(parts, partition, placement, spread, share, again, begin)
        except MappingError as error:
            seconds = time.monotonic() - begin
            trial = Trial(partition, placement, spread, seconds, {}, failure=str(error))
        self.search.trials.append(trial)

    def _partition(self, method: str, spread: int | None, share: float, again: int) -> Partition:
        known = self.parts.get((method, spread, again))
        if known is not None:
            return known
        begin = time.monotonic()
        effort = Effort.within(None if math.isinf(self.end) else max(1e-3, self.left * share / 2), self.seed + again)
        parts = find_partition(
            self.weights,
            self.limits,
            method=method,
            effort=effort,
            clusters=spread,
            refined=method not in BASELINES and method != "in-order",
        )
        self.parting[method, spread] = max(self.parting.get((method, spread), 0.0), time.monotonic() - begin)
        return self.parts.setdefault((method, spread, again), parts)

    def _placed(
        self, parts: Partition, method: str, placement: str, spread: int | None, share: float, again: int, begin: float
    ) -> Trial:
        start = time.monotonic()
        traffic = Traffic.of(self.weights, parts.cluster, parts.clusters)
        before = time.monotonic()
        limit = None if math.isinf(self.end) else max(1e-3, (self.left - self.fixed) * share)
        found = place_on_chip(traffic, self.config, placement, self.goal.counted, self.seed + again, time_limit=limit)
        placing = time.monotonic() - before
        real = traffic if self.weights is self.network else Traffic.of(self.network, parts.cluster, parts.clusters)
        costs = evaluate(real, found.tile, self.config)
        values = counted_values(costs)
        mapping = mapping_of(parts, found.tile, self.config)
        if self.goal.simulated and self.simulate is not None:
            values |= self.simulate(mapping)
        if self.base is None:
            self.base = values
        report = report_of(self.network, self.config, parts, real, found.tile, mapping, (method, placement))
        self.fixed = max(self.fixed, time.monotonic() - start - placing)
        return Trial(
            method,
            placement,
            spread,
            time.monotonic() - begin,
            values,
            costs.packets,
            self.goal.value(values, self.base),
            mapping,
            report,
        )
