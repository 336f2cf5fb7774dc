"""The compiled loops that lead packets along their ways and count them: dimension order on mesh and torus, and trees.

``order`` is 0 if packets go along their row first, 1 if along their column; ``loads[node, port]`` counts packets that
leave a router through a port, LOCAL = 0, NORTH, EAST, SOUTH, WEST.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import compiled_for_much

__all__ = ["multicast_loads", "unicast_loads"]

_LOCAL, _NORTH, _EAST, _SOUTH, _WEST = 0, 1, 2, 3, 4


@compiled_for_much
def _ring_way(here: int, to: int, size: int, odd: int, came: int, more: int, less: int) -> int:
    """The way round a ring: the one begun, or the shorter; of equal ones that of the parity."""
    # A packet that goes on comes in by the side opposite to where it goes.
    if came == (more + 1) % 4 + 1:
        return more
    if came == (less + 1) % 4 + 1:
        return less
    ahead = (to - here) % size
    return more if 2 * ahead + odd <= size else less


@compiled_for_much
def next_port(here: Any, to: Any, came: int, size: Any, wraps: bool, order: int) -> int:
    """The output that a packet takes in a router, which it came into by a side, 0 for from its tile."""
    row, col = here
    to_row, to_col = to
    if row == to_row and col == to_col:
        return _LOCAL
    along_row = col != to_col if order == 0 else row == to_row
    if not wraps:
        if along_row:
            return _EAST if to_col > col else _WEST
        return _SOUTH if to_row > row else _NORTH
    if along_row:
        differs = to_row if order == 0 else int(came == _SOUTH)
        return _ring_way(col, to_col, size[1], (row + col + differs) % 2, came, _EAST, _WEST)
    differs = to_col if order == 1 else int(came == _EAST)
    return _ring_way(row, to_row, size[0], (row + col + differs) % 2, came, _SOUTH, _NORTH)


@compiled_for_much
def _beyond(node: int, port: int, size: Any) -> int:
    """The node behind an output, round the edge where there is none."""
    rows, cols = size
    row, col = node // cols, node % cols
    if port == _NORTH:
        row = (row - 1) % rows
    elif port == _SOUTH:
        row = (row + 1) % rows
    elif port == _EAST:
        col = (col + 1) % cols
    else:
        col = (col - 1) % cols
    return int(row * cols + col)


@compiled_for_much
def unicast_loads(source: Any, target: Any, packets: Any, size: Any, wraps: bool, order: int, loads: Any) -> None:
    """Add the packets from nodes to nodes to the loads; those within a node leave by LOCAL."""
    cols = size[1]
    for number in range(len(source)):
        node, came, to = source[number], 0, target[number]
        while True:
            port = next_port((node // cols, node % cols), (to // cols, to % cols), came, size, wraps, order)
            loads[node, port] += packets[number]
            if port == _LOCAL:
                break
            node, came = _beyond(node, port, size), (port + 1) % 4 + 1


@compiled_for_much
def multicast_loads(
    source: Any, start: Any, target: Any, packets: Any, size: Any, wraps: bool, order: int, loads: Any
) -> None:
    """Add packets that go from a node to several, and are copied where their ways part (`multicast.tree`).

    A way begins at the last of its routers that an earlier one of the same packet has come to.
    """
    rows, cols = size
    reached = np.full(rows * cols, -1, np.int64)
    nodes, ports = np.empty(rows + cols + 1, np.int64), np.empty(rows + cols + 1, np.int64)
    for number in range(len(source)):
        for k in range(start[number], start[number + 1]):
            node, came, to = source[number], 0, target[k]
            steps, first = 0, 0
            while True:
                port = next_port((node // cols, node % cols), (to // cols, to % cols), came, size, wraps, order)
                nodes[steps], ports[steps] = node, port
                if reached[node] == number:
                    first = steps
                steps += 1
                if port == _LOCAL:
                    break
                node, came = _beyond(node, port, size), (port + 1) % 4 + 1
            for step in range(first, steps):
                reached[nodes[step]] = number
                loads[nodes[step], ports[step]] += packets[number]
