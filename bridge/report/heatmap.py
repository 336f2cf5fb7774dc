"""The mesh under load: how busy every router and every link was."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection, PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from synaptile.rtl.topology import Port, neighbour

from ..engines.base import Activity
from ..run import ChipRun
from .mesh import cell_points, mesh_axes, mesh_figure
from .style import GRID, INK, LINK_MAP, ROUTER_MAP, counted, styled, with_state

__all__ = ["heatmap"]

_SIDE = 0.5  # of a router's square; the rest of its unit square is for the links
_LANE = 0.12  # distance of a link's middle from that of its pair
_THIN, _THICK = 0.035, 0.2
_PORTS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)


@styled
def heatmap(run: ChipRun) -> Figure:
    """Routers as squares coloured by the flits that crossed them, links as arrows by flits per cycle, north up."""
    activity = run.activity
    rows, cols = activity.rows, activity.cols
    figure = mesh_figure(rows, cols, beside=2.6)
    crossed, sent = activity.buffer_reads, int(activity.link_flits.sum())
    title = f"{counted(int(crossed.sum()), 'flit')} through routers, {sent:,} over links"
    figure.suptitle(with_state(run, title), x=0.01, ha="left")
    axes = figure.subplots()
    mesh_axes(axes, rows, cols, margin=_SIDE / 2 + 0.1)

    routers = PatchCollection(
        [Rectangle((col - _SIDE / 2, row - _SIDE / 2), _SIDE, _SIDE) for row in range(rows) for col in range(cols)],
        cmap=ROUTER_MAP,
        norm=Normalize(0, max(1, int(crossed.max(initial=0)))),
        edgecolors=INK,
        linewidths=min(0.8, cell_points(rows, cols) / 40),
        zorder=3,
    )
    routers.set_array(crossed)
    axes.add_collection(routers)
    _label(axes, activity, crossed)
    bar = figure.colorbar(routers, ax=axes, shrink=0.85, aspect=22, pad=0.02, ticks=MaxNLocator(integer=True))
    bar.set_label("router: flits crossed")
    bar.outline.set_visible(False)

    links = _links(axes, activity)
    if links is not None:
        bar = figure.colorbar(links, ax=axes, shrink=0.85, aspect=22, pad=0.03)
        bar.set_label("link: flits per cycle, mean of the run")
        bar.outline.set_visible(False)
    return figure


def _label(axes: Axes, activity: Activity, crossed: npt.NDArray[np.int64]) -> None:
    points = cell_points(activity.rows, activity.cols)
    labels = []
    for tile, flits in enumerate(crossed.tolist()):
        number = f"\n{_short(flits)}" if points >= 60 else ""
        labels.append(f"({tile // activity.cols},{tile % activity.cols}){number}")
    # A letter is about 0.6 of its size wide.
    longest = max(len(line) for label in labels for line in label.split("\n"))
    size = min(8.5, 0.92 * points * _SIDE / (0.6 * longest))
    if size < 6:  # rows and columns are on the axes; labels would not be legible
        return
    dark = max(1, int(crossed.max(initial=0))) * 0.45
    for tile, label in enumerate(labels):
        row, col = divmod(tile, activity.cols)
        colour = "white" if crossed[tile] > dark else INK
        axes.text(col, row, label, ha="center", va="center", fontsize=size, color=colour, zorder=4, linespacing=1.35)


def _short(count: int) -> str:
    """At most five letters: 999, 12.3k, 1.2M."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")):
        if count >= size:
            scale = 1000 if letter == "k" else size
            return f"{count / scale:.1f}{letter}" if count < 100 * scale else f"{count // scale}{letter}"
    return str(count)


def _links(axes: Axes, activity: Activity) -> PolyCollection | None:
    """Draw both directions of every link, idle ones as grey lines; None if the mesh has no link that was used."""
    rate = activity.link_flits / max(1, activity.cycles)
    thin = min(0.8, cell_points(activity.rows, activity.cols) / 40)
    top = float(rate.max(initial=0))
    used: list[npt.NDArray[np.float64]] = []
    load: list[float] = []
    idle: list[list[tuple[int, int]]] = []
    for tile in range(activity.rows * activity.cols):
        row, col = divmod(tile, activity.cols)
        for port, flits_per_cycle in zip(_PORTS, rate[tile].tolist(), strict=True):
            # On a torus the arrows of the links round the edges end beside the mesh.
            step = neighbour(1, 1, port, rows=3, cols=3)
            assert step is not None
            there = row + step[0] - 1, col + step[1] - 1
            if neighbour(row, col, port, rows=activity.rows, cols=activity.cols, torus=activity.torus) is None:
                continue
            if flits_per_cycle:
                used.append(_arrow(row, col, there, _THIN + (_THICK - _THIN) * flits_per_cycle / top))
                load.append(flits_per_cycle)
            elif port in (Port.EAST, Port.SOUTH):
                # One line shows that there is a link; a used direction of the pair is drawn over it.
                idle.append([(col, row), (there[1], there[0])])
    axes.add_collection(LineCollection(idle, colors=GRID, linewidths=thin, zorder=1))
    if not used:
        return None
    links = PolyCollection(used, cmap=LINK_MAP, norm=Normalize(0, top), edgecolors="none", zorder=2)
    links.set_array(np.array(load))
    axes.add_collection(links)
    return links


def _arrow(row: int, col: int, there: tuple[int, int], width: float) -> npt.NDArray[np.float64]:
    """Corners, shape (7, 2), of the arrow to a neighbour, right of the middle as seen by the flits."""
    along = np.array([there[1] - col, there[0] - row], float)
    right = np.array([-along[1], along[0]])  # y points down
    gap = 1 - _SIDE
    head = min(gap * 0.45, 0.09 + width * 0.5)
    start, end = _SIDE / 2 + 0.01, 1 - _SIDE / 2 - 0.015
    half, wing = width / 2, max(width / 2 + 0.02, width * 0.55)
    path = [
        (start, -half), (end - head, -half), (end - head, -wing), (end, 0),
        (end - head, wing), (end - head, half), (start, half),
    ]  # fmt: skip
    middle = np.array([col, row], float) + right * _LANE
    return np.array([middle + along * length + right * side for length, side in path])
