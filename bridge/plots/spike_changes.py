"""Raster of two runs of one network: which spikes are the same, lost, new, or have moved."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..comparison.traces import Comparison
from .axes import axes_for, styled, title_of
from .run_data import PlottedRun
from .style import GRID, MUTED, counted, plain, say_empty

__all__ = ["changed_spikes"]

_SAME, _LOST, _NEW, _MOVED = "#b8c0c8", "#D55E00", "#0072B2", "#CC79A7"
_MAX_SAME = 50_000  # marks of spikes that are the same; beyond, they are thinned out evenly
_MAX_LABELS = 18


def changed_spikes(
    found: PlottedRun | Comparison,
    ax: Axes | None = None,
    *,
    legend: bool = True,
    title: str | None = None,
    **style: Any,
) -> Axes:
    """Draw every spike of two runs at its time in ms, by what became of it; a line leads to where a spike has moved.

    What has changed is shown whole. Of the spikes that are the same, at most 50,000 are drawn, taken evenly.

    Parameters
    ----------
    found
        A run that was compared, or what `compare_traces` found.
    ax
        Where to draw; by default in a new figure.
    legend
        Whether to draw one, below the Axes.
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
    ValueError
        If the run was not compared.
    """
    axes = axes_for(ax)
    comparison, partial = _comparison(found)
    neurons, populations, dt = comparison.neurons, comparison.slices, comparison.dt
    name = title_of(title, f"{counted(comparison.changed, 'spike')} changed", partial=partial)
    axes.set(xlabel="time (ms)", ylabel="neuron", title=name)
    if not neurons or not comparison.steps:
        say_empty(axes, "no neurons" if not neurons else "no time has passed")
        return axes
    _marks(axes, comparison, style)
    duration = comparison.steps * dt
    axes.set_xlim(-0.008 * duration, duration)
    axes.set_ylim(-0.5, neurons - 0.5)
    axes.locator_params(axis="y", integer=True, min_n_ticks=1)
    for population in populations[1:]:
        axes.axhline(population.start - 0.5, color=GRID, linewidth=0.6, zorder=0.5)
    for population in sorted(populations, key=lambda p: -p.size)[:_MAX_LABELS]:
        middle = (population.start + population.stop) / 2 / neurons
        axes.annotate(
            plain(population.label, 20), (1.01, middle), xycoords="axes fraction", va="center", color=MUTED, fontsize=8
        )
    if legend:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=4)
    return axes


def _comparison(found: PlottedRun | Comparison) -> tuple[Comparison, bool]:
    """Return what was found, and whether the run was interrupted; raises ``ValueError`` if it was not compared."""
    if isinstance(found, Comparison):
        return found, False
    if found.changes is None:
        why = found.not_compared or "nothing was given to compare it with (Chip(compare=True))"
        raise ValueError(f"changed_spikes needs a run that was compared, but {why}")
    return found.changes.comparison, found.partial


def _marks(axes: Axes, comparison: Comparison, style: dict[str, Any]) -> None:
    found, dt = comparison.alignment, comparison.dt
    thinned = slice(None, None, max(1, -(-len(found.same_step) // _MAX_SAME)))
    size = float(np.clip(400 / comparison.neurons, 2.0, 9.0))
    marks: dict[str, Any] = {"linestyle": "none", "marker": "|", "markersize": size, "markeredgewidth": 1.0}
    same = "the same" if thinned.step == 1 else f"the same (one of {thinned.step})"
    for steps, who, colour, label in (
        (found.same_step[thinned], found.same_neuron[thinned], _SAME, f"{same}: {len(found.same_step):,}"),
        (found.lost_step, found.lost_neuron, _LOST, f"lost: {len(found.lost_step):,}"),
        (found.new_step, found.new_neuron, _NEW, f"new: {len(found.new_step):,}"),
        (found.moved_to, found.moved_neuron, _MOVED, f"moved: {len(found.moved_to):,}"),
    ):
        axes.plot(steps * dt, who, **styled({**marks, "color": colour, "label": label}, style))
    ends = np.stack([found.moved_from * dt, found.moved_neuron, found.moved_to * dt, found.moved_neuron], axis=1)
    axes.add_collection(LineCollection(list(ends.reshape(-1, 2, 2)), colors=_MOVED, linewidths=1.0))
