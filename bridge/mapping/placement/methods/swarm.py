"""Particle swarm over placements: the search that the reference group publishes, in a form for permutations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..search import Search

__all__ = ["place_by_swarm"]

_PARTICLES, _ROUNDS = 100, 1000
_PATIENCE = 150
_INERTIA, _OWN, _COMMON = 0.72, 1.49, 1.49
_MOST_KEYS = 30_000_000


def place_by_swarm(search: Search) -> None:
    """Let particles fly towards their own best place and that of all (Kennedy and Eberhart, 1995).

    A particle has a number for every tile. Its placement puts cluster i on the tile with the i-th lowest number, so
    that every place in space is a placement. Particles begin at random. The swarm stops after 1,000 rounds, or 150 in
    which the best stayed as it was.

    Raises
    ------
    ValueError
        If the chip has so many tiles that the swarm does not fit the memory.
    """
    tiles, rng = search.grid.tiles, search.rng(2)
    if _PARTICLES * tiles > _MOST_KEYS:
        raise ValueError(f"swarm must be used on at most {_MOST_KEYS // _PARTICLES} tiles, not {tiles}")
    place = rng.random((_PARTICLES, tiles))
    speed = rng.uniform(-0.1, 0.1, place.shape)
    own, own_cost = place.copy(), np.full(_PARTICLES, np.iinfo(np.int64).max)
    idle = 0
    for _ in range(_ROUNDS):
        before = search.cost
        if search.best is not None and search.out_of_time():
            return
        tile = np.argsort(place, axis=1, kind="stable")[:, : search.clusters].astype(np.int64)
        cost = np.concatenate([_costs(search, part) for part in np.array_split(tile, _parts(search))])
        search.offer(tile[cost.argmin()], int(cost.min()))
        better = cost < own_cost
        own[better], own_cost[better] = place[better], cost[better]
        search.tell("swarm")
        idle = idle + 1 if search.cost == before else 0
        if idle == _PATIENCE or search.cost == 0:
            return
        best = own[own_cost.argmin()]
        pull = _OWN * rng.random(place.shape) * (own - place) + _COMMON * rng.random(place.shape) * (best - place)
        speed = np.clip(_INERTIA * speed + pull, -1, 1)
        place = place + speed


def _parts(search: Search) -> int:
    """Parts in which the placements of the swarm are looked at, so that they fit the memory."""
    return min(_PARTICLES, 1 + _PARTICLES * len(search.traffic.target) // _MOST_KEYS * 4)


def _costs(search: Search, tile: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Costs of several placements, shape (placements, clusters)."""
    traffic = search.traffic
    ways = search.distances.between(tile[:, traffic.source], tile[:, traffic.target])
    costs: npt.NDArray[np.int64] = ways @ traffic.packets
    return costs
