"""The latencies of packets: their distribution, and the causes by hops."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engines.base import Deliveries
from ..metrics.distribution import Distribution
from ..run import ChipRun
from .style import INK, counted, say_empty, styled, with_state

__all__ = ["latency"]

_MAX_BINS = 64
_MAX_HOP_GROUPS = 24
_FILLED = 0.7  # part of the height that data may take; the legend lies above
_ZERO_LOAD, _SOURCE, _NETWORK = "#8A8F98", "#E69F00", "#0072B2"


@styled
def latency(run: ChipRun) -> Figure:
    """Histogram of latencies in cycles against that of an empty network, and the mean latency by hops and by cause."""
    log, sent = run.deliveries, len(run.packets)
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    title = f"Latency of {counted(len(log), 'packet')}"
    if len(log) < sent:
        title = f"Latency of the {counted(len(log), 'packet')} delivered, of {sent:,} sent"
    elif len(log):
        late = run.metrics.late.count
        title += f": mean {log.latency.mean():.3g}, worst {log.latency.max():,} cycles; "
        title += f"{late:,} late by a step or more" if late else "none late by a step"
    figure.suptitle(with_state(run, title), x=0.01, ha="left")
    histogram, causes = figure.subplots(1, 2, width_ratios=[3, 2])
    histogram.set(xlabel="latency (cycles, creation to head delivered)", ylabel="packets", title="Distribution")
    causes.set(xlabel="hops", ylabel="cycles", title="What the time is spent on")
    if not len(log):
        for axes in (histogram, causes):
            say_empty(axes, "no packets delivered" if sent else "no packets")
        return figure
    _histogram(histogram, log, run.metrics.latency)
    _causes(causes, log)
    return figure


def _histogram(axes: Axes, log: Deliveries, numbers: Distribution) -> None:
    cycles, bound = log.latency, log.hops + 1
    width = -(-(int(cycles.max()) + 1) // _MAX_BINS)
    edges = np.arange(0, int(cycles.max()) + width + 1, width) - 0.5
    # Whole cycles: those of a bar are found without looking for its edges.
    counts, free = (
        np.bincount(np.minimum(values // width, len(edges) - 1), minlength=len(edges))[:-1]
        for values in (cycles, bound)
    )
    axes.stairs(counts, edges, fill=True, color="#9cc3de", label="measured")
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
    if width > 1:
        axes.set_title(f"Distribution ({width} cycles per bar)")
    axes.legend(loc="upper right", ncols=2, columnspacing=1.4)


def _causes(axes: Axes, log: Deliveries) -> None:
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
        axes.bar(x, mean, width=0.8 * group, bottom=bottom, color=colour, label=label)
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
    axes.legend(loc="upper left", ncols=2, columnspacing=1.2, fontsize=8)
