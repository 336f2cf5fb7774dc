"""Packets connection by connection: a connection leads from a neuron to a tile that it sends packets to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...engines.base import Ints
from ..isi import isi_intervals
from ..run_data import RunData
from ..steps import steps_of

__all__ = ["Changes", "Flows", "flows_of", "interval_changes", "ranges"]

_BITS = 63
"""Bits of a number that is not negative."""


@dataclass(frozen=True)
class Flows:
    """Connections, and what was delivered by each.

    Attributes
    ----------
    neuron, tile
        Shape (connections,): those that a packet was sent by, ascending.
    sent
        Shape (connections,): packets sent.
    start
        Shape (connections + 1,): connection i has the deliveries ``order[start[i] : start[i + 1]]``.
    order
        Shape (deliveries,): indices of the run's deliveries, connection by connection.
    latency, late_steps
        Shape (deliveries,), in that order: latency in cycles, and by how many steps each came late.
    """

    neuron: Ints
    tile: Ints
    sent: Ints
    start: Ints
    order: Ints
    latency: Ints
    late_steps: Ints

    @property
    def count(self) -> Ints:
        """Packets delivered by each connection, shape (connections,)."""
        return np.diff(self.start)


def flows_of(run: RunData) -> Flows:
    """Sort the deliveries of a run by their connections."""
    tiles = run.config.tiles
    sent = np.sort(run.packets.neuron * tiles + run.packets.destination)
    key = run.deliveries.neuron * tiles + run.deliveries.destination
    order = _order(key)
    key = key[order]
    known = np.union1d(_distinct(sent), _distinct(key))
    end = np.append(known[1:], np.iinfo(np.int64).max)
    packets = np.searchsorted(sent, end) - np.searchsorted(sent, known)
    start = np.append(np.searchsorted(key, known), len(key))
    del sent, key  # logs are long: what is not needed any more makes room
    late = steps_of(run.deliveries.completed, run.config.cycles_per_step, run.starts)
    late -= run.fired_steps
    return Flows(known // tiles, known % tiles, packets, start, order, run.deliveries.latency[order], late[order])


def _order(key: Ints) -> Ints:
    """Return the order in which keys that are not negative ascend, equal ones as they stood."""
    bits = max(len(key) - 1, 0).bit_length()
    if int(key.max(initial=0)).bit_length() + bits > _BITS:
        return np.argsort(key, kind="stable")
    # As one number each, for these are sorted several times faster.
    both = (key << bits) | np.arange(len(key))
    both.sort()
    both &= (1 << bits) - 1
    return both


def _distinct(ascending: Ints) -> Ints:
    return ascending[np.diff(ascending, prepend=-1) != 0]


def ranges(begin: Ints, count: Ints) -> Ints:
    """Return ``begin[0]``, ``begin[0]`` + 1 and so on, ``count[0]`` numbers, then those from ``begin[1]`` on."""
    end = np.cumsum(count)
    total = int(end[-1]) if len(end) else 0
    return np.arange(total) + np.repeat(begin - (end - count), count)


@dataclass(frozen=True)
class Changes:
    """|ΔISI| of the intervals (`isi_intervals`), by connection.

    Attributes
    ----------
    begin, count
        Shape (connections,): connection i has the intervals from ``begin[i]`` on, so many.
    change
        Shape (intervals,): |ΔISI| in cycles.
    """

    begin: Ints
    count: Ints
    change: Ints


def interval_changes(run: RunData, flows: Flows) -> Changes:
    """Tell the intervals of each connection."""
    found, tiles = isi_intervals(run.deliveries), run.config.tiles
    connection = np.searchsorted(flows.neuron * tiles + flows.tile, found.neuron * tiles + found.tile)
    begin, count = np.zeros(len(flows.neuron), np.int64), np.zeros(len(flows.neuron), np.int64)
    begin[connection], count[connection] = found.begin, found.count
    return Changes(begin, count, found.change())
