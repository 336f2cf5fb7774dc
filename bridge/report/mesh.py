"""Figure size, axes and labels that the pictures of a mesh share."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import MUTED

__all__ = ["cell_points", "mesh_axes", "mesh_figure"]

_MAX_MESH_INCHES = 7.2
_CELL_INCHES = 1.5  # small meshes are not blown up to the size of large ones


def mesh_figure(rows: int, cols: int, beside: float) -> Figure:
    """A figure for a mesh of square tiles with ``beside`` inches right of it."""
    inches = cell_points(rows, cols) / 72
    # Wide enough for the title, high enough for a colour bar with its label.
    return Figure(figsize=(max(6.4, cols * inches + beside), max(3.6, rows * inches + 1.1)), layout="constrained")


def cell_points(rows: int, cols: int) -> float:
    """Side of a tile in points (1/72 inch) in `mesh_figure`."""
    return 72 * min(_CELL_INCHES, _MAX_MESH_INCHES / max(rows, cols))


def mesh_axes(axes: Axes, rows: int, cols: int, margin: float, below: float = 0.0) -> None:
    """Row 0 at the top (north), tile (r, c) a unit square centred on (c, r).

    ``margin`` is how far the picture goes beyond the middles of the outermost tiles, and ``below``
    how much further at the bottom.
    """
    axes.set(xlim=(-margin, cols - 1 + margin), ylim=(rows - 1 + margin + below, -margin), aspect="equal")
    axes.set(xlabel="column (west to east)", ylabel="row (south to north)")
    axes.set_title("▲ north", loc="center", color=MUTED, fontsize=9)
    axes.set_xticks(range(0, cols, _every(cols)))
    axes.set_yticks(range(0, rows, _every(rows)))
    axes.tick_params(length=0, colors=MUTED)
    axes.spines[:].set_visible(False)


def _every(count: int) -> int:
    return next(step for step in (1, 2, 4, 8) if count <= 16 * step)
