"""In which step spikes arrived: what a network behind this chip would have felt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synaptile.swsim.trace import Trace

from ..engines.base import Deliveries, Ints
from ..mapping.spike_packets import Destinations

__all__ = ["Arrivals", "LateArrivals", "arrivals_per_step", "late_arrivals"]


@dataclass(frozen=True)
class Arrivals:
    """Spikes at the tiles that listen to them, each array of shape (arrivals,), sorted by (step, neuron, tile).

    Attributes
    ----------
    step
        The step in which the spike arrived; its synapses act ``delay`` steps later.
    neuron
        Who fired.
    tile
        Where it arrived.
    fired
        The step in which it was fired.
    """

    step: Ints
    neuron: Ints
    tile: Ints
    fired: Ints

    def __len__(self) -> int:
        return len(self.step)


def arrivals_per_step(
    trace: Trace, deliveries: Deliveries, destinations: Destinations, cycles_per_step: int
) -> Arrivals:
    """Each spike's arrival step at each tile that listens to it.

    A packet whose last flit is delivered in cycle c arrives in step ⌊c / C⌋ (which may lie after the end of the trace),
    a spike at its own tile in the step in which it was fired. Packets that were not delivered do not arrive.
    """
    _check_cycles(cycles_per_step)
    local = destinations.local[trace.spike_neuron]
    at_home = trace.spike_neuron[local].astype(np.int64)
    fired_at_home = trace.spike_step[local]
    step = np.concatenate([fired_at_home, deliveries.completed // cycles_per_step])
    neuron = np.concatenate([at_home, deliveries.neuron])
    tile = np.concatenate([destinations.source[at_home], deliveries.destination])
    fired = np.concatenate([fired_at_home, deliveries.created // cycles_per_step])
    order = np.lexsort((fired, tile, neuron, step))
    return Arrivals(step[order], neuron[order], tile[order], fired[order])


@dataclass(frozen=True)
class LateArrivals:
    """Packets that arrived after the end of the step in which their spike was fired.

    Attributes
    ----------
    count
        How many.
    fraction
        Of all delivered packets; None if there are none.
    max_steps
        The latest one's steps of delay; 0 if none was late.
    """

    count: int
    fraction: float | None
    max_steps: int


def late_arrivals(deliveries: Deliveries, cycles_per_step: int) -> LateArrivals:
    """Count packets with ⌊completed / C⌋ > ⌊created / C⌋: each acts that many steps later than in software."""
    _check_cycles(cycles_per_step)
    steps = deliveries.completed // cycles_per_step - deliveries.created // cycles_per_step
    count = int(np.count_nonzero(steps))
    return LateArrivals(count, count / len(steps) if len(steps) else None, int(steps.max(initial=0)))


def _check_cycles(cycles_per_step: int) -> None:
    if cycles_per_step < 1:
        raise ValueError(f"cycles_per_step must be at least 1, not {cycles_per_step}")
