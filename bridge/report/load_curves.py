"""The picture of a sweep: latency and accepted load over offered load, one colour for each network."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..traffic.load_sweep import LATENCY_FACTOR, Curve
from .style import GRID, MUTED, plain, say_empty, styled, swatch

__all__ = ["load_curves"]

_MARKERS = "osD^vPX"
_ROOM = 2.5  # the latency axis ends at this many times the latency at which a network counts as saturated


@styled
def load_curves(curves: Sequence[Curve], *, title: str) -> Figure:
    """Mean and 99th-percentile latency, and accepted load, each over the offered load.

    Points of a saturated network are hollow: their latency depends on how long one measures. The latency axis ends a
    little above where the slowest network saturates.
    """
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    figure.suptitle(plain(title, 120), x=0.01, ha="left")
    latency, accepted = figure.subplots(1, 2)
    latency.set(xlabel="offered (flits/cycle/node)", ylabel="latency (cycles, creation to head delivered)")
    latency.set_title("Latency: mean (solid), 99 % within (dotted)")
    accepted.set(xlabel="offered (flits/cycle/node)", ylabel="accepted (flits/cycle/node)", title="Accepted load")
    if not any(curve.points for curve in curves):
        for axes in (latency, accepted):
            say_empty(axes, "nothing measured")
        return figure
    for number, curve in enumerate(curves):
        colour, marker = swatch(number).colour, _MARKERS[number % len(_MARKERS)]
        for name, line in (("latency_mean", "-"), ("latency_p99", ":")):
            _line(latency, curve, name, colour, marker, line)
        _line(accepted, curve, "accepted", colour, marker, "-", label=_legend(curve))
    most = max(point.offered for curve in curves for point in curve.points)
    accepted.plot([0, most], [0, most], color=MUTED, linewidth=0.8, linestyle="--", label="everything offered")
    accepted.plot([], [], "o", color=MUTED, markerfacecolor="white", label="hollow: saturated")
    zero = [point.latency_zero_load for curve in curves for point in curve.points if point.latency_zero_load]
    latency.set_ylim(0, _ROOM * LATENCY_FACTOR * max(zero, default=1.0))
    for axes in (latency, accepted):
        axes.set_xlim(0, most * 1.02)
        axes.grid(color=GRID)
    accepted.set_ylim(bottom=0)
    accepted.legend(loc="upper left", fontsize=8)
    return figure


def _line(
    axes: Axes, curve: Curve, name: str, colour: str, marker: str, line: str, *, label: str | None = None
) -> None:
    """One quantity of a curve; hollow markers where the network is saturated."""
    points = [point for point in curve.points if getattr(point, name) is not None]
    x, y = [point.offered for point in points], [getattr(point, name) for point in points]
    axes.plot(x, y, color=colour, linestyle=line, linewidth=1.4)
    for saturated, face in ((False, colour), (True, "white")):
        chosen = [i for i, point in enumerate(points) if point.saturated == saturated]
        axes.plot(
            [x[i] for i in chosen],
            [y[i] for i in chosen],
            linestyle="none",
            marker=marker,
            markersize=4.5,
            markeredgecolor=colour,
            markerfacecolor=face,
        )
    if label is not None:
        axes.plot([], [], color=colour, marker=marker, linestyle=line, label=label)


def _legend(curve: Curve) -> str:
    most = curve.throughput
    return curve.label if most is None else f"{curve.label}: at most {most:.3f}"
