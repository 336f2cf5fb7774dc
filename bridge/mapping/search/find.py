"""Try partitions, numbers of tiles and placements within a time, and keep the best mapping."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...config import ChipConfig
from ...errors import MappingError
from ..network import Network
from ..partition import SEARCHES
from ..placement import METHODS as PLACEMENTS
from .attempts import Attempts, Progress, Simulate
from .automatic import AUTO_PARTITIONS, search_automatically
from .objective import Objective
from .precompile import precompile
from .trial import Trial

__all__ = ["AUTO_PARTITIONS", "MappingSearch", "search_mapping"]


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
    more. Where packets go their own ways and only hops or energy count, single neurons are then moved between tiles
    (`move_neurons`). If time is left, the best is parted and placed again from other random numbers until it is up.

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
        Seconds that the search may take; None for as long as its methods take, once. The methods are compiled or loaded
        before, which takes half a minute on a machine that has not mapped yet, and a second in a new process.
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
    if time_limit is not None:
        if progress is not None:
            progress("loading the methods, which are compiled once on a machine", None)
        precompile(config.topology, "spike-hops" if goal.only_ways else "worst-link")
    attempts = Attempts(
        network, weights or network, config, goal, seed, time_limit, simulate, progress, tiles, search.trials
    )
    try:
        if partitions is None and placements is None:
            for rounds in search_automatically(attempts):
                search.rounds = rounds
        else:
            pairs = list(itertools.product(partitions or AUTO_PARTITIONS, placements or ("optimised",)))
            for number, (partition, placement) in enumerate(pairs):
                attempts.make(partition, placement, tiles, seconds=attempts.left / (len(pairs) - number))
    except KeyboardInterrupt:
        search.interrupted = True
    search.best  # noqa: B018 - raises if there is none
    return search
