"""The trials of a study as rows and as text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...si_text import PICO, si_text
from ..trial import State, Trial

if TYPE_CHECKING:
    from ..study import Study

__all__ = [
    "cells_of",
    "head_of",
    "number_text",
    "results_html",
    "results_table",
    "rows_of",
    "summary",
    "to_csv",
    "to_frame",
]


def rows_of(study: Study, trials: Sequence[Trial], best: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return each trial as a flat row by column."""
    on_front = {trial.number for trial in best}
    return [
        {
            "number": trial.number,
            "state": trial.state.value,
            "front": trial.number in on_front,
            "feasible": trial.feasible,
            **{one.name: trial.point[one.name] for one in study.dimensions},
            **{one.name: trial.values.get(one.name) for one in study.wanted},
            **{str(one): trial.violations.get(str(one)) for one in study.limits},
            **{name: None if trial.outcome is None else trial.outcome.numbers.get(name) for name in study.numbers},
            "same_as": trial.same_as,
            "error": "" if trial.outcome is None else trial.outcome.error,
            "seconds": None if trial.outcome is None else trial.outcome.seconds,
        }
        for trial in trials
    ]


def to_frame(rows: Sequence[dict[str, Any]]) -> Any:
    """Return rows as a pandas data frame."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise ModuleNotFoundError("to_pandas needs pandas: pip install 'synaptile[tables]'", name="pandas") from None
    return pandas.DataFrame(list(rows))


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV; what has no value is an empty cell."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def number_text(value: object) -> str:
    """Return a value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 1 <= abs(value) < 1e7 else f"{value:.4g}"


def _quantity(value: float | None, unit: str) -> str:
    """Return a value as people read it: energies with three digits and their unit."""
    if value is None or unit != "pJ" or not math.isfinite(value):
        return number_text(value)
    return " ".join(si_text(value * PICO, "J"))


def summary(study: Study, trials: Sequence[Trial], best: Sequence[Trial]) -> str:
    """Return a line about how many trials there are of each kind."""
    counts = [
        (len(best), "on the front"),
        (sum(trial.state is State.DONE and not trial.feasible for trial in trials), "against a constraint"),
        (sum(trial.state is State.REFUSED for trial in trials), "refused"),
        (sum(trial.state is State.FAILED for trial in trials), "failed"),
        (sum(trial.same_as is not None for trial in trials), "of a point known already"),
        (study.size - sum(trial.outcome is not None for trial in trials), "still to be run"),
    ]
    over = sum(trial.outcome is not None for trial in trials)
    return f"{study.name}: {over} {'trial' if over == 1 else 'trials'}, " + ", ".join(
        f"{count} {what}" for count, what in counts if count
    )


def results_table(study: Study, trials: Sequence[Trial], best: Sequence[Trial]) -> str:
    """Return the front as text: a line for each of its trials."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in head_of(study):
        table.add_column(name, justify="right", no_wrap=True)
    for trial in best:
        table.add_row(*map(Text, cells_of(study, trial)))
    text = io.StringIO()
    console = Console(file=text, width=100, highlight=False, markup=False)
    console.width = max(100, Console(file=io.StringIO(), width=100_000).measure(table).maximum)
    console.print(table, crop=False)
    lines = [summary(study, trials, best), *(text.getvalue().splitlines() if best else [])]
    return "\n".join(line.rstrip() for line in lines)


def results_html(study: Study, trials: Sequence[Trial], best: Sequence[Trial]) -> str:
    """Return the same as a table in HTML, for notebooks."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in head_of(study))
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in cells_of(study, trial)) for trial in best]
    title = escape(summary(study, trials, best))
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table><caption style="text-align: left">{title}</caption><tr>{head}</tr>{body}</table>'


def head_of(study: Study) -> list[str]:
    """Return the heads of the columns: the trial, its objectives, its point."""
    arrows = {"min": "↓", "max": "↑"}
    return [
        "trial",
        *(f"{one.name} {arrows[one.best]}" for one in study.wanted),
        *(one.name for one in study.dimensions),
    ]


def cells_of(study: Study, trial: Trial) -> list[str]:
    """Return a trial's cells below `head_of`."""
    return [
        str(trial.number),
        *(_quantity(trial.values.get(one.name), one.unit) for one in study.wanted),
        *(number_text(trial.point[one.name]) for one in study.dimensions),
    ]
