"""Packets in the source queues of the tiles over time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...engines.base import Ints
from ..run_data import RunData

__all__ = ["queued_packets"]


def queued_packets(run: RunData, window: int, windows: int) -> npt.NDArray[np.float64]:
    """Packets that wait in the source queue of each tile, on average over each window, shape (windows, tiles).

    A packet waits from the cycle in which it was created up to the one in which its head enters the network. Those
    that were delivered count; when others entered is not in the log. Copies of a multicast packet count as a packet
    each. The last window may be shorter than ``window`` cycles, and is taken as long as the run has cycles.
    """
    log, tiles = run.deliveries, run.config.tiles
    edges = np.arange(windows + 1) * window
    cycles = max(run.activity.cycles, int(log.completed.max(initial=-1)) + 1)
    edges = np.minimum(edges, cycles)
    waited = _passed(log.created, log.source, window, edges, tiles)
    waited -= _passed(log.injected, log.source, window, edges, tiles)
    lengths = np.maximum(np.diff(edges), 1)
    mean: npt.NDArray[np.float64] = np.diff(waited, axis=0) / lengths[:, None]
    return mean


def _passed(cycle: Ints, tile: Ints, window: int, edges: Ints, tiles: int) -> Ints:
    """Cycles that have passed at each edge since the cycles of each tile, summed, shape (edges, tiles)."""
    windows = len(edges) - 1
    cell = cycle // window * tiles + tile
    count = np.bincount(cell, minlength=windows * tiles)
    # Within a window, for the sums to stay exact.
    total = np.bincount(cell, weights=cycle % window, minlength=windows * tiles).astype(np.int64)
    count, total = count.reshape(windows, tiles), total.reshape(windows, tiles)
    passed = np.zeros((windows + 1, tiles), np.int64)
    before = np.zeros(tiles, np.int64)
    for number in range(windows):
        length = edges[number + 1] - edges[number]
        passed[number + 1] = passed[number] + before * length + count[number] * length - total[number]
        before += count[number]
    return passed
