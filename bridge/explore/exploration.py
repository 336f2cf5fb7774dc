"""A study that is run: batches of trials are chosen, given to workers, and written down as they end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from .circuit_area import require_tool
from .database import Database
from .front import front
from .results.rows import results_html, results_table, rows_of, to_frame
from .running.evaluation import check_mapping
from .running.job import Job, Work, job_of, work_of
from .running.workers import ExecutorWorkers, InProcess, Processes, Workers, dask_executor
from .samplers.proposals import batch_of
from .space import key_of
from .trial import Outcome, State, Trial

if TYPE_CHECKING:
    from .study import Study

__all__ = ["DATABASE", "Exploration", "explore"]

DATABASE = "study.db"
"""The database in a study's folder, unless it is elsewhere."""

_CACHE = "cache"

Progress = Callable[[Trial, int, int], None]
"""Called after each trial with it, the trials that are over, and all of the study."""


@dataclass(frozen=True, repr=False)
class Exploration:
    """What became of a study.

    Attributes
    ----------
    study
        The study.
    trials
        Its trials by number, those that wait included.
    interrupted
        Whether Ctrl-C, or the limit of time, ended it early; running it again continues it.
    """

    study: Study
    trials: tuple[Trial, ...]
    interrupted: bool = False

    @property
    def front(self) -> list[Trial]:
        """The best trials: those of which no other is better in one objective and as good in all others."""
        return front(self.trials, self.study.wanted)

    @property
    def finished(self) -> list[Trial]:
        """The trials that are over."""
        return [trial for trial in self.trials if trial.outcome is not None]

    def of_state(self, state: State) -> list[Trial]:
        """The trials in a state."""
        return [trial for trial in self.trials if trial.state is state]

    def rows(self) -> list[dict[str, Any]]:
        """Every trial as a flat row: number, state, point, objectives, violations, error, numbers."""
        return rows_of(self.study, self.trials, self.front)

    def to_pandas(self) -> Any:
        """`rows` as a pandas data frame; ``ModuleNotFoundError`` without pandas (extra ``tables``)."""
        return to_frame(self.rows())

    def table(self) -> str:
        """The front as text."""
        return results_table(self.study, self.trials, self.front)

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<Exploration {self.study.name}: {len(self.finished)} trials, {len(self.front)} on the front>"

    def _repr_html_(self) -> str:
        """Return the front as notebooks show it."""
        return results_html(self.study, self.trials, self.front)

    def why_none(self) -> str | None:
        """Return why there is no front, in a line; None if there is one."""
        if self.front or not self.finished:
            return None
        done = self.of_state(State.DONE)
        if done:
            closest = min(done, key=lambda trial: trial.violation)
            broken = ", ".join(
                f"{text} ({_number(closest, text)})" for text, value in closest.violations.items() if value
            )
            return f"no point is feasible: none of {len(done)} holds all constraints; the nearest breaks {broken}"
        reasons = [trial.outcome.error for trial in self.finished if trial.outcome is not None]
        common = max(dict.fromkeys(reasons), key=reasons.count)
        count = f"all {len(reasons)} trials were refused or failed, {reasons.count(common)} with"
        return f"no point is feasible: {count}: {common}"


def _number(trial: Trial, text: str) -> str:
    name = text.split()[0]
    value = trial.values.get(name, trial.outcome.numbers.get(name) if trial.outcome is not None else None)
    return "undefined" if value is None else f"{value:.6g}"


def explore(
    study: Study,
    *,
    folder: str | Path | None = None,
    storage: str | None = None,
    copy_from: str | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Exploration:
    """Run a study, or what is left of it, and return what came of all of it.

    The trials are the same for any number of workers, and whether or not it was interrupted: what is chosen depends on
    the study's seed, the trial's number and the batches before only.

    Parameters
    ----------
    study
        The study.
    folder
        Where its database is, and what trials share; None keeps both in memory.
    storage
        Another database: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
    copy_from
        The database that the study was in so far: its trials are copied before it goes on, and it stays as it is.
    workers
        Processes; 1 is this one. As the study says if None. A script that calls this with more must do so under
        ``if __name__ == "__main__":``, as Python's processes want it.
    executor
        What runs trials instead, any of `concurrent.futures`; its workers must see the study's files and folder.
    dask
        Or a Dask cluster: its scheduler's address, or ``local:N``.
    progress
        Called after each trial.

    Raises
    ------
    ConfigError
        If the database has another study of the same name.
    MappingError
        If the study's mapping is of another network or chip.
    DatabaseError
        If it cannot be reached, another process runs the study, or the study to be copied is not there.
    ModuleNotFoundError
        If Optuna, or what else is needed, is not installed; the message says what to install.
    ToolUnavailable
        If the study needs an area, and what synthesises circuits is not installed.
    """
    if executor is not None and dask is not None:
        raise ConfigError("executor must be left out where dask is given")
    if copy_from is not None and copy_from == storage:
        raise ConfigError("copy_from must be another database than storage")
    if folder is not None:
        folder = Path(folder).absolute()
        folder.mkdir(parents=True, exist_ok=True)
    url = storage
    if url is None and folder is not None:
        url = f"sqlite:///{Path(folder) / DATABASE}"
    require_tool(study.needed)
    work = work_of(study, None if folder is None else folder / _CACHE)
    if not any(one.name.startswith("limits.") for one in study.dimensions):  # which divide neurons, trial by trial
        check_mapping(work, study.fixed)
    with contextlib.ExitStack() as stack:
        database = Database(study, url)
        stack.callback(database.close)
        if copy_from is not None:
            database.copy(_trials_in(study, copy_from))
        given = _workers(study, workers, executor, dask)
        stack.callback(given.close)
        run = _Run(study, database, given, work, progress)
        return run.all()


def _trials_in(study: Study, url: str) -> list[Trial]:
    database = Database(study, url, create=False)
    try:
        return database.trials()
    finally:
        database.close()


def _workers(study: Study, count: int | None, executor: Executor | None, dask: str | None) -> Workers:
    if dask is not None:
        return ExecutorWorkers(*dask_executor(dask))
    if executor is not None:
        return ExecutorWorkers(executor, 64)
    count = study.workers if count is None else count
    if count < 1:
        raise ConfigError(f"workers must be at least 1, not {count}")
    return InProcess() if count == 1 else Processes(count)


class _Run:
    """A study while it is run."""

    def __init__(
        self, study: Study, database: Database, workers: Workers, work: Work, progress: Progress | None
    ) -> None:
        self._study = study
        self._database = database
        self._workers = workers
        self._progress = progress
        self._work = work
        self._trials = database.trials()
        limit = study.time_limit
        self._until = None if limit is None else time.monotonic() + limit

    def all(self) -> Exploration:
        """Run batch after batch."""
        interrupted = False
        try:
            while (first := self._next_batch()) is not None and not self._late:
                self._choose(first)
                self._run_batch(first)
            interrupted = self._next_batch() is not None
        except KeyboardInterrupt:
            interrupted = True
        return Exploration(self._study, tuple(self._trials[: self._study.size]), interrupted)

    @property
    def _late(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def _next_batch(self) -> int | None:
        """Return the first trial of the batch that is to be run next; None if all trials are over."""
        waiting = next((trial.number for trial in self._trials if trial.outcome is None), len(self._trials))
        return None if waiting >= self._study.size else waiting - waiting % self._study.batch_size

    def _choose(self, first: int) -> None:
        """Choose the trials of a batch that are not chosen yet."""
        last = min(first + self._study.batch_size, self._study.size)
        if len(self._trials) < last:
            proposals = batch_of(self._study, self._trials, first)
            for number in range(len(self._trials), last):
                self._trials.append(self._database.add(number, proposals[number - first]))

    def _run_batch(self, first: int) -> None:
        """Run the trials of a batch that wait, each point once."""
        last = min(first + self._study.batch_size, self._study.size)
        known = {
            key_of(trial.point): trial
            for trial in reversed(self._trials)
            if trial.outcome is not None and trial.outcome.repeatable and trial.same_as is None
        }
        waiting: list[Trial] = []
        copies: list[tuple[Trial, int]] = []
        for trial in self._trials[first:last]:
            if trial.outcome is not None:
                continue
            same = known.get(key_of(trial.point))
            if same is None:
                waiting.append(trial)
                known[key_of(trial.point)] = trial
            else:
                copies.append((trial, same.number))
        for number, outcome in self._workers.run(self._jobs(waiting), self._begin):
            self._finish(self._trials[number], outcome)
        for trial, number in copies:
            first_outcome = self._trials[number].outcome
            if first_outcome is not None:
                self._finish(trial, first_outcome, same_as=number)

    def _jobs(self, trials: Sequence[Trial]) -> Iterator[Job]:
        for trial in trials:
            if self._late:
                return
            yield job_of(self._study, self._work, trial)

    def _begin(self, number: int) -> None:
        self._database.begin(self._trials[number])

    def _finish(self, trial: Trial, outcome: Outcome, *, same_as: int | None = None) -> None:
        """Judge what came of a trial, and write it down."""
        study, numbers = self._study, outcome.numbers
        values, violations = {}, {}
        if outcome.state is State.DONE:
            missing = [one.name for one in study.wanted if one.name not in numbers]
            if missing:
                has = "the script says no such score" if missing[0].startswith(("score", "accuracy")) else "undefined"
                outcome = Outcome(State.FAILED, numbers, f"{missing[0]}: {has}", outcome.simulated, outcome.seconds)
            else:
                values = {one.name: numbers[one.name] for one in study.wanted}
                violations = {str(one): one.violation(numbers.get(one.name)) for one in study.limits}
        done = trial.with_(outcome=outcome, values=values, violations=violations, same_as=same_as)
        self._database.finish(done)
        self._trials[trial.number] = done
        if self._progress is not None:
            over = sum(one.outcome is not None for one in self._trials)
            self._progress(done, over, study.size)
