"""What became of the packets of each neuron, and of each connection from a neuron to a tile."""

from __future__ import annotations

import numpy as np

from ..run_data import RunData
from ..spike_disorder import spike_disorder
from .figures import Columns, distortion_figures, packet_figures
from .flows import Changes, Flows

__all__ = ["connection_figures", "neuron_figures"]


def connection_figures(flows: Flows, changes: Changes) -> Columns:
    """Figures of each connection, in the order of `Flows`: also ``packets``, those sent."""
    connections = len(flows.neuron)
    of_interval = np.repeat(np.arange(connections), changes.count)
    return {
        "packets": flows.sent,
        **packet_figures(flows.count, flows.latency, flows.late_steps),
        **distortion_figures(of_interval, changes.change, connections),
    }


def neuron_figures(run: RunData, flows: Flows, changes: Changes) -> Columns:
    """Figures of the packets of each neuron, shape (neurons,): also ``packets``, those sent, and ``disorder``.

    The spike disorder is of what the neuron hears, and NaN if nothing was sent to it; all else is of what it sends.
    """
    neurons = run.trace.neurons
    sent = np.bincount(flows.neuron, weights=flows.sent, minlength=neurons).astype(np.int64)
    delivered = np.bincount(flows.neuron, weights=flows.count, minlength=neurons).astype(np.int64)
    return {
        "packets": sent,
        **packet_figures(delivered, flows.latency, flows.late_steps),
        **distortion_figures(np.repeat(flows.neuron, changes.count), changes.change, neurons),
        "disorder": spike_disorder(
            run.mapped.network.connectivity,
            run.mapped.mapping.tile,
            run.packets,
            run.deliveries,
            run.config.cycles_per_step,
            run.starts,
        ),
    }
