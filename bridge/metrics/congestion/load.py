"""Flits through every output, router and tile over time, and where the network was congested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engines.base import Activity, Deliveries, Ints
from ...tile_grid import TileGrid
from ..run_data import RunData
from .ways import PORTS, Ways, output_name

__all__ = ["HotSpot", "Load", "hot_spots", "interpolated", "load_over_time", "window_cycles"]

_WINDOWS = (16, 240)
"""Fewest and most windows that a run is cut into, if it has as many cycles."""
_CELLS = 600_000
"""Windows × outputs are no more than that, or there would be fewer windows than the fewest."""
_PIECE = 1 << 18
"""Packets that are counted together: their intermediate results stay in the processor's cache."""


@dataclass(frozen=True)
class Load:
    """Flits in windows of time. Outputs are numbered as in `Ways`.

    When a packet was at each router is not in the log. In between entering and leaving the network, both of which are,
    it is taken to wait alike all along its way: its head leaves through an output after so much of the time under
    way as it would if nothing held it up (`interpolated`). All flits of a packet count in the window of its head.

    Attributes
    ----------
    window
        Cycles of a window.
    cycles
        Cycles of the run; the last window may be shorter.
    flits
        Shape (windows, outputs): flits that left through each output; None if the ways are not known.
    entered, left
        Shape (windows, tiles): flits of the packets whose heads entered the network from each tile, and left it into
        each, as logged. Copies of a multicast packet count as a packet each.
    total
        Shape (outputs,): flits that left through each output in the whole run, as the circuit counted them.
    unknown
        Why the ways are not known; "" if they are.
    """

    window: int
    cycles: int
    flits: Ints | None
    entered: Ints
    left: Ints
    total: Ints
    unknown: str = ""

    @property
    def windows(self) -> int:
        """Number of windows."""
        return len(self.entered)

    @property
    def lengths(self) -> Ints:
        """Cycles of each window, shape (windows,)."""
        begin = np.arange(self.windows) * self.window
        return np.minimum(begin + self.window, self.cycles) - begin

    @property
    def routers(self) -> Ints | None:
        """Flits through each router, shape (windows, routers); None if the ways are not known."""
        return (
            None
            if self.flits is None
            else self.flits.reshape(self.windows, len(self.total) // PORTS, PORTS).sum(axis=2)
        )

    @property
    def other(self) -> Ints | None:
        """Shape (outputs,): flits that the circuit counted and that are of none of the packets delivered.

        Packets still under way when the run ended; on-chip also configuration, and reports to the host. 0 if all
        packets of a run in lock-step or replay were delivered. None if the ways are not known.
        """
        return None if self.flits is None else self.total - self.flits.sum(axis=0)


def window_cycles(cycles: int, step: int, outputs: int) -> int:
    """Return the cycles of a window: whole steps of the network if a window is longer than one."""
    most = max(_WINDOWS[0], min(_WINDOWS[1], _CELLS // max(1, outputs)))
    raw = max(1, -(-cycles // most))
    return -(-raw // step) * step if raw > step else raw


def load_over_time(run: RunData, ways: Ways | str) -> Load:
    """Count the flits of the packets delivered, in windows of time."""
    activity, log, flits = run.activity, run.deliveries, run.config.flits_per_packet
    total = np.concatenate([activity.flits, activity.hub_flits]).reshape(-1)
    cycles = max(activity.cycles, int(log.completed.max(initial=-1)) + 1)
    window = window_cycles(cycles, run.config.cycles_per_step, len(total))
    windows = -(-cycles // window)
    tiles = activity.rows * activity.cols

    def by_tile(cycle: Ints, tile: Ints) -> Ints:
        return flits * np.bincount(cycle // window * tiles + tile, minlength=windows * tiles).reshape(windows, tiles)

    return Load(
        window=window,
        cycles=cycles,
        flits=None if isinstance(ways, str) else flits * _crossings(log, ways, window, windows, len(total)),
        entered=by_tile(log.injected, log.source),
        left=by_tile(log.delivered, log.destination),
        total=total,
        unknown=ways if isinstance(ways, str) else "",
    )


def interpolated(injected: Ints, delivered: Ints, offset: Ints, zero_load: Ints) -> Ints:
    """The cycle in which a head leaves through an output that it would reach ``offset`` cycles after entering.

    It is exact at zero load and for the last output, which is where it is delivered.
    """
    return injected + np.asarray(offset * (delivered - injected) // zero_load, dtype=np.int64)


def _crossings(log: Deliveries, ways: Ways, window: int, windows: int, outputs: int) -> Ints:
    """Packets through each output in each window, shape (windows, outputs)."""
    count = np.zeros(windows * outputs, np.int64)
    length, zero_load = np.diff(ways.start), ways.zero_load
    shared = bool((ways.first > ways.start[:-1]).any())
    for begin in range(0, len(log), _PIECE):
        piece = slice(begin, begin + _PIECE)
        of = ways.of_packet[piece]
        injected, delivered = log.injected[piece], log.delivered[piece]
        for number in range(ways.steps):
            on = length[of] > number
            if not on.all():
                of, injected, delivered = of[on], injected[on], delivered[on]
            if not len(of):
                break
            step = ways.start[of] + number
            offset = ways.offset[step]
            cycle = injected + offset
            # Dividing takes longer than all the rest, and most packets are not held up.
            late = np.flatnonzero(delivered - injected != zero_load[of])
            cycle[late] = interpolated(injected[late], delivered[late], offset[late], zero_load[of[late]])
            cell = cycle // window * outputs + ways.output[step]
            if shared:
                cell = cell[step >= ways.first[of]]
            count += np.bincount(cell, minlength=len(count))
    return count.reshape(windows, outputs)


@dataclass(frozen=True)
class HotSpot:
    """An output that was busy.

    Attributes
    ----------
    output, name
        Its number, and as people read it.
    mean
        Flits per cycle over the run, as the circuit counted.
    peak
        Flits per cycle in its busiest window; None if the ways are not known.
    begin, end
        That window's first cycle, and the one after its last; None likewise.
    """

    output: int
    name: str
    mean: float
    peak: float | None
    begin: int | None
    end: int | None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "output": self.name,
            "mean": self.mean,
            "peak": self.peak,
            "from_cycle": self.begin,
            "to_cycle": self.end,
        }


def hot_spots(load: Load, activity: Activity, most: int = 10) -> tuple[HotSpot, ...]:
    """The outputs with the highest load in any window, or if ways are not known over the run; unused ones left out."""
    grid = TileGrid.of(activity)
    cycles = max(1, load.cycles)
    if load.flits is None or not load.windows:
        order = np.argsort(-load.total, kind="stable")[:most]
        order = order[load.total[order] > 0]
        return tuple(
            HotSpot(number, output_name(number, grid), load.total[number].item() / cycles, None, None, None)
            for number in order.tolist()
        )
    rate = load.flits / load.lengths[:, None]
    peak = rate.max(axis=0)
    order = np.argsort(-peak, kind="stable")[:most]
    found = []
    for number in order[peak[order] > 0].tolist():
        window = int(rate[:, number].argmax())
        begin = window * load.window
        found.append(
            HotSpot(
                number,
                output_name(number, grid),
                load.total[number].item() / cycles,
                peak[number].item(),
                begin,
                begin + int(load.lengths[window]),
            )
        )
    return tuple(found)
