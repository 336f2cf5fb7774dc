"""A trial in a worker: from a job to its outcome."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synaptile.swsim.base.whole_file import write_text
from synaptile.swsim.trace import Trace

from ...bench.fpga_tools import ToolError, ToolUnavailable
from ...chip import Chip
from ...comparison.reference import load_trace
from ...config import ChipConfig
from ...engines import EngineUnavailable
from ...errors import ConfigError, MappingError
from ...mapping import GivenMapping, Network
from ...mapping.fan_in_split import split_for_chip
from ...run import ChipRun
from ..circuit_area import areas_of
from ..names import overrides_of
from ..objectives import numbers_of
from ..space import Scalar
from ..trial import Outcome, State
from .cache import Cache, content_key
from .cached_mapping import CachedMapper
from .job import Job, Work
from .script_run import ScriptFailed, ScriptRun, run_network

__all__ = ["check_mapping", "evaluate"]


def evaluate(job: Job) -> Outcome:
    """Run a trial; whatever goes wrong in it is its outcome."""
    start = time.perf_counter()
    clock = _Clock()
    try:
        config = _base(json.dumps(job.work.chip, sort_keys=True)).replace(**overrides_of(job.point))
        cache, names = Cache(job.work.cache), job.work.numbers
        areas = clock(areas_of, config, names, cache, cores=job.work.mode == "on-chip")
        run, scores = _run(job, config, cache, clock)
        numbers = numbers_of(run, scores, names, areas)
        state, error, repeatable = State.DONE, "", True
    except (ConfigError, MappingError) as problem:
        numbers, state, error, repeatable = {}, State.REFUSED, _one_line(problem), True
    except ScriptFailed as problem:
        numbers, state, error, repeatable = {}, State.FAILED, str(problem), True
    except Exception as problem:
        # A worker goes on whatever a trial does to it.
        numbers, state, repeatable = {}, State.FAILED, False
        said = isinstance(problem, EngineUnavailable | ToolUnavailable | ToolError)
        error = _one_line(problem) if said else _named(problem)
    return Outcome(state, numbers, error, clock.seconds, time.perf_counter() - start, repeatable)


class _Clock:
    """Adds up the time of what is no overhead."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - start


def _run(job: Job, config: ChipConfig, cache: Cache, clock: _Clock) -> tuple[ChipRun, dict[str, float]]:
    work, seed = job.work, int(job.run.get("seed", 0))
    if work.mode == "replay":
        if work.trace is not None:
            trace, scores, key = _trace(work.trace, work.key), {}, work.key
        else:
            ran, key = _in_software(job, cache, seed, clock)
            trace, scores = ran.trace, ran.scores
        chip = _chip(job, config, seed, mapper=CachedMapper(cache, key))
        return clock(chip.replay, trace), scores
    assert work.script is not None
    key = content_key([work.key, list(job.arguments), seed])
    profile = None if work.profile is None else _profile(work.profile, work.key)
    chip = _chip(job, config, seed, mode=work.mode, profile=profile, mapper=CachedMapper(cache, key))
    ran = clock(run_network, work.script, job.arguments, chip=chip, seed=seed)
    assert ran.result is not None
    return ran.result, ran.scores


def _chip(job: Job, config: ChipConfig, seed: int, **more: Any) -> Chip:
    methods = {name: job.run[name] for name in ("partition", "placement", "engine", "threads") if name in job.run}
    given = None if job.work.mapping is None else _given(job.work.mapping, job.work.key)
    return Chip(config, seed=seed, inferences=job.work.inferences, mapping=given, **methods, **more)


def check_mapping(work: Work, fixed: Mapping[str, Scalar]) -> None:
    """Raise `MappingError` if a study's mapping is none, or that of a trace's network and chip of another one.

    ``fixed`` is what all trials have in common. What cannot be known before a script runs, its trials tell.
    """
    if work.mapping is None:
        return
    given = _given(work.mapping, work.key)
    if work.trace is None:
        return
    try:
        config = _base(json.dumps(work.chip, sort_keys=True)).replace(**overrides_of(fixed))
    except ConfigError:  # there may be such chips with what varies
        return
    trace, _ = split_for_chip(_trace(work.trace, work.key), config)
    given.check(Network.of_trace(trace), config)


def _in_software(job: Job, cache: Cache, seed: int, clock: _Clock) -> tuple[ScriptRun, str]:
    """Return a script's run in software, done once for all trials with the same arguments, and what it follows from."""
    work = job.work
    key = content_key([work.key, list(job.arguments), seed])
    place, facts = cache.path(f"software-{key}.out"), cache.path(f"software-{key}.json")
    if key in _ran:
        return _ran[key], key
    with cache.making(f"software-{key}"):
        known = _read_software(place, facts)
        if known is None:
            assert work.script is not None
            try:
                known = clock(run_network, work.script, job.arguments, chip=None, seed=seed)
            except ScriptFailed as problem:
                if facts is not None:
                    write_text(facts, json.dumps({"error": str(problem)}))
                raise
            if place is not None and facts is not None:
                known.trace.save(place)
                write_text(facts, json.dumps({"scores": known.scores}))
    while len(_ran) >= _MOST_TRACES:
        del _ran[next(iter(_ran))]
    _ran[key] = known
    return known, key


def _read_software(place: Path | None, facts: Path | None) -> ScriptRun | None:
    if place is None or facts is None or not facts.exists():
        return None
    values = json.loads(facts.read_text())
    if "error" in values:
        raise ScriptFailed(values["error"])
    return ScriptRun(Trace.load(place), None, values["scores"])


_MOST_TRACES = 4
_ran: dict[str, ScriptRun] = {}


@functools.lru_cache(maxsize=4)
def _base(chip: str) -> ChipConfig:
    return ChipConfig(**json.loads(chip))


@functools.lru_cache(maxsize=2)
def _trace(path: str, key: str) -> Trace:
    """The trace of that path; ``key`` is what its contents were when the study was begun."""
    return Trace.load(path)


@functools.lru_cache(maxsize=2)
def _given(path: str, key: str) -> GivenMapping:
    return GivenMapping.load(path)


@functools.lru_cache(maxsize=2)
def _profile(path: str, key: str) -> Trace:
    return load_trace(path)


def _one_line(error: BaseException) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {_one_line(error)}"
