"""One mapping after the other, each noted with what it costs: what a search is made of."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from collections.abc import Mapping as Values
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...config import ChipConfig
from ...errors import MappingError
from ..network import Network
from ..partition import ClusterLimits, Effort, Partition, find_partition
from ..placement import Traffic, evaluate, place_on_chip
from ..placement.on_chip import packet_ways
from ..tile_mapping import Mapping
from .neuron_moves import move_neurons
from .objective import Objective, counted_values
from .placed import mapping_of, report_of
from .trial import Trial

__all__ = ["MOVED", "Attempts", "Progress", "Simulate"]

MOVED = "+ moves"
"""Follows the placement's method where single neurons were moved afterwards."""

# Of the time for an attempt: its partition, and its placement of what is left then.
_PARTING, _PLACING = 0.8, 0.6

Simulate = Callable[[Mapping], Values[str, float]]
"""Runs the chip with a mapping, and returns the simulated objectives by name."""

Progress = Callable[[str, float | None], None]
"""Called with what is being tried, and the best value so far, None if there is none yet."""


@dataclass
class Attempts:
    """A search in progress: what `search_mapping` was given, the time by which it must end, and what was tried."""

    network: Network
    weights: Network
    config: ChipConfig
    goal: Objective
    seed: int
    time_limit: float | None
    simulate: Simulate | None
    progress: Progress | None
    tiles: int | None
    trials: list[Trial]
    base: Values[str, float] | None = None
    parts: dict[tuple[str, int | None, int], Partition] = field(default_factory=dict)
    parting: dict[tuple[str, int | None], float] = field(default_factory=dict)
    """The most seconds that a partition by a method, over so many tiles, has taken."""
    fixed: float = 0.0
    """The most seconds that an attempt has taken apart from its partition, its placement and its moves."""

    def __post_init__(self) -> None:
        self.end = math.inf if self.time_limit is None else time.monotonic() + self.time_limit
        self.limits = ClusterLimits.of_chip(self.config)
        self.moves = self.goal.only_ways and not self.config.multicast

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.end - time.monotonic())

    @property
    def best(self) -> Trial:
        """The best trial so far, which may have failed."""
        return min(self.trials, key=Trial.order)

    def make(
        self,
        partition: str,
        placement: str,
        spread: int | None,
        *,
        seconds: float,
        again: int = 0,
        parted: int = 0,
        moved: bool = False,
    ) -> None:
        """Try one mapping within so many seconds, and note what came of it.

        ``again`` and ``parted`` number the random numbers of the placement and of the partition. ``moved`` is whether
        single neurons are moved afterwards.
        """
        begin, deadline = time.monotonic(), time.monotonic() + seconds
        moved = moved and self.moves
        name = f"{placement} {MOVED}" if moved else placement
        self.tell(partition, name, spread)
        try:
            parts = self._partition(partition, spread, parted, deadline)
            start = time.monotonic()
            traffic = Traffic.of(self.weights, parts.cluster, parts.clusters)
            limit = None
            if not math.isinf(deadline):
                limit = max(1e-3, (deadline - time.monotonic() - self.fixed) * (_PLACING if moved else 1.0))
            preparing = time.monotonic()
            found = place_on_chip(
                traffic, self.config, placement, self.goal.counted, self.seed + again, time_limit=limit
            )
            tile: npt.NDArray[np.integer] = found.tile[parts.cluster]
            if moved:
                tile = self._moved(tile, traffic, deadline)
            done = time.monotonic()
            trial = self._trial(tile, partition, name, spread, begin)
            self.fixed = max(self.fixed, preparing - start + time.monotonic() - done)
        except MappingError as error:
            trial = Trial(partition, name, spread, time.monotonic() - begin, {}, failure=str(error))
        self.trials.append(trial)

    def go_on(self, trial: Trial, *, seconds: float, again: int) -> None:
        """Place the clusters of a trial again from where they are, move single neurons, and note what came of it."""
        assert trial.mapping is not None
        begin, deadline = time.monotonic(), time.monotonic() + seconds
        self.tell(trial.partition, trial.placement, trial.spread)
        used, cluster = np.unique(trial.mapping.tile, return_inverse=True)
        traffic = Traffic.of(self.weights, cluster.astype(np.int64), len(used))
        limit = None if math.isinf(deadline) else max(1e-3, (deadline - time.monotonic() - self.fixed) * _PLACING)
        found = place_on_chip(
            traffic,
            self.config,
            "optimised",
            self.goal.counted,
            self.seed + again,
            time_limit=limit,
            start=used.astype(np.int64),
        )
        tile: npt.NDArray[np.integer] = found.tile[cluster]
        if self.moves:
            tile = self._moved(tile, traffic, deadline)
        self.trials.append(self._trial(tile, trial.partition, trial.placement, trial.spread, begin))

    def tell(self, partition: str, placement: str, spread: int | None) -> None:
        """Tell what is being tried."""
        if self.progress is not None:
            value = min((trial.value for trial in self.trials), default=math.inf)
            words = f"{partition}, {placement}" + ("" if spread is None else f", over {spread} tiles")
            self.progress(words, None if math.isinf(value) else value)

    def _partition(self, method: str, spread: int | None, again: int, deadline: float) -> Partition:
        known = self.parts.get((method, spread, again))
        if known is not None:
            return known
        begin = time.monotonic()
        seconds = None if math.isinf(deadline) else max(1e-3, (deadline - begin) * _PARTING)
        parts = find_partition(
            self.weights,
            self.limits,
            method=method,
            effort=Effort.within(seconds, self.seed + again),
            clusters=spread,
        )
        self.parting[method, spread] = max(self.parting.get((method, spread), 0.0), time.monotonic() - begin)
        return self.parts.setdefault((method, spread, again), parts)

    def _moved(self, tile: npt.NDArray[np.integer], traffic: Traffic, deadline: float) -> npt.NDArray[np.int32]:
        ways, leave = packet_ways(traffic, self.config, self.goal.counted)
        end = deadline - self.fixed
        return move_neurons(self.weights, self.limits, tile, ways, leave=leave, most_tiles=self.tiles, deadline=end)

    def _trial(
        self, tile: npt.NDArray[np.integer], method: str, placement: str, spread: int | None, begin: float
    ) -> Trial:
        used, cluster = np.unique(tile, return_inverse=True)
        parts = Partition(cluster.astype(np.int64), len(used), method, 0, {}, {})
        where = used.astype(np.int64)
        real = Traffic.of(self.network, parts.cluster, parts.clusters)
        costs = evaluate(real, where, self.config)
        values = counted_values(costs)
        mapping = mapping_of(parts, where, self.config)
        if self.goal.simulated and self.simulate is not None:
            values |= self.simulate(mapping)
        if self.base is None:
            self.base = values
        report = report_of(self.network, self.config, parts, real, where, mapping, (method, placement))
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
