"""Spikes of a neuron's inputs that came late to its tile, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

from ..engines.base import Deliveries, Ints
from ..metrics.steps import steps_of

__all__ = ["Arrivals", "Events", "LateSpike", "events_of"]


@dataclass(frozen=True)
class LateSpike:
    """A spike that did not come to a tile in the step in which it was fired.

    Attributes
    ----------
    source
        The neuron that fired.
    sent
        The step in which it did.
    delay, weight
        Of the synapse, in steps and in the unit of the trace.
    arrived
        The step in which it came; None if it never did.
    cycle
        The clock cycle in which it had arrived; None likewise.
    """

    source: int
    sent: int
    delay: int
    weight: float
    arrived: int | None
    cycle: int | None

    @property
    def due(self) -> int:
        """The step in which the synapse acts in software."""
        return self.sent + self.delay

    @property
    def acted(self) -> int | None:
        """The step in which the synapse acted; None if it never did."""
        return None if self.arrived is None else self.arrived + self.delay


@dataclass(frozen=True)
class Arrivals:
    """When the packets of a run arrived.

    Attributes
    ----------
    tile
        Shape (neurons,): the tile of each neuron.
    neuron, destination, cycle, step
        Shape (arrivals,): who fired, the tile that it came to, and the cycle and step in which its last flit did.
    sent
        Shape (arrivals,): the step in which the spike was fired. None if that is not known: then of the packets of a
        neuron to a tile those that come first are of the spike that was fired first, as the neurons there have it.
    axon_pre
        Shape (tiles, axons): the neuron that each axon of a tile is for, on a chip where a spike is a packet for each
        axon that it goes to, those on its own tile included. None where it is one for each tile other than its own.
    """

    tile: Ints
    neuron: Ints
    destination: Ints
    cycle: Ints
    step: Ints
    sent: Ints | None = None
    axon_pre: Ints | None = None

    @classmethod
    def of(
        cls,
        deliveries: Deliveries,
        tile: npt.NDArray[np.integer],
        cycles_per_step: int,
        starts: Ints | None = None,
        axon_pre: Ints | None = None,
        fired: Ints | None = None,
    ) -> Arrivals:
        """Take them from a log; steps as `steps_of` has them.

        ``fired``, shape (deliveries,), is the step of each packet's spike, where it may be created in a later one.

        Where there are axons, packets are created when they are offered to the network, and by a host that may be late.
        """
        step = steps_of(deliveries.completed, cycles_per_step, starts)
        sent = fired
        if axon_pre is None and fired is None:
            sent = steps_of(deliveries.created, cycles_per_step, starts)
        return cls(
            tile.astype(np.int64),
            deliveries.neuron,
            deliveries.destination,
            deliveries.completed,
            step,
            sent,
            axon_pre,
        )

    def late(self, trace: Trace, neuron: int, step: int) -> list[LateSpike]:
        """The spikes that would have acted on a neuron up to a step, that step included, but came to its tile late.

        They are sorted: those due last are first, of these the strongest.
        """
        here = int(self.tile[neuron])
        events = events_of(trace, neuron, step)
        if self.axon_pre is None:
            events = events.only(self.tile[events.source] != here)
        axons = self._axons(here, trace.neurons)[events.source]
        events, axons = events.only(axons > 0), axons[axons > 0]
        mine = np.flatnonzero((self.destination == here) & np.isin(self.neuron, np.unique(events.source)))
        # A number for each neuron and, where it is known, step.
        flow, wanted = self.neuron[mine], events.source
        if self.sent is not None:
            flow, wanted = flow * trace.steps + self.sent[mine], wanted * trace.steps + events.sent
        order = np.lexsort((self.cycle[mine], flow))
        flow, steps, cycles = flow[order], self.step[mine][order], self.cycle[mine][order]
        # Of the packets of a spike, one for each axon, the last counts.
        number = events.number if self.sent is None else events.repetition
        last = np.searchsorted(flow, wanted) + (number + 1) * axons - 1
        there = last < np.searchsorted(flow, wanted, side="right")
        last = np.where(there, last, -1)
        # After the last packet stands one that never arrived.
        arrived, cycle = np.append(steps, -1)[last], np.append(cycles, -1)[last]
        late = np.flatnonzero(arrived != events.sent)
        found = [
            LateSpike(
                source=int(events.source[at]),
                sent=int(events.sent[at]),
                delay=int(trace.delay[events.synapse[at]]),
                weight=float(trace.weight[events.synapse[at]]),
                arrived=int(arrived[at]) if there[at] else None,
                cycle=int(cycle[at]) if there[at] else None,
            )
            for at in late.tolist()
        ]
        return sorted(found, key=lambda spike: (-spike.due, -abs(spike.weight), spike.source, -spike.sent))

    def _axons(self, tile: int, neurons: int) -> Ints:
        """Packets to a tile for each spike of each neuron, shape (neurons,)."""
        if self.axon_pre is None:
            return np.ones(neurons, np.int64)
        pre = self.axon_pre[tile]
        return np.bincount(pre[pre >= 0], minlength=neurons)


@dataclass(frozen=True)
class Events:
    """Spikes at the synapses of one neuron, each array of shape (events,).

    ``synapse`` is its index in the trace, ``source`` the neuron that fired, ``sent`` the step in which it did,
    ``number`` the number of that spike among those of the neuron, and ``repetition`` that among those of the same step,
    both counted from 0.
    """

    synapse: Ints
    source: Ints
    sent: Ints
    number: Ints
    repetition: Ints

    def only(self, which: npt.NDArray[np.bool_]) -> Events:
        """Some of them."""
        return Events(*(getattr(self, field.name)[which] for field in fields(self)))


def events_of(trace: Trace, neuron: int, step: int) -> Events:
    """The spikes that act on a neuron up to a step in software, that step included."""
    synapse = np.flatnonzero(trace.post == neuron)
    pre = trace.pre[synapse].astype(np.int64)
    fired = np.isin(trace.spike_neuron, np.unique(pre)) & (trace.spike_step < step)
    who, when = trace.spike_neuron[fired].astype(np.int64), trace.spike_step[fired]
    order = np.argsort(who, kind="stable")
    who, when = who[order], when[order]
    begin, end = np.searchsorted(who, pre), np.searchsorted(who, pre, side="right")
    count = end - begin
    number = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    first = np.ones(len(who), bool)
    first[1:] = (np.diff(who) != 0) | (np.diff(when) != 0)
    at = np.arange(len(who))
    repetition = at - np.maximum.accumulate(np.where(first, at, 0)) if len(who) else at
    spike = np.repeat(begin, count) + number
    events = Events(
        synapse=np.repeat(synapse, count),
        source=np.repeat(pre, count),
        sent=when[spike],
        number=number,
        repetition=repetition[spike],
    )
    return events.only(events.sent + trace.delay[events.synapse] <= step)
