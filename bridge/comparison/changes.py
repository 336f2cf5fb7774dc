"""What a chip changed: a run on hardware compared with a run of the same network, and why they part."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synaptile.swsim.trace import Trace

from ..text_table import text_table
from .arrivals import LateSpike
from .cause import Cause, Evidence, RoundedWeight, find_cause
from .traces import COLUMNS, Comparison, compare_traces

__all__ = ["Changes", "ScoreFunction", "Scores", "what_changed"]

Scores = Mapping[str, float]
"""Numbers that say how well a network did, by name."""

ScoreFunction = Callable[[Trace], "float | Scores"]
"""Returns the score, or several by name, of a network with those spikes."""


@dataclass(frozen=True)
class Changes:
    """What is different from a reference.

    Attributes
    ----------
    origin
        What the reference is: ``"software"``, or the name of a file.
    reference
        Its trace.
    comparison
        What is different, population by population.
    cause
        Why they part where they do first; None if they are the same.
    reference_scores, scores
        The scores of both, by name, where they are known.
    """

    origin: str
    reference: Trace
    comparison: Comparison
    cause: Cause | None
    reference_scores: Scores
    scores: Scores

    @classmethod
    def restored(cls, reference: Trace, run: Trace, values: Mapping[str, Any]) -> Changes:
        """Return those of which `to_dict` gave these values; the traces are compared again.

        Raises ``KeyError`` or ``TypeError`` if values are missing or of another kind.
        """
        was, now = (
            {name: both[key] for name, both in values["scores"].items() if both[key] is not None}
            for key in ("reference", "run")
        )
        return cls(
            origin=values["reference"],
            reference=reference,
            comparison=compare_traces(reference, run, window_ms=values["window_ms"]),
            cause=None if values["cause"] is None else _restored_cause(values["cause"]),
            reference_scores=was,
            scores=now,
        )

    @property
    def is_same(self) -> bool:
        """Whether every spike is in both, in the same step."""
        return self.comparison.is_same

    def scored(self, score: ScoreFunction | float | Scores, run: Trace) -> Changes:
        """The same with the scores of both runs; of a number, or several by name, they are those of ``run`` alone.

        Raises ``TypeError`` if a score is no number, and whatever the function raises.
        """
        if not callable(score):
            return replace(self, scores=scores_of(score))
        return replace(self, reference_scores=scores_of(score(self.reference)), scores=scores_of(score(run)))

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what has no value is None."""
        populations = self.comparison.populations
        return {
            "reference": self.origin,
            "spikes_lost": sum(one.lost for one in populations),
            "spikes_new": sum(one.new for one in populations),
            "spikes_moved": sum(one.moved for one in populations),
            **self.comparison.to_dict(),
            "cause": None if self.cause is None else self.cause.to_dict(),
            "scores": {
                name: {"reference": _known(self.reference_scores, name), "run": _known(self.scores, name)}
                for name in self._score_names
            },
        }

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Rows of (what, value, unit), as `bridge.text_table` takes them."""
        for name in self._score_names:
            was, now = (_known(scores, name) for scores in (self.reference_scores, self.scores))
            yield name, _text(now), f"{_text(was)} in {self.origin}"
        yield from self.comparison.population_rows()

    def __str__(self) -> str:
        rows = ((what[:1].upper() + what[1:], value, unit) for what, value, unit in self.rows())
        return "\n".join([text_table(self.title, rows), *textwrap.wrap(self.first_difference, 100)])

    @property
    def title(self) -> str:
        """The heading of the table."""
        return f"What the chip changed, beside {self.origin}"

    @property
    def first_difference(self) -> str:
        """Where they part, and why, in a sentence or two."""
        found = self.comparison
        if found.first_step is None:
            return f"No difference: every spike is in {self.origin} too, in the same step."
        where = f"neuron {found.first_neuron} of {found.first_population}"
        what = "has moved" if found.first_kind == "moved" else f"is {found.first_kind}"
        when = f"step {found.first_step} ({found.first_step * found.dt:g} ms)"
        why = "" if self.cause is None else f" {self.cause.text}"
        return f"They part in {when}: a spike of {where} {what}.{why}"

    def to_csv(self) -> str:
        """The populations as a table, one line each; what has no value is an empty cell."""
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in self.comparison.populations:
            values = (getattr(one, column) for column in COLUMNS)
            writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in values])
        return table.getvalue()

    @property
    def _score_names(self) -> list[str]:
        return list(dict.fromkeys([*self.scores, *self.reference_scores]))


def _restored_cause(values: Mapping[str, Any]) -> Cause:
    spike, weight = values["spike"], values["weight"]
    if spike is not None:
        spike = LateSpike(**{name: value for name, value in spike.items() if name not in ("due", "acted")})
    return Cause(
        values["kind"],
        values["text"],
        spike,
        values["count"],
        None if weight is None else RoundedWeight(**weight),
    )


def what_changed(reference: Trace, run: Trace, evidence: Evidence, *, origin: str) -> Changes:
    """Compare a run on hardware with a reference, which of an interrupted run is cut to its length.

    Raises ``ValueError`` if they are not of one network, step and duration.
    """
    if run.partial and run.steps < reference.steps and run.dt == reference.dt:
        kept = reference.spike_step < run.steps
        spikes = {name: getattr(reference, name)[kept] for name in ("spike_neuron", "spike_step")}
        reference = replace(reference, steps=run.steps, **spikes)
    comparison = compare_traces(reference, run)
    known = reference.meta.get("score")
    return Changes(
        origin=origin,
        reference=reference,
        comparison=comparison,
        cause=find_cause(comparison, reference, run, evidence),
        reference_scores={} if known is None else scores_of(known),
        scores={},
    )


def scores_of(score: Any) -> dict[str, float]:
    """Scores by name; a number alone is called ``score``. Raises ``TypeError`` for anything else."""
    named = dict(score) if isinstance(score, Mapping) else {"score": score}
    for name, value in named.items():
        if not isinstance(name, str):
            raise TypeError(f"the name of a score must be a text, not {name!r}")
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise TypeError(f"{name} must be a number, or several by name, not {value!r}")
    return {name: float(value) for name, value in named.items()}


def _known(scores: Scores, name: str) -> float | None:
    value = scores.get(name)
    return None if value is None or math.isnan(value) else value


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
