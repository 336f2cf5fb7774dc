"""The score of a script: its ``score``, a number, several by name, or a function of a trace."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import show
from .common import notify

if TYPE_CHECKING:
    from .kept_runs import KeptRun

__all__ = ["add_score", "score_rows"]


def add_score(last: KeptRun, score: Any) -> bool:
    """Add a script's ``score`` to its last run: to the trace, and beside that of the reference if it was compared.

    A function is called with the trace, and with that of the reference. What cannot be a score, such as an array, is
    left alone, and a line says so. Returns False, after a line that says so, if a function fails.
    """
    from ..comparison.changes import scores_of

    assert last.trace is not None
    if score is None or not last.trace.steps:
        return True
    if not _is_score(score):
        notify(f"score is no number, several by name, or function of a trace, and is left alone: {show(score)}")
        return True
    try:
        own = scores_of(score(last.trace) if callable(score) else score)
        changes = None if last.result is None else last.result.changes
        if changes is not None:
            changes = changes.scored(score if callable(score) else own, last.trace)
    except Exception as error:
        notify(f"error: score: {type(error).__name__}: {' '.join(str(error).split())}")
        return False
    trace = last.trace = replace(last.trace, meta={**last.trace.meta, "score": own})
    if "meta" in last.values:
        last.values = {**last.values, "meta": dict(trace.meta)}
    if last.result is not None:
        last.result = replace(last.result, trace=trace, changes=changes)
    return True


def _is_score(score: Any) -> bool:
    from ..comparison.changes import scores_of

    if callable(score):
        try:
            inspect.signature(score).bind(None)
        except (TypeError, ValueError):  # it wants something else
            return False
        return True
    try:
        scores_of(score)
    except (TypeError, ValueError):
        return False
    return True


def score_rows(reference: Any, run: Any) -> list[tuple[str, str, str]]:
    """Rows of (what, value, unit) for scores by name, as traces have them in their ``meta``; None for none."""
    known, own = ({} if scores is None else dict(scores) for scores in (reference, run))
    names = dict.fromkeys([*own, *known])
    return [(name, _text(own.get(name)), f"{_text(known.get(name))} in the reference") for name in names]


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
