"""Spike raster with the firing rates beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from synaptile.swsim.trace import PopulationSlice, Trace

from .axes import axes_for, styled, title_of
from .run_data import PlottedRun
from .style import GRID, MUTED, plain, say_empty, swatch

__all__ = ["MAX_BARS", "firing_rates", "raster", "spread"]

_MAX_MARKS = 20_000
_MAX_PIXELS = (1600, 900)  # of the density image: time, neurons
_MAX_LABELS = 18

MAX_BARS = 1500
"""Neurons up to which each has a bar of its own for its rate."""


def raster(run: PlottedRun | Trace, ax: Axes | None = None, *, title: str | None = None, **style: Any) -> Axes:
    """Draw every spike of the network at its time in ms, one row per neuron, coloured by population.

    Nothing is left out: more spikes than marks could be told apart are drawn as an image in which every pixel with
    at least one spike is coloured, the darker the more; with any ``style`` they are marks, however many.

    Parameters
    ----------
    run
        The run, or a trace.
    ax
        Where to draw; by default in a new figure.
    title
        In place of the picture's own.
    style
        Properties of the marks, as ``Axes.plot`` takes them.

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
    trace, partial = _trace(run)
    name = title_of(title, "Spikes", partial=partial)
    axes.set(xlabel="time (ms)", ylabel="neuron", title=name)
    if _is_empty(axes, trace):
        return axes
    populations, duration = _populations(trace), trace.steps * trace.dt
    if trace.spikes > _MAX_MARKS and not style:
        _image(axes, trace, populations)
        axes.set_title(f"{name} (one pixel may hold several: darker means more)")
    else:
        _marks(axes, trace, populations, style)
        if not trace.spikes:
            axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center", va="center", color=MUTED)
    axes.set_xlim(-0.008 * duration, duration)  # spikes at time 0 stand clear of the axis
    _rows(axes, trace, populations)
    return axes


def firing_rates(
    run: PlottedRun | Trace, ax: Axes | None = None, *, labels: bool = True, title: str | None = None, **style: Any
) -> Axes:
    """Draw how often each neuron fired, in Hz, as a bar in its row, coloured by population.

    Of more than 1,500 neurons, a bar is the mean of several.

    Parameters
    ----------
    run, ax, title
        As for `raster`.
    labels
        Populations by name, size and mean rate, right of the Axes.
    style
        Properties of the bars, as ``Axes.stairs`` takes them.

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
    trace, partial = _trace(run)
    name = title_of(title, "Firing rate", partial=partial)
    axes.set(xlabel="rate (Hz)", ylabel="neuron", title=name)
    if _is_empty(axes, trace):
        return axes
    populations = _populations(trace)
    hertz = trace.spike_counts() / (trace.steps * trace.dt / 1000)
    group = -(-trace.neurons // MAX_BARS)
    if group > 1:
        axes.set_title(f"{name}, mean of {group}")
    _rates(axes, hertz, populations, group, style)
    _rows(axes, trace, populations)
    axes.grid(axis="x")
    axes.set_axisbelow(True)  # whatever the style
    axes.set_xlim(0, max(float(hertz.max()) * 1.05, 1e-9) if trace.spikes else 1)
    axes.locator_params(axis="x", nbins=4)
    if labels:
        _labels(axes, hertz, populations, trace.neurons)
    return axes


def _trace(run: PlottedRun | Trace) -> tuple[Trace, bool]:
    """Return the trace, and whether it is of an interrupted run."""
    return (run, run.partial) if isinstance(run, Trace) else (run.trace, run.partial)


def _populations(trace: Trace) -> Sequence[PopulationSlice]:
    return trace.populations or (PopulationSlice("all neurons", 0, trace.neurons, ""),)


def _is_empty(axes: Axes, trace: Trace) -> bool:
    """Say so if there is nothing to draw."""
    if trace.neurons and trace.steps:
        return False
    say_empty(axes, "no time has passed" if trace.neurons else "no neurons")
    return True


def _rows(axes: Axes, trace: Trace, populations: Sequence[PopulationSlice]) -> None:
    """A row for each neuron, and a line between populations."""
    axes.set_ylim(-0.5, trace.neurons - 0.5)
    axes.locator_params(axis="y", integer=True, min_n_ticks=1)
    for population in populations[1:]:
        axes.axhline(population.start - 0.5, color=GRID, linewidth=0.6, zorder=0.5)


def _marks(axes: Axes, trace: Trace, populations: Sequence[PopulationSlice], style: dict[str, Any]) -> None:
    # One mark is as high as a neuron's row, within what can be seen and what does not look like a bar.
    size = float(np.clip(400 / trace.neurons, 2.0, 9.0))
    for number, population in enumerate(populations):
        mine = (trace.spike_neuron >= population.start) & (trace.spike_neuron < population.stop)
        look = {"linestyle": "none", "marker": "|", "markersize": size, "markeredgewidth": 1.0}
        axes.plot(
            trace.spike_step[mine] * trace.dt,
            trace.spike_neuron[mine],
            **styled({**look, "color": swatch(number).colour}, style),
        )


def _image(axes: Axes, trace: Trace, populations: Sequence[PopulationSlice]) -> None:
    width, height = min(_MAX_PIXELS[0], trace.steps), min(_MAX_PIXELS[1], trace.neurons)
    x = trace.spike_step * width // trace.steps
    y = trace.spike_neuron.astype(np.int64) * height // trace.neurons
    count = np.bincount(y * width + x, minlength=width * height).reshape(height, width)
    # A pixel with one spike must be seen, and hundreds must differ from tens: a floor, then the logarithm.
    strength = np.where(count > 0, 0.45 + 0.55 * np.log1p(count) / np.log1p(count.max()), 0.0)
    owner = np.zeros(height, np.int64)  # population of each row, that of its first neuron
    first = np.arange(height) * trace.neurons // height
    for number, population in enumerate(populations):
        owner[(first >= population.start) & (first < population.stop)] = number
    colours = np.array([to_rgb(swatch(number).colour) for number in range(len(populations))])
    rgb = 1 - strength[:, :, None] * (1 - colours[owner][:, None, :])
    axes.imshow(
        rgb,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(0, trace.steps * trace.dt, -0.5, trace.neurons - 0.5),
    )


def _rates(
    axes: Axes,
    hertz: npt.NDArray[np.float64],
    populations: Sequence[PopulationSlice],
    group: int,
    style: dict[str, Any],
) -> None:
    for number, population in enumerate(populations):
        if not population.size:
            continue
        starts = np.arange(population.start, population.stop, group)
        sizes = np.diff(np.append(starts, population.stop))
        mean = np.add.reduceat(hertz[: population.stop], starts) / sizes
        axes.stairs(
            mean,
            np.append(starts, population.stop) - 0.5,
            orientation="horizontal",
            **styled({"fill": True, "color": swatch(number).colour, "linewidth": 0}, style),
        )


def _labels(axes: Axes, hertz: npt.NDArray[np.float64], populations: Sequence[PopulationSlice], neurons: int) -> None:
    """Populations by name, size and mean rate, right of the rates, moved apart where they would overlap."""
    named = [(number, p) for number, p in enumerate(populations) if p.size]
    shown = sorted(sorted(named, key=lambda item: -item[1].size)[:_MAX_LABELS])
    middles = [((p.start + p.stop) / 2) / neurons for _, p in shown]
    for (number, p), height, middle in zip(shown, spread(middles, 1 / _MAX_LABELS), middles, strict=True):
        mean = float(hertz[p.start : p.stop].mean())
        axes.annotate(
            f"{plain(p.label, 20)} · {p.size:,} · {mean:.3g} Hz",
            xy=(1.0, middle),
            xytext=(1.08, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            color=[0.7 * part for part in to_rgb(swatch(number).colour)],  # darker: letters are thin
            fontweight="bold",
            fontsize=8,
            arrowprops={
                "arrowstyle": "-",
                "color": swatch(number).colour,
                "linewidth": 0.8,
                "shrinkA": 0,
                "relpos": (0, 0.5),
                "shrinkB": 0,
            },
        )
    if len(named) > len(shown):
        axes.annotate(
            f"and {len(named) - len(shown)} smaller populations",
            xy=(1.08, -0.06),
            xycoords="axes fraction",
            color=MUTED,
            fontsize=8,
        )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Heights in 0..1 for labels that are ``gap`` apart, each as near to the given (ascending) one as that allows.

    Lower ones are placed first.

    Raises ``ValueError`` if there is no room for so many.
    """
    if len(heights) * gap > 1 + 1e-9:
        raise ValueError(f"heights must be at most {int(1 / gap + 1e-9)} with a gap of {gap:g}, not {len(heights)}")
    out: list[float] = []
    for number, height in enumerate(heights):
        low = out[-1] + gap if out else gap / 2
        out.append(min(max(height, low), 1 - gap / 2 - (len(heights) - 1 - number) * gap))
    return out
