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
    flow = np.lexsort((deliveries.created, deliveries.destination, deliveries.neuron))
    arrival = np.lexsort((deliveries.delivered, deliveries.destination, deliveries.neuron))
    neuron, tile = deliveries.neuron[flow], deliveries.destination[flow]
    same = (np.diff(neuron) == 0) & (np.diff(tile) == 0)
    emitted = np.diff(deliveries.created[flow])[same]
    delivered = np.diff(deliveries.delivered[arrival])[same]
    change = np.abs(delivered - emitted)
    # Number the flows, then sum the intervals of each.
    number = np.concatenate([[0], np.cumsum(~same)]) if len(neuron) else np.zeros(0, np.int64)
    of_interval = number[1:][same]
    flows, index, intervals = np.unique(of_interval, return_inverse=True, return_counts=True)
    first = np.searchsorted(number, flows)

    def averages(values: Ints) -> npt.NDArray[np.float64]:
        return np.bincount(index, weights=values, minlength=len(flows)) / intervals

    flow_mean = averages(change)
    return IsiDistortion(
        emitted=Distribution.of(averages(emitted)),
        delivered=Distribution.of(averages(delivered)),
        change=Distribution.of(change),
        by_flow=Distribution.of(flow_mean),
        neuron=neuron[first],
        tile=tile[first],
        flow_mean=flow_mean,
    )
