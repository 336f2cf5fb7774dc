"""What the cores of a chip had to do in a run, as it follows from the events that came to their axons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synaptile.rtl.core.counters import work_of
from synaptile.swsim.trace import Trace

from .engines.base import Ints
from .metrics.active_neurons import count_active
from .metrics.core_work import CoreWork
from .onchip import OnChipProgram

__all__ = ["events_in_time", "work_in_cores"]


def events_in_time(program: OnChipProgram, trace: Trace) -> tuple[Ints, Ints]:
    """Return (axon of the chip, tick in which it acts) of every event, where nothing is ever late.

    Axon a of tile t is number ``t * axons + a`` of the chip.
    """
    pre, delay = program.axon_pre.reshape(-1), program.axon_delay.reshape(-1)
    axons = np.flatnonzero(pre >= 0)
    axons = axons[np.argsort(pre[axons], kind="stable")]
    start = np.searchsorted(pre[axons], np.arange(program.neurons + 1))
    who = trace.spike_neuron.astype(np.int64)
    count = start[who + 1] - start[who]
    first = np.cumsum(count) - count
    axon = axons[np.arange(int(count.sum())) + np.repeat(start[who] - first, count)]
    return axon, np.repeat(trace.spike_step.astype(np.int64), count) + delay[axon]


def work_in_cores(
    program: OnChipProgram, trace: Trace, counters: Mapping[str, Ints], axon: Ints | None, due: Ints | None
) -> CoreWork:
    """Return the work of all cores.

    An axon acts once in a tick, however many events came for it: its row is added, in which the weights that are not 0
    are synaptic events. All neurons of a core are updated in every tick, those that hold no neuron of the network
    included.

    Parameters
    ----------
    program
        What the cores hold.
    trace
        The network's spikes.
    counters
        What the cores counted, by the names in `synaptile.bridge.engines.cores.COUNTERS`, shape (tiles,).
    axon, due
        Shape (events,): the axon of the chip, as `events_in_time` numbers them, and the tick in which it acts. None
        where events are not seen: then rows, memories and active neurons are not known.
    """
    core, cells = program.core, program.config.tiles * program.core.neurons
    computing = np.zeros(program.neurons, bool)
    computing[program.cells] = True
    spiking = trace.spike_neuron.astype(np.int64)
    fired = computing[spiking]
    who, when = spiking[fired], trace.spike_step[fired].astype(np.int64)
    updates = int(counters["neuron_updates"].sum()) if "neuron_updates" in counters else cells * trace.steps
    if axon is None or due is None:
        events = int(np.bincount(trace.pre, minlength=trace.neurons) @ trace.spike_counts())
        return CoreWork(events, trace.spikes, updates)
    in_run = due < trace.steps
    rows, acts = np.unique(np.stack([axon[in_run], due[in_run]]), axis=1)
    start, target = _synapses(program)
    done = work_of(core, {"axon_events": len(rows), "ticks": updates // core.neurons})
    return CoreWork(
        synaptic_events=int((start[rows + 1] - start[rows]).sum()),
        spikes=trace.spikes,
        neuron_updates=updates,
        active_updates=count_active(
            start,
            target,
            np.zeros(len(target), np.int64),
            rows,
            acts,
            np.stack([program.tile[who] * core.neurons + program.slot[who], when]),
            cells=cells,
            steps=trace.steps,
        ),
        memory_reads=done["memory_reads"],
        memory_writes=done["memory_writes"],
        row_reads=len(rows),
    )


def _synapses(program: OnChipProgram) -> tuple[Ints, Ints]:
    """Return where the synapses of each axon of the chip begin, and the neuron of the chip that each acts on."""
    core = program.core
    places = [np.nonzero(image.weights) for image in program.images]
    axon = np.concatenate([tile * core.axons + row for tile, (row, _) in enumerate(places)])
    target = np.concatenate([tile * core.neurons + column for tile, (_, column) in enumerate(places)])
    return np.searchsorted(axon, np.arange(len(places) * core.axons + 1)), target
