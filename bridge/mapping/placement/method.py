"""Placement: which tile each cluster gets, so that packets take few hops."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...tile_grid import TileGrid
from .distances import Distances
from .search import Progress, Search
from .table import METHODS
from .traffic import Traffic

__all__ = ["Placement", "check_method", "place", "search_placement"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Placement:
    """Cluster to tile, and its cost.

    Attributes
    ----------
    tile
        Shape (clusters,): row-major tile of each cluster.
    method
        The method asked for.
    cost, in_order_cost
        Σ packets × hops of this placement and of the in-order one.
    cut
        The time was up, or Ctrl-C came, before the method was done: another run may find another placement.
    """

    tile: Ints
    method: str
    cost: int
    in_order_cost: int
    cut: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON types; ``tile`` is left out."""
        return {"method": self.method, "packet_hops": self.cost, "packet_hops_in_order": self.in_order_cost}


def place(
    traffic: Traffic | Ints,
    grid: TileGrid,
    method: str = "optimised",
    seed: int = 0,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    keep_on_interrupt: bool = False,
) -> Placement:
    """Give each cluster a tile of its own, for few hops of packets.

    Parameters
    ----------
    traffic
        Packets between clusters; or an array of shape (clusters, clusters): packets from each cluster to each other.
    grid
        The chip's tiles.
    method
        A name of `METHODS`. The default is never worse than putting cluster i on tile i.
    seed
        The same seed gives the same placement, unless it was cut short.
    time_limit
        Seconds after which the best placement so far is taken; None for as long as the method takes.
    progress
        Called now and then with what is being tried, and the cost of the best placement so far.
    keep_on_interrupt
        Ctrl-C gives the best placement so far, if there is one; else it is not caught.

    Raises
    ------
    ValueError
        If the method is unknown, or cannot be used on so many clusters or tiles; if the traffic is no square matrix or
        has negative or too large numbers, or there are more clusters than tiles; if the time limit is not positive.
    """
    check_method(method)
    traffic = traffic if isinstance(traffic, Traffic) else Traffic.of_matrix(traffic)
    hops = Distances.hops(grid)
    search = search_placement(
        traffic, grid, hops, method, seed, time_limit=time_limit, progress=progress, keep_on_interrupt=keep_on_interrupt
    )
    assert search.best is not None
    in_order = hops.cost(traffic, np.arange(traffic.clusters, dtype=np.int64))
    return Placement(search.best, method, search.cost, in_order, search.cut)


def check_method(method: str) -> None:
    """Raise ``ValueError`` if there is no such method."""
    if method not in METHODS:
        raise ValueError(f"placement must be one of {', '.join(METHODS)}, not {method!r}")


def search_placement(
    traffic: Traffic,
    grid: TileGrid,
    distances: Distances,
    method: str,
    seed: int,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    keep_on_interrupt: bool = False,
    start: Ints | None = None,
) -> Search:
    """Let a method search with some cost of the ways between tiles; the other parameters and errors are as in `place`.

    With ``start``, shape (clusters,), the default goes on from those tiles instead of looking for a start. ``best`` of
    the search that is returned is a placement.
    """
    check_method(method)
    if traffic.clusters > grid.tiles:
        raise ValueError(
            f"clusters must be at most the {grid.tiles} tiles of the {grid.rows}x{grid.cols} mesh, not "
            f"{traffic.clusters}"
        )
    if time_limit is not None and not 0 < time_limit < float("inf"):
        raise ValueError(f"time_limit must be a positive number of seconds, not {time_limit}")
    distances.check(traffic)
    deadline = None if time_limit is None else time.monotonic() + time_limit
    search = Search(traffic, grid, distances, seed, deadline, progress)
    if start is not None:
        search.offer(start)
    try:
        METHODS[method](search)
    except KeyboardInterrupt:
        if not keep_on_interrupt or search.best is None:
            raise
        search.cut = True
    return search
