"""The points of a front, two objectives against each other, each with its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from .axes import axes_for, styled
from .style import GRID, INK, swatch

__all__ = ["trade_offs"]

_MOST_NUMBERS = 30
"""Points that have their numbers beside them, at most: of more, every so many-th."""


def trade_offs(
    points: Sequence[Mapping[str, float]], x: str, y: str, ax: Axes | None = None, *, title: str = "", **style: Any
) -> Axes:
    """Draw the points of a front, numbered from 1 in the order given.

    Parameters
    ----------
    points
        The objectives of each point, by name.
    x, y
        The two that are drawn.
    ax
        Where to draw; by default in a new figure.
    title
        The title.
    style
        Properties of the points, as ``Axes.plot`` takes them.

    Returns
    -------
    Axes
        Those drawn into.
    """
    ax = axes_for(ax)
    across, up = [point[x] for point in points], [point[y] for point in points]
    look: dict[str, Any] = {"color": swatch(0).colour, "marker": "o", "linestyle": "none"}
    ax.plot(across, up, **styled(look, style))
    every = -(-len(points) // _MOST_NUMBERS) if points else 1
    for number, place in enumerate(zip(across, up, strict=True)):
        if number % every == 0:
            ax.annotate(str(number + 1), place, (4, 4), textcoords="offset points", color=INK, fontsize=8)
    ax.set(xlabel=x, ylabel=y, title=title)
    ax.grid(color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax
