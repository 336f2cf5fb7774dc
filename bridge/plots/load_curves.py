"""A sweep: latency and accepted load over offered load, one colour for each network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from ..traffic.load_sweep import LATENCY_FACTOR, Curve
from .axes import axes_for, styled
from .style import GRID, MUTED, say_empty, swatch

__all__ = ["accepted_load", "load_latency"]

_MARKERS = "osD^vPX"
_ROOM = 2.5  # the latency axis ends at this many times the latency at which a network counts as saturated


def load_latency(
    curves: Sequence[Curve], ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw mean (solid) and 99th-percentile (dotted) latency in cycles over the offered load.

    Points of a saturated network are hollow: their latency depends on how long one measures. The latency axis ends a
    little above where the slowest network saturates.

    Parameters
    ----------
    curves
        The networks, one colour for each.
    ax
        Where to draw; by default in a new figure.
    legend
        Whether to draw one.
    title
        In place of the picture's own.
    style
        Properties of the lines, as ``Axes.plot`` takes them.

    Returns
    -------
    Axes
        Those drawn into.

    Raises
    ------
    TypeError
        If ``ax`` is no Axes.
    """
    axes = axes_for(ax)
    axes.set(xlabel="offered (flits/cycle/node)", ylabel="latency (cycles, creation to head delivered)")
    axes.set_title("Latency: mean (solid), 99 % within (dotted)" if title is None else title)
    if _is_empty(axes, curves):
        return axes
    for number, curve in enumerate(curves):
        _line(axes, curve, "latency_mean", number, "-", style, label=curve.label if legend else None)
        _line(axes, curve, "latency_p99", number, ":", style)
    zero = [point.latency_zero_load for curve in curves for point in curve.points if point.latency_zero_load]
    axes.set_ylim(0, _ROOM * LATENCY_FACTOR * max(zero, default=1.0))
    _frame(axes, curves, legend)
    return axes


def accepted_load(
    curves: Sequence[Curve], ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw the accepted over the offered load, in flits per cycle and node; points of a saturated network are hollow.

    Parameters
    ----------
    curves
        The networks, one colour for each.
    ax
        Where to draw; by default in a new figure.
    legend
        Whether to draw one.
    title
        In place of the picture's own.
    style
        Properties of the lines, as ``Axes.plot`` takes them.

    Returns
    -------
    Axes
        Those drawn into.

    Raises
    ------
    TypeError
        If ``ax`` is no Axes.
    """
    axes = axes_for(ax)
    axes.set(xlabel="offered (flits/cycle/node)", ylabel="accepted (flits/cycle/node)")
    axes.set_title("Accepted load" if title is None else title)
    if _is_empty(axes, curves):
        return axes
    for number, curve in enumerate(curves):
        _line(axes, curve, "accepted", number, "-", style, label=_legend(curve))
    most = _most(curves)
    axes.plot([0, most], [0, most], color=MUTED, linewidth=0.8, linestyle="--", label="everything offered")
    axes.plot([], [], "o", color=MUTED, markerfacecolor="white", label="hollow: saturated")
    axes.set_ylim(bottom=0)
    _frame(axes, curves, legend)
    return axes


def _is_empty(axes: Axes, curves: Sequence[Curve]) -> bool:
    """Say so if there is nothing to draw."""
    if any(curve.points for curve in curves):
        return False
    say_empty(axes, "nothing measured")
    return True


def _most(curves: Sequence[Curve]) -> float:
    return max(point.offered for curve in curves for point in curve.points)


def _frame(axes: Axes, curves: Sequence[Curve], legend: bool) -> None:
    axes.set_xlim(0, _most(curves) * 1.02)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)  # whatever the style
    if legend:
        axes.legend(loc="upper left", fontsize=8)


def _line(
    axes: Axes, curve: Curve, name: str, number: int, line: str, style: Mapping[str, Any], *, label: str | None = None
) -> None:
    """One quantity of a curve; hollow markers where the network is saturated."""
    colour, marker = swatch(number).colour, _MARKERS[number % len(_MARKERS)]
    points = [point for point in curve.points if getattr(point, name) is not None]
    x, y = [point.offered for point in points], [getattr(point, name) for point in points]
    axes.plot(x, y, **styled({"color": colour, "linestyle": line, "linewidth": 1.4}, style))
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
