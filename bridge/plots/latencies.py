"""The latencies of packets: their distribution, and the causes by hops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..engines.base import Deliveries
from ..metrics.distribution import Distribution
from .axes import axes_for, styled, title_of
from .run_data import PlottedRun
from .style import INK, say_empty

__all__ = ["latency", "latency_by_hops"]

_MAX_BINS = 64
_MAX_HOP_GROUPS = 24
_FILLED = 0.7  # part of the height that data may take; the legend lies above
_ZERO_LOAD, _SOURCE, _NETWORK = "#8A8F98", "#E69F00", "#0072B2"


def latency(
    run: PlottedRun, ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw a histogram of the latencies in cycles beside that of an empty network, with mean, 99 % and worst.

    A latency is counted from a packet's creation to the delivery of its head.

    Parameters
    ----------
    run
        The run.
    ax
        Where to draw; by default in a new figure.
    title
        In place of the picture's own.
    legend
        Whether to draw one.
    style
        Properties of the filled histogram, as ``Axes.stairs`` takes them.

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
    name = title_of(title, "Latency", partial=run.partial)
    axes.set(xlabel="latency (cycles, creation to head delivered)", ylabel="packets", title=name)
    if _is_empty(axes, run):
        return axes
    width = _histogram(axes, run.deliveries, run.metrics.latency, style)
    if width > 1:
        axes.set_title(f"{name} ({width} cycles per bar)")
    if legend:
        axes.legend(loc="upper right", ncols=2, columnspacing=1.4)
    return axes


def latency_by_hops(
    run: PlottedRun, ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw what the mean latency is spent on, by the number of hops: the way, the source queue, and the network.

    Short lines are at the latency that 99 % of the packets are within.

    Parameters
    ----------
    run
        The run.
    ax
        Where to draw; by default in a new figure.
    title
        In place of the picture's own.
    legend
        Whether to draw one.
    style
        Properties of the bars, as ``Axes.bar`` takes them.

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
    axes.set(xlabel="hops", ylabel="cycles", title=title_of(title, "Latency by hops", partial=run.partial))
    if _is_empty(axes, run):
        return axes
    _causes(axes, run.deliveries, style)
    if legend:
        axes.legend(loc="upper left", ncols=2, columnspacing=1.2, fontsize=8)
    return axes


def _is_empty(axes: Axes, run: PlottedRun) -> bool:
    """Say so if there is nothing to draw."""
    if len(run.deliveries):
        return False
    say_empty(axes, "no packets delivered" if len(run.packets) else "no packets")
    return True


def _histogram(axes: Axes, log: Deliveries, numbers: Distribution, style: Mapping[str, Any]) -> int:
    """Draw it, and return the width of a bar in cycles."""
    cycles, bound = log.latency, log.hops + 1
    width = -(-(int(cycles.max()) + 1) // _MAX_BINS)
    edges = np.arange(0, int(cycles.max()) + width + 1, width) - 0.5
    # Whole cycles: those of a bar are found without looking for its edges.
    counts, free = (
        np.bincount(np.minimum(values // width, len(edges) - 1), minlength=len(edges))[:-1]
        for values in (cycles, bound)
    )
    axes.stairs(counts, edges, **styled({"fill": True, "color": "#9cc3de", "label": "measured"}, style))
    axes.stairs(free, edges, color=INK, linewidth=1.1, label="at zero load (hops + 1)")
    top = max(counts.max(), free.max())
    if top > 50:
        axes.set_yscale("log")
        axes.set_ylim(0.7, 0.7 * (top / 0.7) ** (1 / _FILLED))
        axes.set_ylabel("packets (logarithmic)")
    else:
        axes.set_ylim(0, top / _FILLED)
        axes.locator_params(axis="y", integer=True)
    marks = (
        ("mean", numbers.mean, "#D55E00", "-"),
        ("99 % within", numbers.p99, "#009E73", "--"),
        ("worst", numbers.max, "#7b3294", ":"),
    )
    for label, cycle, colour, line in marks:
        if cycle is not None:
            name = f"{label} {cycle:,.4g}"
            axes.axvline(cycle, 0, _FILLED + 0.04, color=colour, linestyle=line, linewidth=1.6, label=name)
    axes.set_xlim(-0.5, max(float(edges[-1]), 1.5))
    return width


def _causes(axes: Axes, log: Deliveries, style: Mapping[str, Any]) -> None:
    """Zero load, wait in the source queue, wait in the network: the three sum to the latency."""
    group = -(-int(log.hops.max()) // _MAX_HOP_GROUPS) or 1
    if group > 1:
        axes.set_xlabel(f"hops (groups of {group})")
    of_key = np.bincount(log.hops // group)
    keys = np.flatnonzero(of_key)
    index = (np.cumsum(of_key > 0) - 1)[log.hops // group]
    count = of_key[keys]
    bottom = np.zeros(len(keys))
    parts = (
        ("mean at zero load", log.hops + 1, _ZERO_LOAD),
        ("mean wait in source queue", log.injected - log.created, _SOURCE),
        ("mean wait in network", log.delivered - log.injected - log.hops - 1, _NETWORK),
    )
    x = keys * group + (group - 1) / 2
    for label, cycles, colour in parts:
        mean = np.bincount(index, weights=cycles) / count
        axes.bar(x, mean, bottom=bottom, **styled({"width": 0.8 * group, "color": colour, "label": label}, style))
        bottom += mean
    by_group = log.latency[np.argsort(index.astype(np.uint8), kind="stable")]  # there are few groups
    high = np.array([np.percentile(part, 99) for part in np.split(by_group, np.cumsum(count)[:-1])])
    axes.plot(
        x,
        high,
        linestyle="none",
        marker="_",
        markersize=9,
        markeredgewidth=1.6,
        color=INK,
        label="99 % of latencies within",
    )
    axes.set_ylim(0, max(high.max(), bottom.max()) / (_FILLED + 0.04))
    axes.set_xlim(x.min() - 0.9 * group, x.max() + 0.9 * group)
    if group == 1 and len(x) <= 12:
        axes.set_xticks(x)
    else:
        axes.locator_params(axis="x", integer=True)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    axes.set_axisbelow(True)  # whatever the style
