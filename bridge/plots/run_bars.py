"""Figures of several runs, beside those of the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..comparison.side_by_side import SideBySide
from .axes import axes_for, styled, title_of
from .style import swatch

__all__ = ["side_by_side"]

_KEYS = (
    "packets_sent",
    "hops_mean",
    "energy.total_dynamic_pj",
    "latency_mean",
    "latency_p99",
    "late_packets",
    "isi_distortion_mean",
)


def side_by_side(
    found: SideBySide,
    ax: Axes | None = None,
    *,
    keys: Sequence[str] | None = None,
    legend: bool = True,
    title: str | None = None,
    **style: Any,
) -> Axes:
    """Draw some numbers of each run as bars, in shares of those of the first run.

    Parameters
    ----------
    found
        What `compare` gives.
    ax
        Where to draw; by default in a new figure.
    keys
        Keys of ``metrics.json``, those within others joined by a full stop; by default packets, hops, energy, latency,
        lateness and distortion. What is 0 in the first run, or missing in any, has no bars.
    legend
        Whether to draw one.
    title
        In place of the picture's own.
    style
        Properties of the bars, as ``Axes.bar`` takes them.

    Returns
    -------
    Axes
        Those drawn into.

    Raises
    ------
    ValueError
        If no run has one of the keys.
    TypeError
        If ``ax`` is no Axes.
    """
    numbers = found.numbers()
    for key in keys or ():
        if not any(key in values for values in numbers.values()):
            raise ValueError(f"keys must be numbers of metrics.json, not {key!r}")
    first = next(iter(numbers.values()))
    shown = [key for key in keys or _KEYS if first.get(key) and all(key in values for values in numbers.values())]
    axes = axes_for(ax)
    width = 0.8 / len(numbers)
    place = np.arange(len(shown))
    for number, (name, values) in enumerate(numbers.items()):
        look = swatch(number)
        own = {"color": look.colour, "hatch": look.hatch or None, "edgecolor": "white", "label": name}
        heights = [values[key] / first[key] for key in shown]
        left = place + (number - (len(numbers) - 1) / 2) * width
        axes.bar(left, heights, width, **styled(own, style))
    axes.axhline(1.0, linewidth=0.8, color="grey", zorder=0)
    axes.set_xticks(place, [key.replace("_", " ") for key in shown], rotation=20, ha="right")
    axes.set_ylabel(f"relative to {next(iter(numbers))}")
    axes.set_title(title_of(title, "Runs side by side", partial=False))
    if legend:
        axes.legend()
    return axes
