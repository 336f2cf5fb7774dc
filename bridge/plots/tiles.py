"""The tiles of each population's neurons, and the room that is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Patch, Rectangle

from synaptile.swsim.trace import PopulationSlice

from .axes import axes_for, styled, title_of
from .mesh import mesh_axes, tile_points
from .run_data import PlottedRun
from .style import INK, MUTED, plain, swatch

__all__ = ["neurons_by_tile", "placement"]

_SIDE = 0.76
_FREE = "#eef1f4"
_MAX_NAMES = 18


def placement(
    run: PlottedRun,
    ax: Axes | None = None,
    *,
    legend: bool = True,
    points: float | None = None,
    title: str | None = None,
    **style: Any,
) -> Axes:
    """Draw every tile as a glass filled with its neurons, coloured by population, up to its capacity; north up.

    Parameters
    ----------
    run
        The run.
    ax
        Where to draw; by default in a new figure.
    title
        In place of the picture's own.
    legend
        Whether to draw one, right of the Axes.
    points
        Side of a tile in points, which the size of labels follows; by default as the Axes are now.
    style
        Properties of the layers of neurons, as ``PatchCollection`` takes them.

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
    mapping, capacity = run.mapping, run.config.crossbar.neurons
    rows, cols = mapping.rows, mapping.cols
    name = title_of(title, "Placement", partial=run.partial)
    mesh_axes(axes, rows, cols, name, margin=_SIDE / 2 + 0.1, below=0.12)
    side = tile_points(axes, rows, cols) if points is None else points
    counts = neurons_by_tile(run)
    _glasses(axes, counts, capacity, cols, min(0.8, side / 40), style)
    _labels(axes, counts.sum(axis=1), capacity, cols, side)
    if legend:
        _legend(axes, run.trace.populations, counts, mapping.tiles * capacity)
    return axes


def neurons_by_tile(run: PlottedRun) -> npt.NDArray[np.int64]:
    """Neurons of each population on each tile, shape (tiles, populations); one column if there are no populations."""
    mapping = run.mapping
    inside = mapping.inside
    bounds = [(p.start, p.stop) for p in run.trace.populations] or [(0, mapping.neurons)]
    return np.stack(
        [np.bincount(mapping.tile[start:stop][inside[start:stop]], minlength=mapping.tiles) for start, stop in bounds],
        axis=1,
    ).astype(np.int64)


def _glasses(
    axes: Axes, counts: npt.NDArray[np.int64], capacity: int, cols: int, edge: float, style: Mapping[str, Any]
) -> None:
    tiles, populations = counts.shape
    left = np.arange(tiles) % cols - _SIDE / 2
    bottom = np.arange(tiles) // cols + _SIDE / 2
    glasses = [Rectangle((x, y - _SIDE), _SIDE, _SIDE) for x, y in zip(left, bottom, strict=True)]
    axes.add_collection(PatchCollection(glasses, facecolors=_FREE, edgecolors="none", zorder=1))
    level = bottom.astype(float)
    for number in range(populations):
        height = counts[:, number] / capacity * _SIDE
        level -= height
        layers = [Rectangle((left[t], level[t]), _SIDE, height[t]) for t in np.flatnonzero(counts[:, number])]
        look = swatch(number)
        own = {"facecolors": look.colour, "edgecolors": "white", "linewidths": edge, "zorder": 2}
        axes.add_collection(PatchCollection(layers, **styled({**own, "hatch": look.hatch or None}, style)))
    axes.add_collection(PatchCollection(glasses, facecolors="none", edgecolors=MUTED, linewidths=edge, zorder=3))


def _labels(axes: Axes, used: npt.NDArray[np.int64], capacity: int, cols: int, points: float) -> None:
    if points < 40:  # rows and columns are on the axes; labels would not fit
        return
    labels = [
        f"({tile // cols},{tile % cols})" + (f"  {neurons}/{capacity}" if points >= 60 else "")
        for tile, neurons in enumerate(used.tolist())
    ]
    # A letter is about 0.6 of its size wide.
    size = min(8.5, 0.96 * points / (0.6 * max(map(len, labels))))
    for tile, label in enumerate(labels):
        row, col = divmod(tile, cols)
        colour = INK if used[tile] else MUTED
        axes.text(col, row + _SIDE / 2 + 0.03, label, ha="center", va="top", fontsize=size, color=colour)


def _legend(axes: Axes, populations: Sequence[PopulationSlice], counts: npt.NDArray[np.int64], capacity: int) -> None:
    names = [p.label for p in populations] or ["all neurons"]
    sizes = counts.sum(axis=0).tolist()
    entries = [
        Patch(
            facecolor=swatch(number).colour,
            hatch=swatch(number).hatch or None,
            edgecolor="white",
            label=f"{plain(name, 24)} ({size:,})",
        )
        for number, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    if len(entries) > _MAX_NAMES:
        rest = len(entries) - _MAX_NAMES
        entries = entries[:_MAX_NAMES]
        entries.append(Patch(facecolor="none", edgecolor="none", label=f"and {rest} more populations"))
    free = capacity - sum(sizes)
    entries.append(Patch(facecolor=_FREE, edgecolor=MUTED, label=f"free ({free:,})"))
    axes.legend(handles=entries, loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0, handlelength=1.4)
