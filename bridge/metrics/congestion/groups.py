"""Latency and lateness by neuron, by connection, and by pair of populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...engines.base import Ints
from ..run_data import RunData
from ..steps import steps_of

__all__ = ["Groups", "Traffic", "packet_groups", "pairs_of"]

_DENSE = 1 << 26
"""A table of all neurons × tiles is used if it is not larger."""


@dataclass(frozen=True)
class Groups:
    """Figures of groups of packets, each array of shape (groups,).

    Attributes
    ----------
    packets
        Packets delivered.
    latency
        Their latency in cycles, summed.
    latency_max
        The highest one; 0 if there was none.
    source_wait
        Their wait in the source queue in cycles, summed.
    late
        How many came in a later step than that of their spike.
    late_steps_max
        How many steps later the latest did; 0 if none was late.
    """

    packets: Ints
    latency: Ints
    latency_max: Ints
    source_wait: Ints
    late: Ints
    late_steps_max: Ints

    @property
    def latency_mean(self) -> npt.NDArray[np.float64]:
        """Mean latency in cycles; NaN where nothing was delivered."""
        return np.where(self.packets > 0, self.latency / np.maximum(self.packets, 1), np.nan)

    def merged(self, member: Ints, group: Ints, groups: int) -> Groups:
        """Figures of groups of these groups: ``group[i]`` has ``member[i]``; a member may be in several."""

        def sums(values: Ints) -> Ints:
            total = np.zeros(groups, np.int64)
            np.add.at(total, group, values[member])
            return total

        def most(values: Ints) -> Ints:
            highest = np.zeros(groups, np.int64)
            np.maximum.at(highest, group, values[member])
            return highest

        return Groups(
            sums(self.packets),
            sums(self.latency),
            most(self.latency_max),
            sums(self.source_wait),
            sums(self.late),
            most(self.late_steps_max),
        )

    def worst(self, most: int) -> Ints:
        """Groups with the most late packets, of equal ones those with the highest mean latency; at most so many."""
        mean = np.nan_to_num(self.latency_mean, nan=-1.0)
        order = np.lexsort((-mean, -self.late))[:most]
        return order[self.packets[order] > 0]

    def to_dict(self, number: int) -> dict[str, Any]:
        """One group as JSON types."""
        return {
            "packets": int(self.packets[number]),
            "latency_mean": float(self.latency_mean[number]),
            "latency_max": int(self.latency_max[number]),
            "source_wait_mean": int(self.source_wait[number]) / int(self.packets[number]),
            "late_packets": int(self.late[number]),
            "late_steps_max": int(self.late_steps_max[number]),
        }


@dataclass(frozen=True)
class Traffic:
    """Packets by what they are of.

    Attributes
    ----------
    connection_neuron, connection_tile
        Shape (connections,): the neuron and the tile of each connection that had a packet delivered, ascending.
    connections
        Figures of these.
    neurons
        Figures of the packets of each neuron, shape (neurons,).
    pair_source, pair_target
        Shape (pairs,): population that sends and population that listens, by their index in the trace.
    pairs
        Figures of these. A packet counts for every population of which a neuron on its tile listens to its neuron.
    """

    connection_neuron: Ints
    connection_tile: Ints
    connections: Groups
    neurons: Groups
    pair_source: Ints
    pair_target: Ints
    pairs: Groups

    def worst_connections(self, run: RunData, most: int = 10) -> list[dict[str, Any]]:
        """The connections with the most late packets, then the highest mean latency, as JSON types."""
        populations, cols = run.trace.populations, run.config.cols
        found = []
        for number in self.connections.worst(most).tolist():
            neuron, tile = int(self.connection_neuron[number]), int(self.connection_tile[number])
            owner = next((p for p in populations if p.start <= neuron < p.stop), None)
            found.append(
                {
                    "neuron": neuron,
                    "population": None if owner is None else owner.label,
                    "index": neuron if owner is None else neuron - owner.start,
                    "from_tile": [int(x) for x in divmod(int(run.mapped.mapping.tile[neuron]), cols)],
                    "to_tile": list(divmod(tile, cols)),
                    **self.connections.to_dict(number),
                }
            )
        return found

    def worst_pairs(self, run: RunData, most: int = 10) -> list[dict[str, Any]]:
        """The pairs of populations with the most late packets, then the highest mean latency, as JSON types."""
        labels = [p.label for p in run.trace.populations]
        return [
            {
                "from": labels[self.pair_source[number]],
                "to": labels[self.pair_target[number]],
                **self.pairs.to_dict(number),
            }
            for number in self.pairs.worst(most).tolist()
        ]


def packet_groups(run: RunData) -> Traffic:
    """Group the packets delivered."""
    log, tiles, neurons = run.deliveries, run.config.tiles, run.trace.neurons
    flow = log.neuron * tiles + log.destination
    if neurons * tiles <= _DENSE:
        there = np.zeros(neurons * tiles, bool)
        there[flow] = True
        known = np.flatnonzero(there)
        number = np.cumsum(there, dtype=np.int32) - np.int32(1)
        index = number[flow]
    else:
        known, wide = np.unique(flow, return_inverse=True)
        index = wide.astype(np.int32)
    del flow
    groups = len(known)

    def sums(values: npt.NDArray[Any]) -> Ints:
        # Exact: the sums are below 2 to the 53rd.
        return np.bincount(index, weights=values, minlength=groups).astype(np.int64)

    def most(values: Ints) -> Ints:
        highest = np.zeros(groups, np.int64)
        np.maximum.at(highest, index, values)
        return highest

    count = np.bincount(index, minlength=groups)
    latency = log.latency
    total, highest = sums(latency), most(latency)
    wait = sums(np.subtract(log.injected, log.created, out=latency))
    del latency  # logs are long: what is not needed any more makes room
    late = steps_of(log.completed, run.config.cycles_per_step, run.starts)
    late -= run.fired_steps
    connections = Groups(count, total, highest, wait, np.bincount(index[late > 0], minlength=groups), most(late))
    del late
    neuron, tile = np.divmod(known, tiles)
    source, target, member, group = pairs_of(run, neuron, tile)
    return Traffic(
        neuron,
        tile,
        connections,
        connections.merged(np.arange(groups), neuron, neurons),
        source,
        target,
        connections.merged(member, group, len(source)),
    )


def pairs_of(run: RunData, neuron: Ints, tile: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (source, target, connection, pair): pairs of populations by their index, and the connections of each.

    A connection, from a neuron to a tile, is of every pair whose target has a neuron on the tile that listens to it.
    ``neuron`` and ``tile`` ascend. The last two arrays are equally long and ascend by connection.
    """
    populations, connectivity = run.trace.populations, run.mapped.network.connectivity
    count, tiles = len(populations), run.config.tiles
    none = np.zeros(0, np.int64)
    if not count or not len(neuron):
        return none, none, none, none
    owner = np.full(run.trace.neurons, -1, np.int64)
    for number, population in enumerate(populations):
        owner[population.start : population.stop] = number
    pre, post = connectivity.pre.astype(np.int64), connectivity.post.astype(np.int64)
    flow = pre * tiles + run.mapped.mapping.tile[post]
    connection = np.searchsorted(neuron * tiles + tile, flow)
    connection = np.minimum(connection, len(neuron) - 1)
    real = (neuron[connection] * tiles + tile[connection] == flow) & (owner[pre] >= 0) & (owner[post] >= 0)
    listens = np.unique(connection[real] * count + owner[post[real]])
    connection, to = np.divmod(listens, count)
    pair, group = np.unique(owner[neuron[connection]] * count + to, return_inverse=True)
    return *np.divmod(pair, count), connection, group
