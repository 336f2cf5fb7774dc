"""The tiles of each population's neurons, and the room that is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from synaptile.swsim.trace import PopulationSlice

from ..run import ChipRun
from .mesh import cell_points, mesh_axes, mesh_figure
from .style import INK, MUTED, counted, plain, styled, swatch, with_state

__all__ = ["neurons_by_tile", "placement"]

_SIDE = 0.76
_FREE = "#eef1f4"
_MAX_NAMES = 18


@styled
def placement(run: ChipRun) -> Figure:
    """Every tile as a glass filled with its neurons, coloured by population, up to its capacity; north up."""
    mapping, capacity = run.mapping, run.config.crossbar.neurons
    rows, cols = mapping.rows, mapping.cols
    figure = mesh_figure(rows, cols, beside=3.0)
    used = f"{len(mapping.used_tiles):,} of {counted(mapping.tiles, 'tile')}"
    title = f"{counted(int(mapping.inside.sum()), 'neuron')} on {used}, at most {capacity:,} on each"
    figure.suptitle(with_state(run, title), x=0.01, ha="left")
    axes = figure.subplots()
    mesh_axes(axes, rows, cols, margin=_SIDE / 2 + 0.1, below=0.12)
    populations = run.trace.populations
    counts = neurons_by_tile(run)
    _glasses(axes, counts, capacity, cols, edge=min(0.8, cell_points(rows, cols) / 40))
    _labels(axes, counts.sum(axis=1), capacity, rows, cols)
    _legend(axes, populations, counts, mapping.tiles * capacity)
    return figure


def neurons_by_tile(run: ChipRun) -> npt.NDArray[np.int64]:
    """Neurons of each population on each tile, shape (tiles, populations); one column if there are no populations."""
    mapping = run.mapping
    inside = mapping.inside
    bounds = [(p.start, p.stop) for p in run.trace.populations] or [(0, mapping.neurons)]
    return np.stack(
        [np.bincount(mapping.tile[start:stop][inside[start:stop]], minlength=mapping.tiles) for start, stop in bounds],
        axis=1,
    ).astype(np.int64)


def _glasses(axes: Axes, counts: npt.NDArray[np.int64], capacity: int, cols: int, edge: float) -> None:
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
        axes.add_collection(
            PatchCollection(
                layers, facecolors=look.colour, edgecolors="white", linewidths=edge, hatch=look.hatch or None, zorder=2
            )
        )
    axes.add_collection(PatchCollection(glasses, facecolors="none", edgecolors=MUTED, linewidths=edge, zorder=3))


def _labels(axes: Axes, used: npt.NDArray[np.int64], capacity: int, rows: int, cols: int) -> None:
    points = cell_points(rows, cols)
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
