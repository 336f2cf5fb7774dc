"""Executors for studies in tests: trials that cost nothing, in any order of completion."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from synaptile.bridge.explore.trial import Outcome, State

__all__ = ["FormulaExecutor", "formula"]


def formula(point: Mapping[str, Any]) -> dict[str, float] | str:
    """Two objectives that contradict each other; deep buffers do not exist for short steps."""
    depth, cycles = point["buffer_depth"], point["cycles_per_step"]
    if depth > 12 and cycles < 16:
        return "no such chip"
    late = max(0, 40 - cycles)
    return {"latency_mean": 50 / depth + cycles / 100, "energy": depth * 3.0 + cycles / 7, "late_spikes": late}


class FormulaExecutor(Executor):
    """Gives each trial the numbers that a formula makes of its point.

    Parameters
    ----------
    formula
        Numbers by name of a point; or a text, with which the trial is refused.
    shuffle
        Seed of the order in which trials complete; None completes each at once.
    stop_after
        Ctrl-C comes when so many trials have been given; None for never.
    """

    def __init__(
        self,
        formula: Callable[[Mapping[str, Any]], dict[str, float] | str],
        *,
        shuffle: int | None = None,
        stop_after: int | None = None,
    ) -> None:
        self._formula = formula
        self._random = None if shuffle is None else random.Random(shuffle)
        self._stop_after = stop_after
        self.points: list[dict[str, Any]] = []

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take a trial."""
        (job,) = args
        if self._stop_after is not None and len(self.points) >= self._stop_after:
            raise KeyboardInterrupt
        self.points.append(dict(job.point))
        found = self._formula(job.point)
        outcome = Outcome(State.REFUSED, error=found) if isinstance(found, str) else Outcome(State.DONE, found)
        future: Future[Outcome] = Future()
        if self._random is None:
            future.set_result(outcome)
            return future
        future.set_running_or_notify_cancel()
        threading.Timer(0.003 * self._random.random(), future.set_result, [outcome]).start()
        return future
