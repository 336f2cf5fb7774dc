"""Configuration blocks: strict, frozen, every number with its source, every error one line per problem."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError

from synaptile.rtl.parameter import Parameter

from ..errors import ConfigError, show, show_key
from .yaml_file import read_yaml, to_yaml

__all__ = ["Evidence", "Provenance", "Validated", "asks", "block_of"]


_MAX_PROBLEMS = 20
"""Problems of a block that are told."""

_MAX_DEVIATION = 1e15
"""Largest standard deviation: what is computed with it is a finite number."""


def asks(item: Parameter) -> BeforeValidator:
    """Return the validator of a field that lets its declaration decide."""

    def ask(value: object) -> object:
        problem = item.problem(value)
        if problem is not None:
            raise ValueError(f"{problem.rule}, not {show(problem.value)}")
        return value

    return BeforeValidator(ask)


class Evidence(enum.StrEnum):
    """How far a number can be trusted."""

    MEASURED = "measured"
    """Measured on silicon."""
    FITTED = "fitted"
    """Fitted to measurements on silicon."""
    PRE_SILICON = "pre-silicon"
    """Simulated on the real design before it was made."""
    RECREATION = "recreation"
    """From another group's re-implementation."""
    PAPER_CARD = "paper-card"
    """Assumed by a co-simulation paper."""
    SIMULATOR = "simulator"
    """The default of another simulator or energy model."""
    CHOSEN = "chosen"
    """Our own choice, or the user's; says nothing about any chip."""
    UNSET = "unset"
    """No trustworthy number exists; the value is left out and reported as missing."""


@dataclass(frozen=True)
class Provenance:
    """Where a value comes from: a source to look it up in, the evidence behind it, and how far it may be off.

    Attributes
    ----------
    source, evidence
        Where it can be looked up, and how far it can be trusted.
    deviation
        Standard deviation in the unit of the value; None if the source gives none.
    """

    source: str
    evidence: Evidence
    deviation: float | None = None


class Validated(BaseModel, frozen=True):
    """A frozen block of configuration.

    Any value may be given plain or as ``{value: …, source: …, evidence: …}``; `provenance` keeps the latter two, and
    where `may_deviate` says so a ``deviation`` given with them.

    Raises
    ------
    ConfigError
        For unknown keys, wrong types (nothing is coerced), broken limits; all problems at once, one line each.
    """

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    may_be_unset: ClassVar[bool] = False
    """True if a value may be left out with the evidence ``unset``."""

    may_deviate: ClassVar[bool] = False
    """True if a number may have a ``deviation`` beside its source."""

    _provenance: dict[str, Provenance] = PrivateAttr(default_factory=dict)

    def __init__(self, /, **values: Any) -> None:
        plain, provenance, problems = _split(values, unset_allowed=self.may_be_unset, deviates=self.may_deviate)
        try:
            super().__init__(**plain)
        except ValidationError as error:
            problems += _problems(error, list(type(self).model_fields))
        if problems:
            more = len(problems) - _MAX_PROBLEMS
            raise ConfigError([*problems[:_MAX_PROBLEMS], *([f"and {more} more problems"] if more > 0 else [])])
        self._provenance = provenance  # type: ignore[misc]  # private attributes of a frozen model may be set

    @property
    def provenance(self) -> dict[str, Provenance]:
        """Key path (``crossbar.axons``) to source and evidence, for every value that states them."""
        paths = dict(self._provenance)
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, Validated):
                paths |= {f"{key}.{path}": provenance for path, provenance in value.provenance.items()}
        return paths

    def to_dict(self, *, annotated: bool = False) -> dict[str, Any]:
        """Plain JSON types, values that are not set left out.

        ``annotated`` writes every value that has a source as ``{value, source, evidence}``; either form is accepted
        by the constructor.
        """
        out: dict[str, Any] = {}
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, Validated):
                out[key] = value.to_dict(annotated=annotated)
                continue
            given = self._provenance.get(key) if annotated else None
            if given is not None:
                stated: dict[str, Any] = {"source": given.source, "evidence": given.evidence.value}
                if given.deviation is not None:
                    stated = {"deviation": given.deviation} | stated
                out[key] = stated if value is None else {"value": _plain(value)} | stated
            elif value is not None:
                out[key] = _plain(value)
        return out

    def to_yaml(self) -> str:
        """YAML text, sources and evidence included, that gives an equal object when read back."""
        return to_yaml(self.to_dict(annotated=True))

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """Read a file; raises `ConfigError`, naming the file, if it cannot be read or anything in it is wrong."""
        path = Path(path)
        values = read_yaml(path)
        try:
            return cls(**values)
        except ConfigError as error:
            raise error.located(path.name) from None


def block_of(block: type[Validated], example: str) -> BeforeValidator:
    """Return the validator of a field that is a block, None, or a mapping of the block's keys such as the example."""

    def parse(value: object) -> object:
        if value is None or isinstance(value, block):
            return value
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return block(**value)
        raise ValueError(f"must be a table such as {example}, not {show(value)}")

    return BeforeValidator(parse)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _split(
    values: Mapping[str, Any], *, unset_allowed: bool, deviates: bool
) -> tuple[dict[str, Any], dict[str, Provenance], list[str]]:
    """Part annotated values into the plain values and their provenance, and list what is wrong with them."""
    plain: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}
    problems: list[str] = []
    for key, value in values.items():
        if not (isinstance(value, Mapping) and ("value" in value or "evidence" in value)):
            plain[key] = value
            continue
        wrong = _annotation_problem(value, unset_allowed, deviates)
        if wrong:
            problems.append(f"{show_key(key)}{wrong}")
        else:
            deviation = value.get("deviation")
            given = None if deviation is None else float(deviation)
            provenance[key] = Provenance(value["source"], Evidence(value["evidence"]), given)
        if value.get("value") is not None:
            plain[key] = value["value"]
    return plain, provenance, problems


def _annotation_problem(annotation: Mapping[Any, Any], unset_allowed: bool, deviates: bool) -> str | None:
    keys = ("value", *(("deviation",) if deviates else ()), "source", "evidence")
    for key in annotation:
        if key not in keys:
            return f".{show_key(key)}: {_unknown(str(key), keys)}"
    source, evidence = annotation.get("source"), annotation.get("evidence")
    if not (isinstance(source, str) and source.strip()):
        return f".source: must say where the value comes from, not {show(source)}"
    grades = [grade.value for grade in Evidence]
    if evidence not in grades:
        return f".evidence: must be one of {', '.join(grades)}, not {show(evidence)}"
    missing = annotation.get("value") is None
    if missing and evidence != Evidence.UNSET:
        return f".value: is missing, with evidence {evidence!r}"
    if not missing and evidence == Evidence.UNSET:
        return f".value: must be left out with evidence 'unset', not {show(annotation['value'])}"
    if missing and not unset_allowed:
        return ".value: cannot be unset; give a value"
    return _deviation_problem(annotation)


def _deviation_problem(annotation: Mapping[Any, Any]) -> str | None:
    deviation, value = annotation.get("deviation"), annotation.get("value")
    if deviation is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f".deviation: must be left out where the value is no number, not {show(deviation)}"
    if isinstance(deviation, bool) or not isinstance(deviation, int | float):
        return f".deviation: must be a number, not {show(deviation)}"
    if not 0 <= deviation <= _MAX_DEVIATION:
        return f".deviation: must lie in 0..{_MAX_DEVIATION:g}, not {show(deviation)}"
    return None


def _unknown(key: str, known: list[str] | tuple[str, ...]) -> str:
    if len(key) > 100:  # it is like none of them, and comparing takes long
        return f"unknown key; the keys are {', '.join(known)}"
    near = difflib.get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; the keys are {', '.join(known)}"


def _problems(error: ValidationError, known: list[str]) -> list[str]:
    """Return pydantic's errors as lines of key path, rule and value."""
    lines: list[str] = []
    for detail in error.errors(include_url=False):
        path = ".".join(map(show_key, detail["loc"]))
        prefix = f"{path}: " if path else ""
        value, context = detail["input"], detail.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, ConfigError):
            lines += [f"{path}.{problem}" if path else problem for problem in cause.problems]
        elif cause is not None:
            lines.append(f"{prefix}{cause}")
        elif detail["type"] == "extra_forbidden":
            lines.append(f"{prefix}{_unknown(str(detail['loc'][-1]), known)}")
        elif detail["type"] == "missing":
            lines.append(f"{prefix}is missing")
        elif detail["type"] == "string_too_short":
            lines.append(f"{prefix}must not be empty")
        else:
            lines.append(f"{prefix}{_rule(detail['type'], context, detail['msg'])}, not {show(value)}")
    return lines


def _rule(kind: str, context: Mapping[str, Any], message: str) -> str:
    match kind:
        case "float_type":
            return "must be a number"
        case "string_type":
            return "must be text"
        case "finite_number":
            return "must be finite"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}"
        case _:
            return message[0].lower() + message[1:]
