"""Where trials are run: in this process, in processes of its own, or by any executor such as a cluster's.

Each gives the outcomes as they come; the order makes no difference to a study.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from ..trial import Outcome, State
from .evaluation import evaluate
from .job import Job

__all__ = ["ExecutorWorkers", "InProcess", "Processes", "Workers", "dask_executor"]

Done = tuple[int, Outcome]
"""A trial's number and its outcome."""


class Workers(Protocol):
    """What runs jobs."""

    def run(self, jobs: Iterable[Job], begin: Callable[[int], None]) -> Iterator[Done]:
        """Yield outcomes as they come; jobs are taken when there is room for them, and ``begin`` is told."""
        ...

    def close(self) -> None:
        """End what is still running."""
        ...


class InProcess:
    """One job after the other, in this process."""

    def run(self, jobs: Iterable[Job], begin: Callable[[int], None]) -> Iterator[Done]:
        """Run each job when its outcome is asked for, in the order of the jobs.

        What kills this process, and Ctrl-C, end the study; all other failures of a trial are its outcome.
        """
        for job in jobs:
            begin(job.number)
            yield job.number, evaluate(job)

    def close(self) -> None:
        """Do nothing: nothing runs between jobs."""


class Processes:
    """So many processes. One that dies costs the trial that it ran, and another takes its place.

    Each is a pool of one, so that it is known whose trial it was.
    """

    def __init__(self, count: int) -> None:
        self._pools: list[ProcessPoolExecutor] = [_pool() for _ in range(count)]

    def run(self, jobs: Iterable[Job], begin: Callable[[int], None]) -> Iterator[Done]:
        """Keep every process at a job, and yield outcomes in the order in which jobs end.

        A job is taken when a process is free for it. One whose process dies has failed, and is not tried again.
        """
        waiting = iter(jobs)
        free = list(range(len(self._pools)))
        running: dict[Future[Outcome], tuple[int, Job]] = {}
        while True:
            while free:
                job = next(waiting, None)
                if job is None:
                    break
                slot = free.pop(0)
                begin(job.number)
                running[self._submit(slot, job)] = slot, job
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda one: running[one][0]):
                slot, job = running.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    outcome = _lost("the worker died")
                except Exception as error:  # what cannot travel between processes
                    outcome = _lost(f"{type(error).__name__}: {error}")
                free.append(slot)
                yield job.number, outcome

    def _submit(self, slot: int, job: Job) -> Future[Outcome]:
        with _signals_held():  # the first job starts the process and the threads that feed it, which inherit that
            try:
                return self._pools[slot].submit(evaluate, job)
            except BrokenProcessPool:  # its process died, with a trial or with nothing to do
                self._pools[slot].shutdown(wait=False)
                self._pools[slot] = _pool()
                return self._pools[slot].submit(evaluate, job)

    def close(self) -> None:
        """End the processes, whatever they do."""
        for pool in self._pools:
            processes = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                with contextlib.suppress(OSError, ValueError):
                    process.terminate()
        for pool in self._pools:
            with contextlib.suppress(Exception):
                pool.shutdown(wait=True)


class ExecutorWorkers:
    """Any executor, which is not shut down; it has so many jobs at a time."""

    def __init__(self, executor: Executor, at_once: int, close: Callable[[], None] | None = None) -> None:
        self._executor = executor
        self._at_once = at_once
        self._close = close

    def run(self, jobs: Iterable[Job], begin: Callable[[int], None]) -> Iterator[Done]:
        """Keep ``at_once`` jobs with the executor, and yield outcomes in the order in which jobs end.

        A job for which the executor raises, such as because its worker was lost, has failed, and is not tried again.
        Jobs that have not begun are taken back if the caller stops early.
        """
        waiting = iter(jobs)
        running: dict[Future[Outcome], Job] = {}
        try:
            while True:
                while len(running) < self._at_once and (job := next(waiting, None)) is not None:
                    begin(job.number)
                    running[self._executor.submit(evaluate, job)] = job
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    job = running.pop(future)
                    try:
                        outcome = future.result()
                    except Exception as error:  # of the executor, for the trial's own are outcomes
                        outcome = _lost(f"the worker was lost: {type(error).__name__}: {_first_line(error)}")
                    yield job.number, outcome
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """Let go of a cluster that was started for this."""
        if self._close is not None:
            self._close()


def _lost(why: str) -> Outcome:
    return Outcome(State.FAILED, error=why, repeatable=False)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else ""


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Have Ctrl-C wait and broken pipes be errors: in this thread until the end of this, in what it starts for ever.

    Else what writes to a process that died ends this one, if something has set SIGPIPE so.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGPIPE})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that started this one, and end when that does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def dask_executor(where: str) -> tuple[Executor, int, Callable[[], None]]:
    """Return the executor of a Dask cluster, how many jobs it takes at a time, and what lets go of it.

    ``where`` is its scheduler's address such as ``tcp://host:8786``, or ``local:2`` for two processes here. Raises
    ``ModuleNotFoundError`` if Dask is not installed, ``ValueError`` for another word, and ``OSError`` if there is no
    scheduler.
    """
    from ..optuna_extra import library

    distributed: Any = library("distributed", "dask")
    cluster = None
    if where.startswith("local:"):
        count = where.removeprefix("local:")
        if not (count.isdecimal() and 1 <= int(count) <= 1024):
            raise ValueError(f"dask must be local:N with N in 1..1024, or an address, not {where!r}")
        cluster = distributed.LocalCluster(
            n_workers=int(count), threads_per_worker=1, processes=True, dashboard_address=None
        )
        client = distributed.Client(cluster)
    else:
        if "://" not in where:
            raise ValueError(f"dask must be local:N or an address such as tcp://host:8786, not {where!r}")
        client = distributed.Client(where, timeout=10)
    threads = sum(client.nthreads().values())

    def close() -> None:
        client.close()
        if cluster is not None:
            cluster.close()

    return client.get_executor(pure=False), max(2 * threads, 2), close
