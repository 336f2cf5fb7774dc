"""The time that the work of tiles takes: when spikes leave, and which steps are not done in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..config import ChipConfig
from ..engines.base import Ints, Packets
from ..mapping import MappedNetwork
from .work_times import WorkTimes

__all__ = ["ComputeReport", "TileClocks"]

Floats = npt.NDArray[np.float64]

_ALMOST = 1e-9  # cycles: what is done so shortly after a cycle's edge is done at it


@dataclass(frozen=True)
class ComputeReport:
    """What the work of the tiles took in a run.

    Attributes
    ----------
    steps
        Steps that were begun.
    busiest_tile
        The tile that was busy longest.
    busiest_share
        Its busy cycles, as a part of those of the steps; above 1 it cannot keep up.
    longest_step
        Cycles of the longest step of any tile, its barrier included.
    slow_steps
        Steps of a tile that were not done when the next began, over all tiles.
    slow_tiles
        Tiles that had such.
    needed_cycles_per_step
        Cycles that a step would have to have for none.
    neuron_updates, synaptic_events, packets
        Counted over all tiles.
    """

    steps: int
    busiest_tile: int
    busiest_share: float
    longest_step: int
    slow_steps: int
    slow_tiles: int
    needed_cycles_per_step: int
    neuron_updates: int
    synaptic_events: int
    packets: int

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Rows of (what, value, unit)."""
        yield "Compute, busiest tile", f"{100 * self.busiest_share:,.3g}", f"% of the time, tile {self.busiest_tile}"
        yield "Compute, longest step", f"{self.longest_step:,}", "cycles"
        more = f"on {self.slow_tiles:,} tiles; {self.needed_cycles_per_step:,} cycles per step would do"
        yield "Steps not done in time", f"{self.slow_steps:,}", more if self.slow_steps else "tile steps"


class TileClocks:
    """Tiles that do one thing after the other.

    In a step, a tile updates its neurons in the order of their slots, and sends a neuron's packets when it is updated,
    one after the other; then it takes the spikes that arrive in that step to its synapses, reading a row and the
    weights in it for each; then comes the barrier. A tile begins a step when that begins, or when it is done with the
    one before. Spike sources take no update.

    Times are counted in cycles, and fractions of them add up; a packet leaves in the first cycle by which it is ready.

    Parameters
    ----------
    config
        The chip.
    mapped
        The network on it.
    pre, post
        Shape (synapses,): the network's synapses.
    """

    def __init__(self, config: ChipConfig, mapped: MappedNetwork, pre: npt.ArrayLike, post: npt.ArrayLike) -> None:
        per_ns = config.clock_hz * 1e-9
        times, mapping = WorkTimes.of(config), mapped.mapping
        self._update, self._event, self._row, self._packet, self._barrier = (value * per_ns for value in astuple(times))
        self._length = config.cycles_per_step
        self._tile = mapping.tile.astype(np.int64)
        self._tiles = config.tiles
        computes = np.ones(mapping.neurons, bool)
        for population in mapped.network.populations:
            computes[population.start : population.stop] = not population.is_source
        self._updates = np.bincount(self._tile[computes], minlength=self._tiles)
        # How many neurons of its tile have been updated when a neuron has.
        order = np.lexsort((mapping.slot, self._tile))
        done = np.cumsum(computes[order])
        before = np.searchsorted(self._tile[order], np.arange(self._tiles))
        earlier = np.concatenate([[0], done])[before]
        self._updated = np.empty(mapping.neurons, np.int64)
        self._updated[order] = done - earlier[self._tile[order]]
        pairs = np.asarray(pre, np.int64) * self._tiles + self._tile[np.asarray(post, np.int64)]
        self._pairs, self._synapses = np.unique(pairs, return_counts=True)
        self._end = np.zeros(self._tiles)
        self._busy = np.zeros(self._tiles)
        self._slow = np.zeros(self._tiles, np.int64)
        self._slow_by_step: list[int] = []
        self._begin, self._sent = np.zeros(self._tiles), np.zeros(self._tiles, np.int64)
        self._steps = self._events = self._packets = 0
        self._longest = 0.0

    def begin_step(self, step: int, packets: Packets) -> Packets:
        """Return the packets of a step's spikes, as `Destinations.packets` gives them, with the cycles they leave in.

        They are in order of these. Called once for each step, also for one without spikes.
        """
        self._begin = np.maximum(self._end, step * self._length)
        source = packets.source
        self._sent = np.bincount(source[packets.more == 0], minlength=self._tiles)
        if not len(packets):
            return packets
        order = np.argsort(source, kind="stable")  # those of a tile are in the order of their slots
        heads = np.cumsum(packets.more[order] == 0)
        first = np.searchsorted(source[order], source[order])
        number = heads - heads[first] + 1  # of each packet among those of its tile, from 1 on
        ready = self._begin[source[order]] + self._updated[packets.neuron[order]] * self._update + number * self._packet
        cycle = np.empty(len(packets), np.int64)
        cycle[order] = np.ceil(ready - _ALMOST).astype(np.int64)
        moved = np.lexsort((np.arange(len(packets)), cycle))
        columns = {name: getattr(packets, name)[moved] for name in Packets.__dataclass_fields__}
        return replace(packets, **{**columns, "cycle": cycle[moved]})

    def leaves(self, neurons: npt.NDArray[np.integer]) -> Ints:
        """Return the cycles by which neurons are updated in the step that has begun, shape of ``neurons``."""
        ready = self._begin[self._tile[neurons]] + self._updated[neurons] * self._update
        return np.ceil(ready - _ALMOST).astype(np.int64)

    def end_step(self, step: int, neurons: npt.ArrayLike, tiles: npt.ArrayLike) -> None:
        """Take the spikes that arrived in a step to their synapses: (neuron, tile), shape (arrivals,) each."""
        keys = np.asarray(neurons, np.int64) * self._tiles + np.asarray(tiles, np.int64)
        count = self._synapses[np.searchsorted(self._pairs, keys)]
        events = np.bincount(np.asarray(tiles, np.int64), count, self._tiles).astype(np.int64)
        rows = np.bincount(np.asarray(tiles, np.int64), minlength=self._tiles)
        work = self._updates * self._update + self._sent * self._packet + rows * self._row + events * self._event
        self._end = self._begin + work + self._barrier
        self._busy += work + self._barrier
        slow = self._end > (step + 1) * self._length + _ALMOST
        self._slow += slow
        self._slow_by_step.append(int(np.count_nonzero(slow)))
        self._steps += 1
        self._events += int(events.sum())
        self._packets += int(self._sent.sum())
        self._longest = max(self._longest, float((work + self._barrier).max()))

    @property
    def overruns(self) -> Ints:
        """Shape (steps + 1,): tiles that were not done with the step before when a step began."""
        return np.array([0, *self._slow_by_step], np.int64)

    def report(self) -> ComputeReport:
        """Return what the work took so far."""
        busiest = int(np.argmax(self._busy))
        longest = int(np.ceil(self._longest - _ALMOST))
        return ComputeReport(
            steps=self._steps,
            busiest_tile=busiest,
            busiest_share=float(self._busy[busiest]) / max(1, self._steps * self._length),
            longest_step=longest,
            slow_steps=int(self._slow.sum()),
            slow_tiles=int(np.count_nonzero(self._slow)),
            needed_cycles_per_step=longest,
            neuron_updates=int(self._updates.sum()) * self._steps,
            synaptic_events=self._events,
            packets=self._packets,
        )
