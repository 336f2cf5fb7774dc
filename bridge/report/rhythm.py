"""The distortion of spike rhythm, and latency over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..metrics.steps import steps_of
from ..run import ChipRun
from .style import INK, MUTED, say_empty, styled, with_state

__all__ = ["rhythm"]

_MAX_POINTS = 400


@styled
def rhythm(run: ChipRun) -> Figure:
    """Histogram of the mean ISI distortion of every flow in cycles, and latency over time."""
    isi = run.metrics.isi
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    if isi.change.mean is None:
        title = "ISI distortion: no neuron sent two packets to one tile"
    else:
        title = f"ISI distortion: mean {isi.change.mean:.3g}, worst {isi.change.max:,.0f} cycles"
    figure.suptitle(with_state(run, title), x=0.01, ha="left")
    distortion, time = figure.subplots(1, 2, width_ratios=[2, 3])
    distortion.set(xlabel="mean |ΔISI| of a flow (cycles)", ylabel="flows", title="Distribution over flows")
    time.set(xlabel="time (ms)", ylabel="latency (cycles)", title="Latency of the spikes of a step")
    if isi.change.mean is None:
        say_empty(distortion, "no intervals")
    else:
        top = max(float(isi.flow_mean.max()), 1.0)
        counts, edges = np.histogram(isi.flow_mean, bins=40, range=(0, top))
        distortion.stairs(counts, edges, fill=True, color="#0072B2")
        distortion.set_xlim(0, top)
        distortion.set_ylim(0, counts.max() * 1.2)  # room for the legend
        distortion.locator_params(axis="y", integer=True)
        distortion.axvline(
            float(isi.flow_mean.mean()), 0, 0.87, color="#D55E00", linewidth=1.6, label="mean over flows"
        )
        distortion.legend(loc="upper right")
    if len(run.deliveries):
        _over_time(time, run)
    else:
        say_empty(time, "no packets delivered" if len(run.packets) else "no packets")
    return figure


def _over_time(axes: Axes, run: ChipRun) -> None:
    """Worst and mean latency of the packets created in each step (or group of steps), and a step's length."""
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
    if group > 1:
        axes.set_title(f"Latency of the spikes of {group} steps")
    axes.stairs(worst, edges, fill=True, color="#9cc3de", label="worst")
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
    axes.legend(loc="upper left", ncols=3, columnspacing=1.2)
