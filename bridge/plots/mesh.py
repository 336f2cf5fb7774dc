"""Axes and labels that the pictures of a mesh share."""

from __future__ import annotations

from matplotlib.axes import Axes

from .style import MUTED

__all__ = ["mesh_axes", "tile_points"]


def tile_points(axes: Axes, rows: int, cols: int) -> float:
    """Side of a square tile in points (1/72 inch), as the Axes are now."""
    box = axes.get_window_extent()
    return float(min(box.width / cols, box.height / rows)) * 72 / axes.figure.dpi


def mesh_axes(axes: Axes, rows: int, cols: int, title: str, *, margin: float, below: float = 0.0) -> None:
    """Row 0 at the top (north), tile (r, c) a unit square centred on (c, r).

    ``margin`` is how far the picture goes beyond the middles of the outermost tiles, and ``below``
    how much further at the bottom.
    """
    axes.set(xlim=(-margin, cols - 1 + margin), ylim=(rows - 1 + margin + below, -margin), aspect="equal")
    axes.set(xlabel="column (west to east)", ylabel="row (south to north)")
    if title:
        axes.set_title(f"{title}  (▲ north)", loc="center")
    else:
        axes.set_title("▲ north", loc="center", color=MUTED, fontsize=9)
    axes.set_xticks(range(0, cols, _every(cols)))
    axes.set_yticks(range(0, rows, _every(rows)))
    axes.tick_params(length=0, colors=MUTED)
    axes.spines[:].set_visible(False)


def _every(count: int) -> int:
    """The least power of two with which there are at most 16 labels."""
    return int(1 << ((count - 1) // 16).bit_length())
