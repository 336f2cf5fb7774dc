"""The network under load: how busy every router and every link was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PatchCollection, PolyCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from synaptile.rtl.topology import Port

from ..engines.base import Activity
from ..tile_grid import TileGrid
from .axes import axes_for, styled, title_of
from .mesh import mesh_axes, tile_points
from .run_data import PlottedRun
from .style import GRID, INK, LINK_MAP, ROUTER_MAP

__all__ = ["heatmap"]

_SIDE = 0.5  # of a router's square; the rest of its unit square is for the links
_HUB_SIDE, _HUB_AWAY = 0.2, 0.5  # of a hub's square, and how far right of and below its router's middle that is
_LANE = 0.12  # distance of a link's middle from that of its pair
_THIN, _THICK = 0.035, 0.2
_PORTS = (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)


def heatmap(
    run: PlottedRun,
    ax: Axes | None = None,
    *,
    colorbars: bool = True,
    points: float | None = None,
    title: str | None = None,
    **style: Any,
) -> Axes:
    """Draw routers as squares coloured by the flits that crossed them, links as arrows by flits per cycle, north up.

    Of a tree, the small squares are the hubs of the clusters, each beside the router above it.

    Parameters
    ----------
    run
        The run.
    ax
        Where to draw; by default in a new figure.
    title
        In place of the picture's own.
    colorbars
        Whether to draw those of routers and links, which take room of the Axes.
    points
        Side of a tile in points, which the size of labels follows; by default as the Axes are now.
    style
        Properties of the routers' squares, as ``PatchCollection`` takes them.

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
    activity = run.activity
    rows, cols, tree = activity.mesh_rows, activity.mesh_cols, TileGrid.of(activity).interconnect.has_hubs
    name = title_of(title, "Load", partial=run.partial)
    mesh_axes(axes, rows, cols, name, margin=_HUB_AWAY + _HUB_SIDE if tree else _SIDE / 2 + 0.1)
    if tree:
        axes.set(xlabel="column of clusters (west to east)", ylabel="row of clusters (south to north)")
    side = tile_points(axes, rows, cols) if points is None else points
    thin = min(0.8, side / 40)

    crossed = activity.buffer_reads
    middles = [(float(col), float(row)) for row in range(rows) for col in range(cols)]
    squares = [_square(middle, _SIDE) for middle in middles]
    own = {"cmap": ROUTER_MAP, "norm": Normalize(0, max(1, int(crossed.max(initial=0))))}
    routers = PatchCollection(
        squares + [_square(_hub(middle), _HUB_SIDE) for middle in middles if tree],
        **styled({**own, "edgecolors": INK, "linewidths": thin, "zorder": 3}, style),
    )
    routers.set_array(crossed)
    axes.add_collection(routers)
    _label(axes, activity, crossed[: len(middles)], side)
    if colorbars:
        _bar(axes, routers, "router: flits crossed", pad=0.02, ticks=MaxNLocator(integer=True))
    links = _links(axes, activity, thin)
    if colorbars and links is not None:
        _bar(axes, links, "link: flits per cycle, mean of the run", pad=0.03)
    return axes


def _bar(axes: Axes, colours: Collection, label: str, **more: Any) -> None:
    bar = axes.figure.colorbar(colours, ax=axes, shrink=0.85, aspect=22, **more)
    bar.set_label(label)
    bar.outline.set_visible(False)


_Point = tuple[float, float]


def _hub(router: _Point) -> _Point:
    """Middle of the hub below a router in the picture."""
    return router[0] + _HUB_AWAY, router[1] + _HUB_AWAY


def _square(middle: _Point, side: float) -> Rectangle:
    return Rectangle((middle[0] - side / 2, middle[1] - side / 2), side, side)


def _label(axes: Axes, activity: Activity, crossed: npt.NDArray[np.int64], points: float) -> None:
    labels = []
    for tile, flits in enumerate(crossed.tolist()):
        number = f"\n{_short(flits)}" if points >= 60 else ""
        labels.append(f"({tile // activity.mesh_cols},{tile % activity.mesh_cols}){number}")
    # A letter is about 0.6 of its size wide.
    longest = max(len(line) for label in labels for line in label.split("\n"))
    size = min(8.5, 0.92 * points * _SIDE / (0.6 * longest))
    if size < 6:  # rows and columns are on the axes; labels would not be legible
        return
    dark = max(1, int(crossed.max(initial=0))) * 0.45
    for tile, label in enumerate(labels):
        row, col = divmod(tile, activity.mesh_cols)
        colour = "white" if crossed[tile] > dark else INK
        axes.text(col, row, label, ha="center", va="center", fontsize=size, color=colour, zorder=4, linespacing=1.35)


def _short(count: int) -> str:
    """At most five letters: 999, 12.3k, 1.2M."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")):
        if count >= size:
            scale = 1000 if letter == "k" else size
            return f"{count / scale:.1f}{letter}" if count < 100 * scale else f"{count // scale}{letter}"
    return str(count)


def _links(axes: Axes, activity: Activity, thin: float) -> PolyCollection | None:
    """Draw both directions of every link, idle ones as grey lines; None if the network has no link that was used."""
    ends = [*_mesh_links(activity), *_hub_links(activity)]
    top = max((flits for *_, flits in ends), default=0)
    used = [
        (_arrow(start, end, room, slim, _THIN + (_THICK - _THIN) * flits / top), flits)
        for start, end, room, slim, flits in ends
        if flits
    ]
    # A line shows that there is a link where neither direction is used.
    pairs = {(min(start, end), max(start, end)) for start, end, *_ in ends}
    idle = sorted(pairs - {(min(start, end), max(start, end)) for start, end, *_, flits in ends if flits})
    axes.add_collection(LineCollection(idle, colors=GRID, linewidths=thin, zorder=1))
    if not used:
        return None
    cycles = max(1, activity.cycles)
    links = PolyCollection(
        [arrow for arrow, _ in used], cmap=LINK_MAP, norm=Normalize(0, top / cycles), edgecolors="none", zorder=2
    )
    links.set_array(np.array([flits for _, flits in used]) / cycles)
    axes.add_collection(links)
    return links


_Link = tuple[_Point, _Point, _Point, float, int]
"""Start, end, the length of the way under the square at either end, the part of full width, and flits."""


def _mesh_links(activity: Activity) -> Iterator[_Link]:
    chip = TileGrid.of(activity).interconnect
    for node, flits in enumerate(activity.link_flits.tolist()):
        row, col = divmod(node, chip.node_cols)
        for port, number in zip(_PORTS, flits, strict=True):
            if chip.neighbour(row, col, port) is None:
                continue
            # On a torus the arrows of the links round the edges end beside the mesh.
            down, along = port.step
            yield (col, row), (col + along, row + down), (_SIDE / 2, _SIDE / 2), 1.0, number


def _hub_links(activity: Activity) -> Iterator[_Link]:
    # Along the diagonal of the squares.
    above, below = _SIDE / 2 * math.sqrt(2), _HUB_SIDE / 2 * math.sqrt(2)
    for node, (up, down) in enumerate(activity.hub_link_flits.tolist()):
        row, col = divmod(node, activity.mesh_cols)
        router = (float(col), float(row))
        yield _hub(router), router, (below, above), 0.55, up
        yield router, _hub(router), (above, below), 0.55, down


def _arrow(start: _Point, end: _Point, room: _Point, slim: float, width: float) -> npt.NDArray[np.float64]:
    """Corners, shape (7, 2), of the arrow from square to square, right of the middle as seen by the flits."""
    way = np.array(end) - np.array(start)
    length = float(np.hypot(*way))
    along = way / length
    right = np.array([-along[1], along[0]])  # y points down
    first, last = room[0] + 0.01, length - room[1] - 0.015
    head = min((last - first) * 0.45, 0.09 + width * 0.5)
    half, wing = slim * width / 2, slim * max(width / 2 + 0.02, width * 0.55)
    path = [
        (first, -half), (last - head, -half), (last - head, -wing), (last, 0),
        (last - head, wing), (last - head, half), (first, half),
    ]  # fmt: skip
    middle = np.array(start, float) + right * _LANE * slim
    return np.array([middle + along * length + right * side for length, side in path])
