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
    """Draw spike-hops of the search over those of the best of all methods in the same time: a line for each network.

    A dotted line of the same colour holds them against the best of all rows, however long these took.

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
    in_time = {limit: behind_best(rows, search_name(limit), limit=limit) for limit in limits}
    at_all = {limit: behind_best(rows, search_name(limit)) for limit in limits}
    for network in dict.fromkeys(row.network for row in rows):
        mapped = [limit for limit in limits if network in in_time[limit]]
        if mapped:
            (line,) = axes.plot(mapped, [in_time[limit][network] for limit in mapped], marker="o", label=network)
            axes.plot(
                mapped,
                [at_all[limit][network] for limit in mapped],
                linestyle=":",
                color=line.get_color(),
                label=f"{network}, best in any time",
            )
    axes.axhline(WITHIN, color="0.4", linestyle="--", linewidth=1, label=f"{WITHIN - 1:.0%} above the best")
    axes.set(xscale="log", xlabel="time limit of the search, s", ylabel="spike-hops / best in that time")
    solid = [line for line in axes.get_lines() if line.get_linestyle() != ":"]
    axes.legend(handles=solid, fontsize="small", title="dotted: beside the best in any time", title_fontsize="small")
    axes.grid(alpha=0.3)
    return axes


def save_curve(rows: Sequence[MappingRow], limits: Sequence[float], path: Path) -> None:
    """Write the curve as a PNG."""
    figure = draw_curve(rows, limits).figure
    assert isinstance(figure, Figure)
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
