"""A study as its file has it: what is run, what may vary, what is wanted, and how the trials are chosen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from ..config import ChipConfig
from ..config.schema import Validated
from ..config.yaml_file import read_yaml
from ..errors import ConfigError, show, show_key
from .names import SCRIPT, check_name, check_value
from .objectives import Constraint, Objective, check_number, constraint, objective
from .samplers import SAMPLERS
from .space import Dimension, Point, Scalar, dimension, every_point

__all__ = ["MODES", "Study"]

MODES = ("replay", "lock-step", "on-chip")
"""How a script's network and the chip are run: as `synaptile run --mode` has them."""

_FILES = ("trace", "script", "profile", "mapping")
"""Keys that are paths of files, of which the contents count."""

_MOST_TRIALS = 1_000_000


def _whole(low: int, high: int, *, optional: bool = False) -> BeforeValidator:
    def parse(value: object) -> object:
        if optional and value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"must be a whole number in {low}..{high}, not {show(value)}")
        return value

    return BeforeValidator(parse)


def _one_of(names: Any) -> BeforeValidator:
    def parse(value: object) -> object:
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}, not {show(value)}")
        return value

    return BeforeValidator(parse)


def _texts(value: object) -> object:
    if isinstance(value, list | tuple) and all(isinstance(word, str | int | float) for word in value):
        return tuple(map(str, value))
    raise ValueError(f"must be a list of words, not {show(value)}")


def _chip(value: object) -> object:
    if isinstance(value, str | Mapping):
        return value
    raise ValueError(f"must be a preset, a YAML file or a chip's keys, not {show(value)}")


def _listed(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple({key: best} for key, best in value.items())
    if isinstance(value, list | tuple):
        return tuple(value)
    raise ValueError(f"must be a list, not {show(value)}")


def _seconds(value: object) -> object:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
        raise ValueError(f"must be seconds, more than 0, not {show(value)}")
    return value


class Study(Validated, frozen=True):
    """A study.

    Attributes
    ----------
    name
        What its database and its page call it.
    trace
        A saved trace, which is replayed on every chip.
    script, arguments, mode
        Or a PyNN script, its arguments, and how it is run: in software, once, with the chip under its spikes
        (``replay``), or with the chip in ``lock-step`` or ``on-chip``. What varies of the script's own arguments stands
        as ``{NAME}`` in them, or is added as ``--NAME=VALUE``.
    profile
        A trace that guides the mapping in lock-step and on-chip.
    mapping
        The file of a mapping, for all trials, whose chips must then be alike in mesh, topology and crossbar.
    inferences
        Number of inferences in a run, for the energy of one.
    chip
        A preset, a chip's file, or keys of a chip; with the key ``preset`` or ``file``, those it differs in from it.
    fixed
        Names as in ``space`` with a value that stays.
    space
        What varies, by name: ``{choice: [...]}``, ``{range: [low, high], step: s}`` or ``{log: [low, high]}``.
    objectives
        What is wanted: names, or ``{name: min}`` and ``{name: max}``.
    constraints
        Limits such as ``late_spikes <= 0``.
    numbers
        Names of more numbers, as for objectives, that are written down of every trial.
    sampler
        How points are chosen: one of `SAMPLERS`.
    batch
        Trials that are chosen together, from what those before them gave; for nsga2 and swarm a generation.
    trials
        How many trials the study has; with grid, all of it if None.
    seed
        Of the choice of points; each trial's own seed is ``seed`` in ``space`` or ``fixed``, else 0.
    workers, time_limit
        Processes, and seconds after which no more trials begin; the results do not depend on the former.

    Raises
    ------
    ConfigError
        If anything is wrong, a line for each problem.
    """

    name: Annotated[str, Field(min_length=1)] = "study"
    trace: str | None = None
    script: str | None = None
    arguments: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    mode: Annotated[str, _one_of(MODES)] = "replay"
    profile: str | None = None
    mapping: str | None = None
    inferences: Annotated[int | None, _whole(1, 2**31, optional=True)] = None
    chip: Annotated[Any, BeforeValidator(_chip)] = "demo"
    fixed: dict[str, Any] = Field(default_factory=dict)
    space: dict[str, Any]
    objectives: Annotated[tuple[Any, ...], BeforeValidator(_listed)]
    constraints: Annotated[tuple[Any, ...], BeforeValidator(_listed)] = ()
    numbers: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    sampler: Annotated[str, _one_of(SAMPLERS)] = "nsga2"
    batch: Annotated[int | None, _whole(2, 10_000, optional=True)] = None
    trials: Annotated[int | None, _whole(1, _MOST_TRIALS, optional=True)] = None
    seed: Annotated[int, _whole(0, 2**32 - 1)] = 0
    workers: Annotated[int, _whole(1, 1024)] = 1
    time_limit: Annotated[float | int | None, BeforeValidator(_seconds)] = None

    _folder: Path = PrivateAttr(default_factory=Path)
    _parts: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a study's file, in which paths are relative to its own folder.

        Raises `ConfigError`, naming the file, if it cannot be read or anything in it is wrong.
        """
        path = Path(path)
        values = {"name": path.stem, **read_yaml(path)}
        for key in _FILES:
            if isinstance(values.get(key), str):
                values[key] = str(path.parent / values[key])
        chip = values.get("chip")
        if isinstance(chip, str) and _is_path(chip):
            values["chip"] = str(path.parent / chip)
        elif isinstance(chip, Mapping) and isinstance(chip.get("file"), str):
            values["chip"] = {**chip, "file": str(path.parent / chip["file"])}
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(path.name) from None

    @model_validator(mode="after")
    def _legal(self) -> Self:
        problems = list(self._work_problems())
        parts = self._parts
        parts["dimensions"] = _parsed(problems, "space", self.space, _named_dimension)
        _parsed(problems, "fixed", self.fixed, _named_value)
        scored = self.script is not None
        parts["objectives"] = _parsed(
            problems, "objectives", self.objectives, lambda _, one: objective(one, scored=scored)
        )
        parts["constraints"] = _parsed(
            problems, "constraints", self.constraints, lambda _, one: constraint(one, scored=scored)
        )
        _parsed(problems, "numbers", self.numbers, lambda _, one: check_number(one, scored=scored))
        if not self.space:
            problems.append("space: must have one name or more")
        if not self.objectives:
            problems.append("objectives: must have one or more")
        names = [one.name for one in self.wanted]
        if len(set(names)) < len(names):
            problems.append(f"objectives: must not have one twice, not {show(names)}")
        both = [name for name in self.space if name in self.fixed]
        problems += [f"space.{name}: must not be in fixed, too" for name in both]
        if not problems:
            problems += self._other_problems()
        if problems:
            raise ConfigError(problems)
        return self

    def _work_problems(self) -> Any:
        if (self.trace is None) == (self.script is None):
            yield "trace: must be given, or script, and not both"
        for key in _FILES:
            value = getattr(self, key)
            if value is not None and not Path(value).is_file():
                yield f"{key}: there is no file {show(value)}"
        if self.trace is not None:
            if self.arguments or any(name.startswith(SCRIPT) for name in (*self.space, *self.fixed)):
                yield "script: must be given where it has arguments"
            if self.mode != "replay":
                yield f"mode: must be replay where a trace is given, not {show(self.mode)}"
        if self.profile is not None and self.mode == "replay":
            yield "profile: must be left out with mode replay, which knows the spikes"

    def _other_problems(self) -> Any:
        try:
            _ = self.base
        except ConfigError as error:
            yield from (f"chip: {line}" for line in error.problems)
        if self.mapping is not None:
            yield from self._mapping_problems()
        if self.sampler == "grid":
            for one in self.dimensions:
                if one.levels is None:
                    yield f"space.{one.name}: must have a choice, whole numbers or a step for a grid, no end of values"
        elif self.trials is None:
            yield "trials: must be given unless the sampler is grid"

    def _mapping_problems(self) -> Any:
        for name in (*self.space, *self.fixed):
            if name in ("partition", "placement"):
                yield f"{name}: must be left out where mapping is given, which has a tile for each neuron"
        for name in self.space:
            if name.partition(".")[0] in ("mesh", "topology", "crossbar"):
                yield f"space.{name}: must not vary where mapping is given, which is for one chip"

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What varies."""
        return tuple(self._parts["dimensions"])

    @property
    def wanted(self) -> tuple[Objective, ...]:
        """The objectives."""
        return tuple(self._parts["objectives"])

    @property
    def limits(self) -> tuple[Constraint, ...]:
        """The constraints."""
        return tuple(self._parts["constraints"])

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of all numbers that are taken of a trial: of objectives, of constraints, and those besides."""
        judged = [one.name for one in self.wanted] + [one.name for one in self.limits]
        return tuple(dict.fromkeys([*judged, *self.numbers]))

    @property
    def base(self) -> ChipConfig:
        """The chip from which the trials' chips differ. Raises `ConfigError`."""
        if "base" not in self._parts:
            self._parts["base"] = _base_chip(self.chip)
        base: ChipConfig = self._parts["base"]
        return base

    @property
    def size(self) -> int:
        """Number of trials."""
        if self.sampler != "grid":
            assert self.trials is not None
            return self.trials
        points = 1
        for one in self.dimensions:
            points *= len(one.levels or ())
        return points if self.trials is None else min(self.trials, points)

    @property
    def batch_size(self) -> int:
        """Trials that are chosen together."""
        return SAMPLERS[self.sampler].batch if self.batch is None else self.batch

    def grid(self) -> Any:
        """Yield the points of the grid in order."""
        return every_point(self.dimensions)

    def full_point(self, point: Point) -> dict[str, Scalar]:
        """Return a point with what is fixed."""
        return {**self.fixed, **point}

    def identity(self) -> dict[str, Any]:
        """What must be the same if a study is continued, as JSON types; files by their contents."""
        values = self.to_dict()
        for key in ("name", "trials", "workers", "time_limit"):
            values.pop(key, None)
        for key in _FILES:
            if key in values:
                values[key] = hashlib.sha256(Path(values[key]).read_bytes()).hexdigest()
        values["chip"] = self.base.to_dict()
        values["batch"] = self.batch_size
        return dict(json.loads(json.dumps(values)))


def _parsed(problems: list[str], key: str, given: Any, parse: Any) -> list[Any]:
    """Return what each of a table's or a list's entries says; what is wrong becomes a line."""
    found = []
    entries = given.items() if isinstance(given, Mapping) else ((None, one) for one in given)
    for name, one in entries:
        try:
            found.append(parse(name, one))
        except ValueError as error:
            text = "; ".join(str(error).splitlines())
            problems.append(f"{key}.{show_key(name)}: {text}" if name is not None else f"{key}: {text}")
    return found


def _named_dimension(name: str, given: object) -> Dimension:
    check_name(name)
    return dimension(name, given)


def _named_value(name: str, value: object) -> object:
    check_name(name)
    if not isinstance(value, bool | int | float | str):
        raise ValueError(f"must be a number, a text, true or false, not {show(value)}")
    check_value(name, value)
    return value


def _is_path(chip: str) -> bool:
    return chip.endswith((".yaml", ".yml")) or "/" in chip


def _base_chip(given: str | Mapping[str, Any]) -> ChipConfig:
    if isinstance(given, str):
        return ChipConfig.from_yaml(given) if _is_path(given) else ChipConfig.preset(given)
    keys = dict(given)
    if "preset" in keys and "file" in keys:
        raise ConfigError("preset: must not be given beside file")
    if "preset" in keys:
        return ChipConfig.preset(str(keys.pop("preset")), **keys)
    if "file" in keys:
        return ChipConfig.from_yaml(str(keys.pop("file"))).replace(**keys)
    return ChipConfig(**keys)
