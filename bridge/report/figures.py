"""Pictures of the report: the figures of `synaptile.bridge.plots` side by side, in one look.

Each function gives a matplotlib ``Figure`` that belongs to no window and no global state; the same run gives the same
picture, byte for byte. Interrupted runs are marked in the title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from matplotlib.figure import Figure

from .. import plots
from ..comparison.traces import Comparison
from ..plots.run_data import PlacedNetwork, PlottedRun
from ..plots.spikes import MAX_BARS
from ..plots.style import counted, plain
from ..plots.trade_offs import trade_offs
from ..traffic.load_sweep import Curve
from .style import styled, to_png

__all__ = [
    "changed_spikes",
    "heatmap",
    "latency",
    "load_curves",
    "placement",
    "raster",
    "rhythm",
    "to_png",
    "trade_off_pairs",
    "wave_figure",
]

_MAX_MESH_INCHES = 7.2
_TILE_INCHES = 1.5  # small meshes are not blown up to the size of large ones


@styled
def raster(run: PlottedRun) -> Figure:
    """Every spike at its time, and every neuron's firing rate."""
    trace = run.trace
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    title = f"{counted(trace.spikes, 'spike')} of {counted(trace.neurons, 'neuron')} in {trace.steps * trace.dt:,g} ms"
    _head(figure, run, title)
    spikes, rates = figure.subplots(1, 2, sharey=True, width_ratios=[4, 1])
    plots.raster(run, spikes, title="Spikes")
    plots.firing_rates(run, rates, title="Firing rate" if trace.neurons <= MAX_BARS else "Rate")
    rates.set_ylabel("")
    if trace.neurons and trace.steps:
        rates.tick_params(axis="y", length=0, labelleft=False)
    return figure


@styled
def placement(run: PlacedNetwork) -> Figure:
    """The tiles of each population's neurons."""
    mapping = run.mapping
    figure = _mesh_figure(mapping.rows, mapping.cols, beside=3.0)
    used = f"{len(mapping.used_tiles):,} of {counted(mapping.tiles, 'tile')}"
    neurons = counted(int(mapping.inside.sum()), "neuron")
    _head(figure, run, f"{neurons} on {used}, at most {run.config.crossbar.neurons:,} on each")
    plots.placement(run, figure.subplots(), points=_tile_points(mapping.rows, mapping.cols), title="")
    return figure


@styled
def heatmap(run: PlottedRun) -> Figure:
    """How busy every router and every link was."""
    activity = run.activity
    rows, cols = activity.mesh_rows, activity.mesh_cols
    figure = _mesh_figure(rows, cols, beside=2.6)
    sent = int(activity.link_flits.sum() + activity.hub_link_flits.sum())
    crossed = counted(int(activity.buffer_reads.sum()), "flit")
    _head(figure, run, f"{crossed} through routers, {sent:,} over links")
    plots.heatmap(run, figure.subplots(), points=_tile_points(rows, cols), title="")
    return figure


@styled
def latency(run: PlottedRun) -> Figure:
    """The latencies of packets: their distribution, and the causes by hops."""
    log, sent = run.deliveries, len(run.packets)
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    title = f"Latency of {counted(len(log), 'packet')}"
    if len(log) < sent:
        title = f"Latency of the {counted(len(log), 'packet')} delivered, of {sent:,} sent"
    elif len(log):
        late = run.metrics.late.count
        title += f": mean {log.latency.mean():.3g}, worst {log.latency.max():,} cycles; "
        title += f"{late:,} late by a step or more" if late else "none late by a step"
    _head(figure, run, title)
    histogram, causes = figure.subplots(1, 2, width_ratios=[3, 2])
    plots.latency(run, histogram, title="Distribution")
    plots.latency_by_hops(run, causes, title="What the time is spent on")
    return figure


@styled
def rhythm(run: PlottedRun) -> Figure:
    """The distortion of spike rhythm, and latency over time."""
    change = run.metrics.isi.change
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    title = "ISI distortion: no neuron sent two packets to one tile"
    if change.mean is not None:
        title = f"ISI distortion: mean {change.mean:.3g}, worst {change.max:,.0f} cycles"
    _head(figure, run, title)
    distortion, time = figure.subplots(1, 2, width_ratios=[2, 3])
    plots.isi_distortion(run, distortion, title="Distribution over flows")
    plots.latency_over_time(run, time, title="Latency of the spikes of a step")
    return figure


@styled
def changed_spikes(found: PlottedRun | Comparison) -> Figure:
    """Every spike of two runs, by what became of it. Raises ``ValueError`` if a run was not compared."""
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    axes = plots.changed_spikes(found, figure.subplots(), legend=False, title="")
    if not isinstance(found, Comparison):
        assert found.changes is not None  # or it could not have been drawn
        found = found.changes.comparison
    figure.suptitle(f"{counted(found.changed, 'spike')} changed between two runs", x=0.01, ha="left")
    if axes.lines:
        figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def load_curves(curves: Sequence[Curve], *, title: str) -> Figure:
    """Latency and accepted load, each over the offered load."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    figure.suptitle(plain(title, 120), x=0.01, ha="left")
    latency, accepted = figure.subplots(1, 2)
    plots.load_latency(curves, latency, legend=False)
    plots.accepted_load(curves, accepted)
    return figure


@styled
def trade_off_pairs(points: Sequence[Mapping[str, float]], names: Sequence[str], *, title: str) -> Figure:
    """Draw the points of a front, every two objectives against each other."""
    pairs = list(combinations(names, 2))
    figure = Figure(figsize=(5.2 * min(len(pairs), 3), 4.2 * -(-len(pairs) // 3)), layout="constrained")
    figure.suptitle(plain(title, 120), x=0.01, ha="left")
    for number, (x, y) in enumerate(pairs, 1):
        trade_offs(points, x, y, figure.add_subplot(-(-len(pairs) // 3), min(len(pairs), 3), number))
    return figure


@styled
def wave_figure(
    path: str | Path, rows: Sequence[tuple[str, str]], cycles: range, *, clock_hz: float, title: str
) -> Figure:
    """Draw a waveform as `synaptile.bridge.plots.waveform` does, in a figure of its size; raises as that does."""
    figure = Figure(figsize=(1.9 + 1.05 * len(cycles), 0.7 + 0.36 * len(rows)), layout="constrained")
    plots.waveform(path, rows, cycles, figure.subplots(), clock_hz=clock_hz, title=title)
    return figure


def _head(figure: Figure, run: PlacedNetwork, title: str) -> None:
    """Set the title of a picture, with a mark if the run was interrupted."""
    figure.suptitle(f"{title} — PARTIAL RUN" if run.partial else title, x=0.01, ha="left")


def _mesh_figure(rows: int, cols: int, beside: float) -> Figure:
    """A figure for a mesh of square tiles with ``beside`` inches right of it."""
    inches = _tile_points(rows, cols) / 72
    # Wide enough for the title, high enough for a colour bar with its label.
    return Figure(figsize=(max(6.4, cols * inches + beside), max(3.6, rows * inches + 1.1)), layout="constrained")


def _tile_points(rows: int, cols: int) -> float:
    """Side of a tile in points (1/72 inch) in `_mesh_figure`."""
    return 72 * min(_TILE_INCHES, _MAX_MESH_INCHES / max(rows, cols))
