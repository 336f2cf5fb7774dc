"""Inter-spike intervals: the change of a spike train's rhythm by the network on chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..engines.base import Deliveries, Ints
from .distribution import Distribution

__all__ = ["IsiDistortion", "IsiIntervals", "interval_ends", "isi_distortion", "isi_intervals"]


@dataclass(frozen=True)
class IsiDistortion:
    """Inter-spike intervals of all flows, emitted against delivered, in cycles.

    A flow is the packets of one neuron to one tile.

    Attributes
    ----------
    emitted, delivered
        Average ISI of each flow with two packets or more, over such flows: Σ_{i≥2} (t_i - t_{i-1}) / (K - 1) of a
        train t_1 … t_K (Balaji et al., PyCARL, 2020).
    change
        |ΔISI| of every interval: how much longer or shorter it was on arrival.
    by_flow
        Mean |ΔISI| of each flow with two packets or more, over such flows.
    neuron, tile, flow_mean
        Shape (flows,): those flows, and the mean |ΔISI| of each.
    """

    emitted: Distribution
    delivered: Distribution
    change: Distribution
    by_flow: Distribution
    neuron: Ints
    tile: Ints
    flow_mean: npt.NDArray[np.float64]


@dataclass(frozen=True)
class IsiIntervals:
    """Inter-spike intervals in cycles, flow by flow, of all flows of two packets or more.

    Attributes
    ----------
    neuron, tile
        Shape (flows,): those flows, ascending.
    count
        Shape (flows,): intervals of each, one fewer than its packets.
    emitted, delivered
        Shape (intervals,): those of the first flow, then those of the second, and so on.
    """

    neuron: Ints
    tile: Ints
    count: Ints
    emitted: Ints
    delivered: Ints

    @property
    def begin(self) -> Ints:
        """Index of each flow's first interval, shape (flows,)."""
        return np.cumsum(self.count) - self.count

    def change(self, out: Ints | None = None) -> Ints:
        """|ΔISI| of every interval: how much longer or shorter it was on arrival, shape (intervals,).

        ``out`` is an array to put them in, such as one of the two that is not needed any more.
        """
        change = np.subtract(self.delivered, self.emitted, out=out)
        return np.abs(change, out=change)

    def sums(self, values: Ints) -> Ints:
        """Sum of the values of each flow's intervals, shape (flows,)."""
        return np.add.reduceat(values, self.begin) if len(self.count) else values

    def averages(self, values: Ints) -> npt.NDArray[np.float64]:
        """Mean of the values of each flow's intervals, shape (flows,)."""
        return self.sums(values) / self.count


def isi_intervals(deliveries: Deliveries) -> IsiIntervals:
    """Return the intervals of all flows, as they were emitted and as they were delivered.

    For each flow (packets of one neuron to one tile) the emitted train e_1 ≤ … ≤ e_K are the cycles in which its
    packets were created, the delivered train d_1 ≤ … ≤ d_K the cycles in which their heads arrived, each sorted on its
    own; the intervals are e_i - e_{i-1} and d_i - d_{i-1} for i ≥ 2. Packets that were not delivered are in neither
    train.
    """
    tiles = _tiles(deliveries)
    flow, created = _sorted_times(deliveries, tiles, deliveries.created)
    same = np.diff(flow) == 0
    # The intervals of a flow follow each other: one fewer than it has packets.
    first = np.flatnonzero(np.concatenate([[True], ~same])) if len(flow) else np.zeros(0, np.int64)
    intervals = np.diff(np.append(first, len(flow))) - 1
    some = intervals > 0
    first, intervals = flow[first[some]], intervals[some]
    del flow  # logs are long: what is not needed any more makes room
    emitted = np.diff(created)[same]
    del created
    arrived = _sorted_times(deliveries, tiles, deliveries.delivered)[1]
    return IsiIntervals(first // tiles, first % tiles, intervals, emitted, np.diff(arrived)[same])


def interval_ends(deliveries: Deliveries) -> Ints:
    """Return the cycle e_i at which each of the `isi_intervals` ends where it was emitted, in their order."""
    flow, created = _sorted_times(deliveries, _tiles(deliveries), deliveries.created)
    return created[1:][np.diff(flow) == 0]


def isi_distortion(deliveries: Deliveries) -> IsiDistortion:
    """Compare the delivered trains' ISIs with the emitted trains'.

    ΔISI_i = (d_i - d_{i-1}) - (e_i - e_{i-1}) of the intervals that `isi_intervals` has. A constant delay distorts
    nothing.
    """
    intervals = isi_intervals(deliveries)
    emitted, delivered = (intervals.averages(values) for values in (intervals.emitted, intervals.delivered))
    change = intervals.change(out=intervals.delivered)  # logs are long
    flow_mean = intervals.averages(change)
    return IsiDistortion(
        emitted=Distribution.of(emitted),
        delivered=Distribution.of(delivered),
        change=Distribution.of(change),
        by_flow=Distribution.of(flow_mean),
        neuron=intervals.neuron,
        tile=intervals.tile,
        flow_mean=flow_mean,
    )


def _tiles(deliveries: Deliveries) -> int:
    return int(deliveries.destination.max(initial=0)) + 1


def _sorted_times(deliveries: Deliveries, tiles: int, cycle: Ints) -> tuple[Ints, Ints]:
    """Return the flow of each packet, neuron x tiles + tile, and a cycle of it, sorted by both."""
    flow = deliveries.neuron * tiles + deliveries.destination
    bits = int(cycle.max(initial=0)).bit_length()
    if int(flow.max(initial=0)).bit_length() + bits > _BITS:
        order = np.lexsort((cycle, flow))
        return flow[order], cycle[order]
    # As one number each, for these are sorted several times faster.
    flow <<= bits
    flow |= cycle
    flow.sort()
    cycle = flow & ((1 << bits) - 1)
    flow >>= bits
    return flow, cycle


_BITS = 63
"""Bits of a number that is not negative."""
