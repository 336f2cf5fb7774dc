"""What is known of a run in the cores of a chip, from which it follows why it is not as in software."""

from __future__ import annotations

import numpy as np

from .comparison.arrivals import Arrivals
from .comparison.cause import Evidence
from .core_session import CoreSession
from .engines.base import Ints
from .metrics.on_chip import OnChipRunData
from .onchip import OnChipModel, OnChipProgram

__all__ = ["core_evidence", "untimed_spikes"]


def core_evidence(session: CoreSession, data: OnChipRunData) -> Evidence:
    """Return the evidence of a run: its arrivals, the rounding of its weights, and the cores without any delay."""
    program, log, trace = session.program, data.log, data.trace
    arrivals = None
    if log.timed and log.observed:
        arrivals = Arrivals.of(
            data.deliveries, program.mapping.tile, program.config.cycles_per_step, data.starts, program.axon_pre
        )
    outside = session.network.is_source[trace.spike_neuron]
    step, source = trace.spike_step[outside], trace.spike_neuron[outside].astype(np.int64)
    return Evidence(
        arrivals,
        weight_error=program.weight_error,
        untimed=lambda last: untimed_spikes(program, step, source, last),
        overruns=log.overruns,
    )


def untimed_spikes(program: OnChipProgram, step: Ints, source: Ints, last: int) -> tuple[Ints, Ints]:
    """Return (step, neuron) of the spikes of the cores up to a step, in whole numbers where nothing is ever late.

    ``step`` and ``source`` are the spikes of sources, shape (spikes,) each, by step, then neuron.
    """
    model = OnChipModel(
        program.network, program.core, host_tile=program.host_tile, host_key=program.host_key, table=program.table
    )
    model.load(program.images)
    sent = step <= last
    events, when = program.host_schedule(step[sent], source[sent])
    fired = model.run(last + 1, events, when, None).fired
    return fired.tick, program.neuron_at(fired.tile, fired.neuron)
