"""The curve of ``synaptile bench mapping``: how far the search is from the best of all methods, over its time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from synaptile.swsim.base.whole_file import whole_file

from .mapping import MappingRow, behind_best, search_name

__all__ = ["WITHIN", "draw_curve", "save_curve"]

WITHIN = 1.03
"""Times the best of all methods, within which the search is meant to be at any time limit."""


def draw_curve(rows: Sequence[MappingRow], limits: Sequence[float], ax: Axes | None = None) -> Axes:
    """Draw spike-hops of the search over those of the best of all rows, by time limit: a line for each network.

    Parameters
    ----------
    rows
        What was measured.
    limits
        Time limits in seconds.
    ax
        Where to draw; by default in a new figure.
    """
    axes = Figure(figsize=(8, 4.5), layout="constrained").subplots() if ax is None else ax
    limits = sorted(limits)
    behind = {limit: behind_best(rows, search_name(limit)) for limit in limits}
    for network in dict.fromkeys(row.network for row in rows):
        found = [(limit, behind[limit][network]) for limit in limits if network in behind[limit]]
        if found:
            axes.plot(*zip(*found, strict=True), marker="o", label=network)
    axes.axhline(WITHIN, color="0.4", linestyle="--", linewidth=1, label=f"{WITHIN - 1:.0%} above the best")
    axes.set(xscale="log", xlabel="time limit of the search, s", ylabel="spike-hops / best of all methods")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    return axes


def save_curve(rows: Sequence[MappingRow], limits: Sequence[float], path: Path) -> None:
    """Write the curve as a PNG."""
    figure = draw_curve(rows, limits).figure
    assert isinstance(figure, Figure)
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
