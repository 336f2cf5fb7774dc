"""What a worker is told to do: a trial as plain values that travel to another process or machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..names import RUN, SCRIPT
from ..space import Scalar
from .cache import content_key

if TYPE_CHECKING:
    from ..study import Study
    from ..trial import Trial

__all__ = ["Job", "Work", "job_of", "script_arguments", "work_of"]


@dataclass(frozen=True)
class Work:
    """What all trials of a study have in common.

    Attributes
    ----------
    trace, script, mode, profile, mapping, inferences
        As those of `Study`; paths absolute.
    chip
        The chip from which those of trials differ, as `ChipConfig` takes it.
    numbers
        Names of the numbers that are needed.
    cache
        Folder of what trials share; None for none.
    key
        What trace or script, profile and mapping have in them.
    """

    trace: str | None
    script: str | None
    mode: str
    profile: str | None
    mapping: str | None
    inferences: int | None
    chip: Mapping[str, Any]
    numbers: tuple[str, ...]
    cache: str | None
    key: str


@dataclass(frozen=True)
class Job:
    """A trial for a worker: what is common, and its own point with what is fixed."""

    number: int
    work: Work
    point: Mapping[str, Scalar]
    arguments: tuple[str, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)


def work_of(study: Study, cache: str | Path | None) -> Work:
    """Return what the trials of a study have in common."""

    def absolute(path: str | None) -> str | None:
        return None if path is None else str(Path(path).absolute())

    files = [Path(path) for path in (study.trace, study.script, study.profile, study.mapping) if path is not None]
    return Work(
        trace=absolute(study.trace),
        script=absolute(study.script),
        mode=study.mode,
        profile=absolute(study.profile),
        mapping=absolute(study.mapping),
        inferences=study.inferences,
        chip=study.base.to_dict(annotated=True),
        numbers=study.needed,
        cache=None if cache is None else str(Path(cache).absolute()),
        key=content_key(*files, study.mode),
    )


def job_of(study: Study, work: Work, trial: Trial) -> Job:
    """Return what a worker needs to run a trial."""
    point = study.full_point(trial.point)
    run = {name: point[name] for name in RUN if name in point}
    return Job(trial.number, work, point, script_arguments(study.arguments, point), run)


def script_arguments(given: tuple[str, ...], point: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Return a script's arguments: those given, with values in place of ``{NAME}``, and others as ``--NAME=VALUE``."""
    values = {name.removeprefix(SCRIPT): _word(value) for name, value in point.items() if name.startswith(SCRIPT)}
    words, used = [], set()
    for word in given:
        for name, value in values.items():
            if f"{{{name}}}" in word:
                word = word.replace(f"{{{name}}}", value)
                used.add(name)
        words.append(word)
    return (*words, *(f"--{name}={value}" for name, value in values.items() if name not in used))


def _word(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
