"""The compiled loop that moves clusters so that the busiest links carry less."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import compiled, compiled_for_much
from .methods.kernels import _between, _exchange, _near, _random
from .walks import _beyond, next_port

__all__ = ["balance"]

_LOCAL, _UP = 0, 5
_POWER = 8


@compiled_for_much
def _bump(node: int, port: int, packets: int, loads: Any, scale: float) -> float:
    """Add packets to a link; return how much the sum of powers grows."""
    before = (loads[node, port] * scale) ** _POWER
    loads[node, port] += packets
    return float((loads[node, port] * scale) ** _POWER - before)


@compiled_for_much
def _send(one: int, two: int, packets: int, loads: Any, scale: float, space: Any, chip: Any) -> Any:
    """Lead packets from a tile to another; return how much the sum of powers grows, and what their ways cost."""
    row, col = space[0], space[1]
    size, wraps, order, hubs = chip
    node, to, came, more = row[one] * size[1] + col[one], row[two] * size[1] + col[two], 0, 0.0
    if node == to:
        return more, 0
    if hubs:
        more += _bump(node, _UP, packets, loads, scale)
    while True:
        port = next_port((node // size[1], node % size[1]), (row[two], col[two]), came, size, wraps, order)
        if port != _LOCAL or hubs:
            more += _bump(node, port, packets, loads, scale)
        if port == _LOCAL:
            return more, packets * _between(one, two, space)
        node, came = _beyond(node, port, size), (port + 1) % 4 + 1


@compiled
def _all_of(
    cluster: int, but: int, sign: int, tile: Any, flows: Any, loads: Any, scale: float, space: Any, chip: Any
) -> Any:
    """Add, or with sign -1 take away, all packets from and to a cluster but those from and to another."""
    start, target, packets, start_in, source, packets_in = flows
    more, ways = 0.0, 0
    for k in range(start[cluster], start[cluster + 1]):
        if target[k] != but:
            a, b = _send(tile[cluster], tile[target[k]], sign * packets[k], loads, scale, space, chip)
            more, ways = more + a, ways + b
    for k in range(start_in[cluster], start_in[cluster + 1]):
        if source[k] != but:
            a, b = _send(tile[source[k]], tile[cluster], sign * packets_in[k], loads, scale, space, chip)
            more, ways = more + a, ways + b
    return more, ways


@compiled
def _pair(one: int, two: int, sign: int, tile: Any, flows: Any, loads: Any, scale: float, space: Any, chip: Any) -> Any:
    more, ways = 0.0, 0
    if one >= 0:
        a, b = _all_of(one, -1, sign, tile, flows, loads, scale, space, chip)
        more, ways = more + a, ways + b
    if two >= 0:
        a, b = _all_of(two, one, sign, tile, flows, loads, scale, space, chip)
        more, ways = more + a, ways + b
    return more, ways


@compiled
def balance(
    tile: Any,
    owner: Any,
    flows: Any,
    loads: Any,
    scale: float,
    space: Any,
    chip: Any,
    size: Any,
    state: Any,
    window: int,
    weights: Any,
    sums: Any,
    moves: int,
) -> int:
    """Try random exchanges; those are kept that make the weighted sum smaller; returns how many.

    The sum is ``weights[0]`` × cost of all ways + ``weights[1]`` × the eighth root of the sum of the eighth powers of
    what the links carry, which is near the most that one carries. ``loads`` has shape (nodes, 6): the five outputs of a
    router, of which LOCAL leads down to a hub, and the link up from the hub; ``sums`` is the sum of powers and the cost
    of all ways. Both are kept up to date.
    """
    kept = 0
    for _ in range(moves):
        here = tile[int(_random(state) * len(tile))]
        there = _near(here, window, size, state)
        if there == here:
            continue
        one, two = owner[here], owner[there]
        less, fewer = _pair(one, two, -1, tile, flows, loads, scale, space, chip)
        _exchange(here, there, tile, owner)
        more, longer = _pair(one, two, 1, tile, flows, loads, scale, space, chip)
        powers, ways = sums[0] + less + more, sums[1] + fewer + longer
        before = weights[0] * sums[1] + weights[1] * max(sums[0], 0.0) ** (1 / _POWER)
        after = weights[0] * ways + weights[1] * max(powers, 0.0) ** (1 / _POWER)
        if after < before:
            sums[0], sums[1] = powers, ways
            kept += 1
        else:
            _pair(one, two, -1, tile, flows, loads, scale, space, chip)
            _exchange(here, there, tile, owner)
            _pair(one, two, 1, tile, flows, loads, scale, space, chip)
    # Sums of changes gather errors of rounding.
    sums[0] = ((loads * scale) ** _POWER).sum()
    return kept


@compiled_for_much
def first_loads(tile: Any, flows: Any, space: Any, chip: Any, loads: Any) -> int:
    """Fill the loads of all packets; return the cost of their ways."""
    start, target, packets = flows[0], flows[1], flows[2]
    total = 0
    for cluster in range(len(start) - 1):
        for k in range(start[cluster], start[cluster + 1]):
            total += _send(tile[cluster], tile[target[k]], packets[k], loads, 0.0, space, chip)[1]
    return total


def empty_loads(nodes: int) -> Any:
    """Loads of no packets."""
    return np.zeros((nodes, 6), np.int64)
