"""What became of the packets between each pair of populations, in the whole run and over time.

A packet is of every pair whose target has a neuron on the packet's tile that listens to its neuron.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ...engines.base import Deliveries, Ints, Packets
from ..congestion.groups import pairs_of
from ..isi import interval_ends
from ..order_changes import order_changes
from ..run_data import RunData
from ..spike_disorder import spike_disorder
from .figures import Columns, distortion_figures, packet_figures
from .flows import Changes, Flows, ranges

__all__ = ["PopulationPairs"]

Log = TypeVar("Log", Packets, Deliveries)


@dataclass(frozen=True)
class PopulationPairs:
    """Pairs of populations of which one sent packets to the other.

    Attributes
    ----------
    run, flows, changes
        The run, its connections, and the intervals of these.
    """

    run: RunData
    flows: Flows
    changes: Changes

    @cached_property
    def _parts(self) -> tuple[Ints, Ints, Ints, Ints]:
        source, target, connection, pair = pairs_of(self.run, self.flows.neuron, self.flows.tile)
        order = np.argsort(pair, kind="stable")
        return source, target, connection[order], np.searchsorted(pair[order], np.arange(len(source) + 1))

    @property
    def source(self) -> Ints:
        """Shape (pairs,): the population that sends, by its index in the trace."""
        return self._parts[0]

    @property
    def target(self) -> Ints:
        """Shape (pairs,): the population that listens."""
        return self._parts[1]

    def _connections(self) -> Iterator[Ints]:
        """The connections of each pair, ascending."""
        _, _, connection, start = self._parts
        for number in range(len(self.source)):
            yield connection[start[number] : start[number + 1]]

    def figures(self) -> Columns:
        """Figures of each pair, each array of shape (pairs,).

        ``order_changes`` and ``overtaken_packets`` are those among the packets of the pair, and ``disorder_mean`` is
        the mean of the target's neurons to which the source sent packets, of which only these count.
        """
        flows, changes, disorder = self.flows, self.changes, self._disorder()
        rows = []
        for number, mine in enumerate(self._connections()):
            at = ranges(flows.start[mine], flows.count[mine])
            intervals = ranges(changes.begin[mine], changes.count[mine])
            order = order_changes(self.run.deliveries, flows.order[at])
            rows.append(
                {
                    "packets": flows.sent[mine].sum(keepdims=True),
                    **packet_figures(np.array([len(at)]), flows.latency[at], flows.late_steps[at]),
                    **distortion_figures(np.zeros(len(intervals), np.int64), changes.change[intervals], 1),
                    "disorder_mean": disorder[number : number + 1],
                    "order_changes": np.array([order.pairs]),
                    "overtaken_packets": np.array([order.overtaken]),
                }
            )
        return _joined(rows, _NO_PAIRS)

    def over_time(self, window: int) -> Columns:
        """Figures of each pair in windows of so many cycles: ``pair``, ``window`` and those of its packets there.

        Packets count in the window in which they were created, and an interval in that of the later of its packets
        (`interval_ends`). There is a row for each pair and window in which there are packets that were delivered.
        """
        flows, changes = self.flows, self.changes
        created = self.run.deliveries.created[flows.order] // window
        ends = interval_ends(self.run.deliveries) // window
        rows = []
        for number, mine in enumerate(self._connections()):
            at = ranges(flows.start[mine], flows.count[mine])
            at = at[np.argsort(created[at], kind="stable")]
            windows, count = np.unique(created[at], return_counts=True)
            intervals = ranges(changes.begin[mine], changes.count[mine])
            place = np.searchsorted(windows, ends[intervals])
            rows.append(
                {
                    "pair": np.full(len(windows), number),
                    "window": windows,
                    **packet_figures(count, flows.latency[at], flows.late_steps[at]),
                    **distortion_figures(place, changes.change[intervals], len(windows)),
                }
            )
        return _joined(rows, _NO_WINDOWS)

    def _disorder(self) -> npt.NDArray[np.float64]:
        """Mean spike disorder of each pair's listeners, shape (pairs,)."""
        run = self.run
        found = np.full(len(self.source), np.nan)
        for source in np.unique(self.source).tolist():
            sender = run.trace.populations[source]
            disorder = spike_disorder(
                run.mapped.network.connectivity,
                run.mapped.mapping.tile,
                _from(run.packets, sender.start, sender.stop),
                _from(run.deliveries, sender.start, sender.stop),
                run.config.cycles_per_step,
                run.starts,
            )
            for pair in np.flatnonzero(self.source == source).tolist():
                listener = run.trace.populations[self.target[pair]]
                heard = disorder[listener.start : listener.stop]
                known = ~np.isnan(heard)
                found[pair] = heard[known].mean() if known.any() else np.nan
        return found


def _from(log: Log, start: int, stop: int) -> Log:
    """What of a log is of the neurons from ``start`` to ``stop``, without the last."""
    of_them = (log.neuron >= start) & (log.neuron < stop)
    if of_them.all():
        return log
    return type(log)(**{one.name: getattr(log, one.name)[of_them] for one in fields(log)})


_NONE = np.zeros(0, np.int64)
_NO_FIGURES = {**packet_figures(_NONE, _NONE, _NONE), **distortion_figures(_NONE, _NONE, 0)}
_NO_PAIRS = {
    "packets": _NONE,
    **_NO_FIGURES,
    "disorder_mean": np.zeros(0),
    "order_changes": _NONE,
    "overtaken_packets": _NONE,
}
_NO_WINDOWS = {"pair": _NONE, "window": _NONE, **_NO_FIGURES}


def _joined(rows: list[Columns], empty: Columns) -> Columns:
    """Put tables one below the other; of none, the columns without rows."""
    return {name: np.concatenate([none, *(row[name] for row in rows)]) for name, none in empty.items()}
