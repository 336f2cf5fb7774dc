"""The search's own choice: which methods are tried within a time, and what is done with the time that is left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from ..partition.searches import km1_seconds
from .attempts import Attempts

__all__ = ["AUTO_PARTITIONS", "search_automatically"]

AUTO_PARTITIONS = ("in-order", "km1", "overlap", "refined")
"""The partition methods that the search tries if it is not told which, in this order."""

_SPREADS = (1.25, 1.6, 2.0, 3.0)
"""Times the tiles that a partition of its own choice takes, over which neurons are spread where room may help."""

_IDLE_ROUNDS = 100
"""The search goes on from the best so often without finding better, and then ends."""

_SHARES = {"in-order": 1.0, "refined": 1.0, "overlap": 2.0, "km1": 5.0}
"""How the time is shared out; a method that needs less leaves the rest to those after it."""

_ROUNDS, _LEFT = 1.0, 0.4
"""The share of going on from the best; and of all the time, what is left to that at least."""

_ROUND = 0.12
"""The share of all the time that a round may take."""

_KM1 = 0.6
"""The share of the time within which km1 must be done by itself, to be tried."""


def search_automatically(attempts: Attempts) -> Iterator[int]:
    """Try everything in order, then the methods, then go on from the best; yield the rounds of that as they are done.

    Rounds place the clusters of the best again from where they are, and every second one parts the network anew, as
    long as there is time and something is found. No round is begun for which there is no time, by what others have
    taken. Rounds that find nothing better are counted, and leave no trial.
    """
    attempts.make("in-order", "in-order", attempts.tiles, seconds=attempts.left)
    plan = list(_plan(attempts))
    shares = [_SHARES.get(name, 1.0) for name, _ in plan]
    # Where room may help, the last of the plan are no worse than the first.
    least = 0.0 if attempts.time_limit is None or attempts.goal.wants_room else _LEFT * attempts.time_limit
    for number, (partition, spread) in enumerate(plan):
        if attempts.left <= least and attempts.best.mapping is not None:
            break
        seconds = attempts.left * shares[number] / (sum(shares[number:]) + _ROUNDS)
        attempts.make(partition, "optimised", spread, seconds=seconds, moved=True)
    rounds = itertools.count(1) if attempts.time_limit is not None else range(1, 2 if attempts.moves else 1)
    yield from _rounds(attempts, rounds)


def _plan(attempts: Attempts) -> Iterator[tuple[str, int | None]]:
    """Partition methods, and over how many tiles; those that need no more tiles than they must before the others."""
    tiles, goal = attempts.tiles, attempts.goal
    limit = math.inf if attempts.time_limit is None else attempts.time_limit
    for partition in AUTO_PARTITIONS:
        if partition != "km1" or km1_seconds(attempts.weights, attempts.limits) <= _KM1 * limit:
            yield partition, tiles
    if goal.wants_room:
        yield "unicast", tiles  # more packets, and often a more even load
    if tiles is not None or not goal.wants_room:
        return
    least = -(-attempts.network.neurons // attempts.limits.neurons)
    found = [trial.tiles for trial in attempts.trials if trial.tiles is not None]
    least = max(1, min(found, default=least))
    most = attempts.config.tiles
    counts = sorted({min(most, math.ceil(least * times)) for times in _SPREADS} | {most})
    for count in counts:
        for partition in ("overlap", "km1"):
            yield partition, count


def _rounds(attempts: Attempts, numbers: Iterator[int] | range) -> Iterator[int]:
    idle = parted = 0
    for number in numbers:
        best = attempts.best
        if best.mapping is None or best.value == 0 or attempts.left <= attempts.fixed or idle == _IDLE_ROUNDS:
            return
        parting = attempts.parting.get((best.partition, best.spread), 0.0)
        anew = number % 2 == 0 and attempts.left > attempts.fixed + parting
        seconds = attempts.left
        if attempts.time_limit is not None:
            seconds = min(seconds, max(_ROUND * attempts.time_limit, (2 * parting if anew else 0.0) + attempts.fixed))
        if anew or not attempts.moves:
            source = number // 2 if anew else parted
            attempts.make(
                best.partition, "optimised", best.spread, seconds=seconds, again=number, parted=source, moved=True
            )
        else:
            attempts.go_on(best, seconds=seconds, again=number)
        if attempts.trials[-1].order() < best.order():
            idle, parted = 0, number // 2 if anew else parted
        else:
            idle += 1
            attempts.trials.pop()
        yield number
