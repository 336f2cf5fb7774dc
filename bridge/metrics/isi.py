"""Inter-spike intervals: the change of a spike train's rhythm by the network on chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..engines.base import Deliveries, Ints
from .distribution import Distribution

__all__ = ["IsiDistortion", "isi_distortion"]


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


def isi_distortion(deliveries: Deliveries) -> IsiDistortion:
    """Compare the delivered trains' ISIs with the emitted trains'.

    For each flow (packets of one neuron to one tile) the emitted train e_1 ≤ … ≤ e_K are the cycles in which its
    packets were created, the delivered train d_1 ≤ … ≤ d_K the cycles in which their heads arrived, each sorted on its
    own, and ΔISI_i = (d_i - d_{i-1}) - (e_i - e_{i-1}) for i ≥ 2. Packets that were not delivered are in neither
    train. A constant delay distorts nothing.
    """
    tiles = _tiles(deliveries)
    flow, created = _sorted_times(deliveries, tiles, deliveries.created)
    same = np.diff(flow) == 0
    # The intervals of a flow follow each other: one fewer than it has packets.
    first = np.flatnonzero(np.concatenate([[True], ~same])) if len(flow) else np.zeros(0, np.int64)
    intervals = np.diff(np.append(first, len(flow))) - 1
    some = intervals > 0
    first, intervals = flow[first[some]], intervals[some]
    begin = np.cumsum(intervals) - intervals
    del flow  # logs are long: what is not needed any more makes room

    def averages(values: Ints) -> npt.NDArray[np.float64]:
        return (np.add.reduceat(values, begin) if len(begin) else values) / intervals

    emitted = np.diff(created)[same]
    del created
    arrived = _sorted_times(deliveries, tiles, deliveries.delivered)[1]
    delivered = np.diff(arrived)[same]
    del arrived, same
    emitted_mean, delivered_mean = averages(emitted), averages(delivered)
    change = np.abs(np.subtract(delivered, emitted, out=delivered), out=delivered)
    flow_mean = averages(change)
    return IsiDistortion(
        emitted=Distribution.of(emitted_mean),
        delivered=Distribution.of(delivered_mean),
        change=Distribution.of(change),
        by_flow=Distribution.of(flow_mean),
        neuron=first // tiles,
        tile=first % tiles,
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
