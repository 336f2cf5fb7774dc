"""The distortion of spike rhythm, and latency over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..metrics.steps import steps_of
from .axes import axes_for, styled, title_of
from .run_data import PlottedRun
from .style import INK, MUTED, say_empty

__all__ = ["isi_distortion", "latency_over_time"]

_MAX_POINTS = 400


def isi_distortion(
    run: PlottedRun, ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw a histogram of the mean change of inter-spike intervals of every flow, in cycles.

    A flow is the packets of one neuron to one tile.

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
        Properties of the histogram, as ``Axes.stairs`` takes them.

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
    isi = run.metrics.isi
    name = title_of(title, "ISI distortion", partial=run.partial)
    axes.set(xlabel="mean |ΔISI| of a flow (cycles)", ylabel="flows", title=name)
    if isi.change.mean is None:
        say_empty(axes, "no intervals")
        return axes
    top = max(float(isi.flow_mean.max()), 1.0)
    counts, edges = np.histogram(isi.flow_mean, bins=40, range=(0, top))
    axes.stairs(counts, edges, **styled({"fill": True, "color": "#0072B2"}, style))
    axes.set_xlim(0, top)
    axes.set_ylim(0, counts.max() * 1.2)  # room for the legend
    axes.locator_params(axis="y", integer=True)
    axes.axvline(float(isi.flow_mean.mean()), 0, 0.87, color="#D55E00", linewidth=1.6, label="mean over flows")
    if legend:
        axes.legend(loc="upper right")
    return axes


def latency_over_time(
    run: PlottedRun, ax: Axes | None = None, *, legend: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw the worst and the mean latency in cycles of the packets created in each step, over time in ms.

    Packets above the dashed line arrive in a later step than they would in software. Of more than 400 steps, several
    are one.

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
        Properties of the worst latency, as ``Axes.stairs`` takes them.

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
    name = title_of(title, "Latency over time", partial=run.partial)
    axes.set(xlabel="time (ms)", ylabel="latency (cycles)", title=name)
    if not len(run.deliveries):
        say_empty(axes, "no packets delivered" if len(run.packets) else "no packets")
        return axes
    group = _over_time(axes, run, style)
    if group > 1:
        axes.set_title(f"{name} ({group} steps per bar)")
    if legend:
        axes.legend(loc="upper left", ncols=3, columnspacing=1.2)
    return axes


def _over_time(axes: Axes, run: PlottedRun, style: Mapping[str, Any]) -> int:
    """Draw steps, or groups of them, and the length of one; return how many are in a group."""
    log, length = run.deliveries, run.config.cycles_per_step
    barrier = run.log is not None and run.config.tick != "fixed"
    step = steps_of(log.created, length, run.log.starts if run.log is not None and barrier else None)
    steps = max(run.trace.steps, int(step.max()) + 1)
    group = -(-steps // _MAX_POINTS)
    bins = -(-steps // group)
    index = step // group
    count = np.bincount(index, minlength=bins)
    worst = np.zeros(bins, np.int64)
    np.maximum.at(worst, index, log.latency)
    mean = np.bincount(index, weights=log.latency, minlength=bins) / np.maximum(count, 1)
    edges = np.minimum(np.arange(bins + 1) * group, steps) * run.trace.dt
    axes.stairs(worst, edges, **styled({"fill": True, "color": "#9cc3de", "label": "worst"}, style))
    axes.stairs(np.where(count > 0, mean, np.nan), edges, color="#083a66", linewidth=1.4, baseline=None, label="mean")
    top = float(worst.max())
    if top > 0.2 * length and not barrier:
        axes.axhline(length, color="#D55E00", linestyle="--", linewidth=1.4, label="one step: above, late")
        top = max(top, length)
    else:
        axes.text(
            0.99,
            0.97,
            "a tick ends when all have arrived: none is late"
            if barrier
            else f"a step is {length:,} cycles long, far above this picture",
            transform=axes.transAxes,
            ha="right",
            va="top",
            color=MUTED,
            fontsize=8.5,
        )
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, top * 1.3)
    axes.tick_params(colors=INK)
    axes.grid(axis="y")
    axes.set_axisbelow(True)  # whatever the style
    return group
