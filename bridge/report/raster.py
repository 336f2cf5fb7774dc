"""Spike raster with the firing rates beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from synaptile.swsim.trace import PopulationSlice, Trace

from ..run import ChipRun
from .style import GRID, MUTED, counted, plain, say_empty, styled, swatch, with_state

__all__ = ["raster"]

_MAX_MARKS = 20_000
_MAX_PIXELS = (1600, 900)  # of the density image: time, neurons
_MAX_RATE_ROWS = 1500  # rows of the rate panel
_MAX_LABELS = 18


@styled
def raster(run: ChipRun) -> Figure:
    """Every spike of the network at its time in ms, coloured by population, and every neuron's firing rate in Hz.

    Nothing is left out: more spikes than marks could be told apart are drawn as an image in which every pixel with
    at least one spike is coloured, the darker the more.
    """
    trace = run.trace
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    title = f"{counted(trace.spikes, 'spike')} of {counted(trace.neurons, 'neuron')} in {trace.steps * trace.dt:,g} ms"
    figure.suptitle(with_state(run, title), x=0.01, ha="left")
    spikes, rates = figure.subplots(1, 2, sharey=True, width_ratios=[4, 1])
    populations = trace.populations or (
        (PopulationSlice("all neurons", 0, trace.neurons, ""),) if trace.neurons else ()
    )
    duration = trace.steps * trace.dt
    spikes.set(xlabel="time (ms)", ylabel="neuron", title="Spikes")
    rates.set(xlabel="rate (Hz)", title="Firing rate")
    if not trace.neurons or not duration:
        for axes in (spikes, rates):
            say_empty(axes, "no neurons" if not trace.neurons else "no time has passed")
        return figure

    if trace.spikes > _MAX_MARKS:
        _image(spikes, trace, populations)
        spikes.set_title("Spikes (one pixel may hold several: darker means more)")
    else:
        _marks(spikes, trace, populations)
        if not trace.spikes:
            spikes.text(0.5, 0.5, "no spikes", transform=spikes.transAxes, ha="center", va="center", color=MUTED)
    spikes.set_xlim(-0.008 * duration, duration)  # spikes at time 0 stand clear of the axis
    spikes.set_ylim(-0.5, trace.neurons - 0.5)
    spikes.locator_params(axis="y", integer=True, min_n_ticks=1)

    hertz = trace.spike_counts() / (duration / 1000)
    _rates(rates, hertz, populations)
    rates.tick_params(axis="y", length=0, labelleft=False)
    for population in populations[1:]:
        for axes in (spikes, rates):
            axes.axhline(population.start - 0.5, color=GRID, linewidth=0.6, zorder=0.5)
    rates.grid(axis="x")
    rates.set_xlim(0, max(float(hertz.max()) * 1.05, 1e-9) if trace.spikes else 1)
    rates.locator_params(axis="x", nbins=4)
    _labels(rates, hertz, populations, trace.neurons)
    return figure


def _marks(axes: Axes, trace: Trace, populations: Sequence[PopulationSlice]) -> None:
    # One mark is as high as a neuron's row, within what can be seen and what does not look like a bar.
    size = float(np.clip(400 / trace.neurons, 2.0, 9.0))
    for number, population in enumerate(populations):
        mine = (trace.spike_neuron >= population.start) & (trace.spike_neuron < population.stop)
        axes.plot(
            trace.spike_step[mine] * trace.dt,
            trace.spike_neuron[mine],
            linestyle="none",
            marker="|",
            markersize=size,
            markeredgewidth=1.0,
            color=swatch(number).colour,
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


def _rates(axes: Axes, hertz: npt.NDArray[np.float64], populations: Sequence[PopulationSlice]) -> None:
    group = -(-len(hertz) // _MAX_RATE_ROWS)
    if group > 1:
        axes.set_title(f"Rate, mean of {group}")
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
            fill=True,
            color=swatch(number).colour,
            linewidth=0,
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
