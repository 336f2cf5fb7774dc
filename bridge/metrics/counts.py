"""Counts and rates of the network's spikes and of the chip's packets and flits."""

from __future__ import annotations

import numpy as np

from synaptile.swsim.trace import Trace

from ..engines.base import Activity, Deliveries
from ..mapping.spike_packets import Destinations

__all__ = ["accepted_flits", "neuron_updates", "row_reads", "synaptic_events", "throughput"]


def throughput(delivered: int, cycles: int) -> float | None:
    """Network throughput: delivered packets / simulated cycles; None if no cycle was simulated."""
    return delivered / cycles if cycles else None


def accepted_flits(activity: Activity) -> float | None:
    """Flits that left the network into tiles / cycles / tiles; None if no cycle was simulated."""
    if not activity.cycles:
        return None
    return activity.delivered_flits / (activity.cycles * activity.rows * activity.cols)


def synaptic_events(trace: Trace) -> int:
    """Spikes at synapses: Σ over spikes of the firing neuron's synapses, local ones and multapses included."""
    return int(np.bincount(trace.pre, minlength=trace.neurons) @ trace.spike_counts())


def row_reads(trace: Trace, destinations: Destinations, deliveries: Deliveries) -> int:
    """Rows of crossbars read: packets delivered, and spikes that neurons on the same tile listen to."""
    return len(deliveries) + int(trace.spike_counts()[destinations.local].sum())


def neuron_updates(trace: Trace) -> int:
    """Steps × neurons, spike sources left out: they compute nothing."""
    sources = sum(population.size for population in trace.populations if population.is_source)
    return (trace.neurons - sources) * trace.steps
