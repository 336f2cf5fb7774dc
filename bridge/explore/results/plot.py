"""The picture of a study: two objectives against each other, with the front."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from ..objectives import Objective

if TYPE_CHECKING:
    from ..exploration import Exploration

__all__ = ["draw_front", "front_figure"]

_INK, _MUTED, _BEST, _BROKEN = "#1f2933", "#8A8F98", "#0072B2", "#D55E00"


def draw_front(axes: Any, found: Exploration, x: str | None = None, y: str | None = None) -> Any:
    """Draw a study's trials into matplotlib's ``axes``, and return them.

    Parameters
    ----------
    axes
        The axes.
    found
        The study.
    x, y
        Names of two objectives, by default the first two; of a study with one, the trials' numbers are along ``x``.

    Raises
    ------
    ValueError
        If it has no such objective.
    """
    wanted = {one.name: one for one in found.study.wanted}
    names = list(wanted)
    for name in (x, y):
        if name is not None and name not in wanted:
            raise ValueError(f"x and y must be among {', '.join(names)}, not {name!r}")
    if len(names) == 1:
        x, y = None, names[0]
    else:
        x = x or next(name for name in names if name != y)
        y = y or next(name for name in names if name != x)
    best = {trial.number for trial in found.front}
    for label, colour, marker, size, picked in (
        ("breaks a constraint", _BROKEN, "x", 18, [t for t in found.trials if t.values and not t.feasible]),
        ("feasible", _MUTED, "o", 14, [t for t in found.trials if t.feasible and t.number not in best]),
        ("front", _BEST, "o", 34, [t for t in found.trials if t.number in best]),
    ):
        if picked:
            across = [trial.number if x is None else trial.values[x] for trial in picked]
            axes.scatter(across, [trial.values[y] for trial in picked], s=size, c=colour, marker=marker, label=label)
    axes.set_xlabel("trial" if x is None else _label(wanted[x]))
    axes.set_ylabel(_label(wanted[y]))
    axes.grid(color="#d5dae0", linewidth=0.6)
    axes.set_axisbelow(True)
    if any(trial.values for trial in found.trials):
        axes.legend(frameon=False, fontsize=8.5)
    else:
        axes.text(0.5, 0.5, "no trial has a result", transform=axes.transAxes, ha="center", color=_INK)
    return axes


def front_figure(found: Exploration) -> Figure:
    """Return a figure with an axes for each pair of objectives that follow one another."""
    pairs: Sequence[tuple[str | None, str | None]] = [(None, None)]
    names = [one.name for one in found.study.wanted]
    if len(names) > 2:
        pairs = list(pairwise(names))
    figure = Figure(figsize=(5.2 * min(len(pairs), 3), 4.2 * -(-len(pairs) // 3)), layout="constrained")
    for number, (x, y) in enumerate(pairs, 1):
        draw_front(figure.add_subplot(-(-len(pairs) // 3), min(len(pairs), 3), number), found, x, y)
    return figure


def _label(one: Objective) -> str:
    unit = f" ({one.unit})" if one.unit else ""
    return f"{one.name}{unit}, {'less' if one.best == 'min' else 'more'} is better"
