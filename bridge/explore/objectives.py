"""What is wanted of a run: numbers by name, which of them are to be small or large, and their limits.

A number is one of `NUMBERS`, an area (`circuit_area`), any that ``metrics.json`` has (``hops_mean``,
``energy.per_spike_pj``), or what the network's script says of itself (``score``, ``score.NAME``, ``accuracy``).
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import show
from ..metrics.on_chip import OnChipMetrics
from ..metrics.summary import Metrics
from .circuit_area import AREA, area_unit, check_area, is_area

if TYPE_CHECKING:
    from ..run import ChipRun

__all__ = ["NUMBERS", "Constraint", "Number", "Objective", "check_number", "constraint", "numbers_of", "objective"]

Scores = Mapping[str, float]


@dataclass(frozen=True)
class Number:
    """A number of a run.

    Attributes
    ----------
    of
        Takes it from a run and the script's scores; None if it is undefined.
    unit, definition
        What is counted, and what it is, in a line.
    best
        Which is better, unless a study says otherwise: ``"min"`` or ``"max"``.
    """

    of: Callable[[ChipRun, Scores], float | None]
    unit: str
    definition: str
    best: str = "min"


def _where_sent(take: Callable[[Any], float | None]) -> Callable[[ChipRun, Scores], float | None]:
    """A number of the packets; 0 if none had to be sent, for nothing can be better."""
    return lambda run, _: take(run.metrics) if len(run.packets) else 0.0


def _accuracy(run: ChipRun, scores: Scores) -> float | None:
    return scores.get("accuracy", scores.get("score") if len(scores) == 1 else None)


def _steps_per_second(run: ChipRun, _: Scores) -> float | None:
    seconds = run.metrics.time.chip_s
    return run.trace.steps / seconds if seconds else None


NUMBERS: dict[str, Number] = {
    "latency_mean": Number(_where_sent(lambda found: found.latency.mean), "cycles", "mean latency of packets"),
    "latency_p99": Number(_where_sent(lambda found: found.latency.p99), "cycles", "latency of 99 % of them at most"),
    "latency_max": Number(_where_sent(lambda found: found.latency.max), "cycles", "latency of the slowest"),
    "energy": Number(lambda run, _: run.metrics.energy.total_pj, "pJ", "all that the chip's energy table knows of"),
    "energy_per_inference": Number(
        lambda run, _: run.metrics.energy.per(run.metrics.energy.time.inferences), "pJ", "energy / inferences"
    ),
    "blocks": Number(
        lambda run, _: run.metrics.area.tiles + run.metrics.area.routers, "blocks", "tiles and routers of the chip"
    ),
    "crosspoints": Number(
        lambda run, _: run.metrics.area.tiles * run.config.crossbar.axons * run.config.crossbar.neurons,
        "synapses",
        "axons × neurons of all tiles",
    ),
    "isi_distortion": Number(
        lambda run, _: run.metrics.isi.change.mean or 0.0, "cycles", "mean |ΔISI|; 0 where there are no intervals"
    ),
    "disorder": Number(_where_sent(lambda found: found.disorder.mean), "(arrivals/step)²", "mean spike disorder"),
    "late_spikes": Number(lambda run, _: run.metrics.late.count, "packets", "late by a step or more"),
    "ticks_per_second": Number(_steps_per_second, "steps/s", "steps of the network / chip time", "max"),
    "accuracy": Number(_accuracy, "", "the script's score of that name, or its only one", "max"),
}
"""The numbers with names of their own."""

_SCORE = "score"
_FROM_METRICS = sorted(
    {
        quantity.key
        for table in (Metrics, OnChipMetrics)
        for metric in table.entries().values()
        for quantity in metric.quantities
    }
)


def check_number(name: str, *, scored: bool) -> None:
    """Raise ``ValueError`` unless runs have a number of that name; scores they have if a script is run."""
    first, _, rest = name.partition(".")
    if name == "accuracy" or first == _SCORE:
        if not scored:
            raise ValueError(f"{name} needs a script that says its score, not a trace")
        return
    if is_area(name):
        check_area(name)
        return
    if name in NUMBERS or (first in _FROM_METRICS and (not rest or re.fullmatch(r"[\w.-]+", rest))):
        return
    known = [*NUMBERS, AREA, "score.NAME", *_FROM_METRICS]
    near = difflib.get_close_matches(name[:100], known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"unknown number {show(name)}; {hint}there are {', '.join([*NUMBERS, AREA])}, score.NAME, and "
                     f"those of a run's metrics.json, such as hops_mean")  # fmt: skip


def numbers_of(
    run: ChipRun, scores: Scores, names: tuple[str, ...], areas: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return those numbers of a run by name, and all scores and areas; what is undefined is left out.

    Nothing else is computed of the run.
    """
    found = {_SCORE if name == _SCORE else f"{_SCORE}.{name}": value for name, value in scores.items()}
    found |= areas or {}
    for name in names:
        value = NUMBERS[name].of(run, scores) if name in NUMBERS else found.get(name, _of_metrics(run, name))
        if value is not None:
            found[name] = float(value)
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _of_metrics(run: ChipRun, name: str) -> float | None:
    """Return a number that ``metrics.json`` has, with dots for what is inside another; None if it is none."""
    first, *rest = name.split(".")
    if first not in _FROM_METRICS:
        return None
    try:
        value = run.metrics.number(first)
    except KeyError:  # one of a chip of cores, and this is none
        return None
    for part in rest:
        value = value.get(part) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Objective:
    """A number that is to be as small (``"min"``) or as large (``"max"``) as can be."""

    name: str
    best: str

    @property
    def unit(self) -> str:
        """Its unit; empty where it is not known."""
        if is_area(self.name):
            return area_unit(self.name)
        return NUMBERS[self.name].unit if self.name in NUMBERS else ""

    @property
    def sign(self) -> float:
        """1 if less is better, else -1."""
        return 1.0 if self.best == "min" else -1.0

    def __str__(self) -> str:
        return f"{self.name}: {self.best}"


def objective(given: object, *, scored: bool) -> Objective:
    """Return what a name, or ``{name: min}``, says; raises ``ValueError`` with the rule and the value."""
    if isinstance(given, Mapping) and len(given) == 1:
        name, best = next(iter(given.items()))
    else:
        name, best = given, None
    if not isinstance(name, str) or best not in (None, "min", "max"):
        raise ValueError(f"must be a name, or {{name: min}} or {{name: max}}, not {show(given)}")
    check_number(name, scored=scored)
    if best is None:
        best = "min" if is_area(name) else NUMBERS[name].best if name in NUMBERS else None
    if best is None:
        raise ValueError(f"must say whether {name} is to be small or large: {{{name}: min}} or {{{name}: max}}")
    return Objective(name, best)


_CONSTRAINT = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*(<=|>=|<|>)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Constraint:
    """A limit of a number, such as ``late_spikes <= 0``."""

    name: str
    relation: str
    bound: float

    def violation(self, value: float | None) -> float:
        """Return by how much a value breaks it: 0 if it does not, and infinity if there is no value."""
        if value is None:
            return math.inf
        if _HOLDS[self.relation](value, self.bound):
            return 0.0
        return abs(value - self.bound) or math.ulp(1.0)  # on a bound that is not allowed

    def __str__(self) -> str:
        return f"{self.name} {self.relation} {self.bound:g}"


def constraint(text: object, *, scored: bool) -> Constraint:
    """Return what a text such as ``late_spikes <= 0`` says; raises ``ValueError`` with the rule and the value."""
    match = _CONSTRAINT.fullmatch(text) if isinstance(text, str) and len(text) < 200 else None
    try:
        bound = float(match[3]) if match else math.nan
    except ValueError:
        bound = math.nan
    if match is None or not math.isfinite(bound):
        raise ValueError(f"must be NAME <= NUMBER (or <, >, >=) such as late_spikes <= 0, not {show(text)}")
    check_number(match[1], scored=scored)
    return Constraint(match[1], match[2], bound)
