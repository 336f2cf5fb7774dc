"""NSGA-II of pymoo with operators for placements: an individual is an order of all tiles, those of clusters first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.crossover import Crossover
from pymoo.core.duplicate import DefaultDuplicateElimination
from pymoo.core.mutation import Mutation
from pymoo.core.problem import Problem

from ...tile_grid import TileGrid
from .search import Progress

__all__ = ["FrontInterrupted", "front"]

Ints = npt.NDArray[np.int64]

_REACH = 2


class FrontInterrupted(KeyboardInterrupt):
    """Ctrl-C in a search for trade-offs; ``found`` are the placements until then."""

    def __init__(self, found: list[Ints]) -> None:
        super().__init__()
        self.found = found


class _Placements(Problem):
    """The costs of many placements."""

    def __init__(self, values: Callable[[Ints], list[float]], clusters: int, tiles: int, objectives: int) -> None:
        super().__init__(n_var=tiles, n_obj=objectives, xl=0, xu=tiles - 1, vtype=int)
        self.values, self.clusters = values, clusters

    def _evaluate(self, x: Any, out: Any, *args: Any, **kwargs: Any) -> None:
        out["F"] = np.array([self.values(one[: self.clusters].astype(np.int64)) for one in x])


class _Cycles(Crossover):
    """Cycle crossover: every place has what one of the parents has there (Oliver and others, 1987)."""

    def __init__(self) -> None:
        super().__init__(2, 2)

    def _do(self, problem: Any, x: Any, *args: Any, random_state: Any = None, **kwargs: Any) -> Any:
        children = x.copy()
        for number in range(x.shape[1]):
            one, two = x[0, number], x[1, number]
            swapped = _cycles(one, two, random_state.random(len(one)) < 0.5)
            children[0, number] = np.where(swapped, two, one)
            children[1, number] = np.where(swapped, one, two)
        return children


def _cycles(one: Ints, two: Ints, coin: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return for each place whether it is taken from the second, the same all along a cycle."""
    place = np.empty(len(one), np.int64)
    place[one] = np.arange(len(one))
    after = place[two]
    taken, seen = np.zeros(len(one), bool), np.zeros(len(one), bool)
    for first in range(len(one)):
        at = first
        while not seen[at]:
            seen[at], taken[at] = True, coin[first]
            at = int(after[at])
    return taken


class _Exchanges(Mutation):
    """One to four clusters exchange their tiles with what is near them."""

    def __init__(self, clusters: int, grid: TileGrid) -> None:
        super().__init__()
        self.clusters, self.grid = clusters, grid

    def _do(self, problem: Any, x: Any, *args: Any, random_state: Any = None, **kwargs: Any) -> Any:
        return np.array([self.exchanged(one, random_state.integers(1, 5), random_state) for one in x])

    def exchanged(self, order: Ints, count: int, rng: np.random.Generator) -> Ints:
        """Return an order in which so many clusters have exchanged their tiles."""
        order, rows, cols = order.copy(), self.grid.rows, self.grid.cols
        for _ in range(count):
            one = int(rng.integers(self.clusters))
            row, col = divmod(int(order[one]), cols)
            down, along = rng.integers(-_REACH, _REACH + 1, 2)
            tile = int(np.clip(row + down, 0, rows - 1)) * cols + int(np.clip(col + along, 0, cols - 1))
            two = int(np.flatnonzero(order == tile)[0])
            order[one], order[two] = order[two], order[one]
        return order


def front(
    values: Callable[[Ints], list[float]],
    starts: Sequence[Ints],
    grid: TileGrid,
    *,
    seed: int,
    population: int,
    generations: int,
    deadline: float | None,
    progress: Progress | None,
) -> tuple[list[Ints], bool]:
    """Return the placements that no other one found dominates, and whether the time was up before the search was done.

    Raises `FrontInterrupted` on Ctrl-C.

    Parameters
    ----------
    values
        The objectives of a placement, shape (clusters,).
    starts
        Placements to begin with, one or more.
    grid, seed, population, generations, progress
        As in `pareto_placements`.
    deadline
        Time by ``time.monotonic`` at which to stop; None for never.
    """
    clusters = len(starts[0])
    if not clusters:
        return [starts[0]], False
    mutation, rng = _Exchanges(clusters, grid), np.random.default_rng(seed)
    first = [np.concatenate([tile, np.setdiff1d(np.arange(grid.tiles), tile)]) for tile in starts][:population]
    while len(first) < population:
        first.append(mutation.exchanged(first[len(first) % len(starts)], 2, rng))
    algorithm = NSGA2(
        pop_size=population,
        sampling=np.array(first),
        crossover=_Cycles(),
        mutation=mutation,
        eliminate_duplicates=DefaultDuplicateElimination(),
    )
    problem = _Placements(values, clusters, grid.tiles, len(values(starts[0])))
    algorithm.setup(problem, termination=("n_gen", generations), seed=seed, verbose=False)
    cut = False
    while algorithm.has_next():
        if deadline is not None and time.monotonic() >= deadline:
            cut = True
            break
        try:
            algorithm.next()
            if progress is not None:
                progress(f"generation {algorithm.n_gen - 1} of {generations}", int(algorithm.opt.get("F")[:, 0].min()))
        except KeyboardInterrupt:
            raise FrontInterrupted(_found(algorithm, starts)) from None
    return _found(algorithm, starts), cut


def _found(algorithm: NSGA2, starts: Sequence[Ints]) -> list[Ints]:
    if algorithm.opt is None:
        return list(starts)
    return [one[: len(starts[0])].astype(np.int64) for one in algorithm.opt.get("X")]
