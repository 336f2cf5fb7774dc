"""Spikes of another program, and the trace that they make together with connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..trace import PopulationSlice, Trace
from ..trace.errors import FIELDS
from ..trace.populations import MAX_ID
from ..trace.time_steps import TOLERANCE, in_order, steps_of_times
from .connections import Connections

__all__ = ["UNKNOWN_CELLTYPE", "ForeignSpikes", "trace_of"]

UNKNOWN_CELLTYPE = "unknown"
"""The cell type of neurons of which only spikes are known."""


@dataclass(frozen=True)
class ForeignSpikes:
    """Spikes as another program has them, in any order.

    Attributes
    ----------
    neuron
        Shape (spikes,): who fired, from 0.
    time
        Shape (spikes,): when, in ms.
    populations
        (label, number of neurons) of each population, in the order in which their neurons are numbered, where that is
        known; else none.

    Raises
    ------
    TraceError
        If the arrays differ in length, or a neuron's number or a population's size is negative.
    """

    neuron: npt.NDArray[np.int64]
    time: npt.NDArray[np.float64]
    populations: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "neuron", FIELDS.whole_array("neuron", self.neuron, 0, MAX_ID - 1, np.int64))
        object.__setattr__(self, "time", FIELDS.number_array("time", self.time))
        if len(self.neuron) != len(self.time):
            raise FIELDS.refuse("neuron and time", "be of equal length", (len(self.neuron), len(self.time)))
        for label, size in self.populations:
            FIELDS.whole(f"size of population {label!r}", size, 0, MAX_ID)


def trace_of(
    spikes: ForeignSpikes,
    connections: Connections,
    *,
    dt: float,
    duration: float | None = None,
    neurons: int | None = None,
    populations: Sequence[tuple[str, int]] = (),
    tolerance: float = TOLERANCE,
    meta: Mapping[str, Any] | None = None,
) -> Trace:
    """Return the trace of a run in another program.

    Spikes may be in any order. One at time t is in step t / dt, of which the nearest is taken.

    Parameters
    ----------
    spikes, connections
        What fired, and what is connected.
    dt
        Length of a step in ms.
    duration
        Time that was simulated in ms; by default up to the last spike. There are duration / dt + 1 steps.
    neurons
        Number of neurons; by default those of the populations, and without any as many as the highest number says.
    populations
        (label, number of neurons) of each, in place of those of the spikes.
    tolerance
        By how much of a step a spike or delay may lie off the grid; 0.5 takes all.
    meta
        What makes the run repeatable; JSON types only.

    Raises
    ------
    TraceError
        If a time is negative, beyond the duration or off the grid, a neuron has a number that there is not, or there
        are no spikes and no duration.
    """
    parts = tuple(populations) or spikes.populations
    if neurons is None:
        ends = [int(ids.max(initial=-1)) + 1 for ids in (spikes.neuron, connections.pre, connections.post)]
        neurons = sum(size for _, size in parts) if parts else max(ends)
    step = steps_of_times("spikes", spikes.time, dt, tolerance=tolerance)
    if duration is not None:
        steps = 1 + int(steps_of_times("duration", [duration], dt, tolerance=tolerance)[0])
        if len(step) and step.max() >= steps:
            rule = f"not be after the duration of {duration:g} ms"
            raise FIELDS.refuse("spikes", rule, f"at {spikes.time.max():g} ms", plain=True)
    elif len(step):
        steps = 1 + int(step.max())
    else:
        raise FIELDS.refuse("duration", "be given where there are no spikes", None)
    neuron, step = in_order(spikes.neuron, step)
    slices, start = [], 0
    for label, size in parts:
        slices.append(PopulationSlice(label, start, start + size, UNKNOWN_CELLTYPE))
        start += size
    delay = np.ones(len(connections.pre), np.int64)
    if connections.delay is not None:
        delay = steps_of_times("delays", connections.delay, dt, tolerance=tolerance)
        if len(delay) and delay.max() > MAX_ID:
            raise FIELDS.refuse("delays", f"be at most {MAX_ID} steps", int(delay.max()))
    return Trace(
        dt=dt,
        steps=steps,
        neurons=neurons,
        spike_neuron=neuron.astype(np.int32),
        spike_step=step,
        pre=connections.pre.astype(np.int32),
        post=connections.post.astype(np.int32),
        weight=connections.weight,
        delay=delay.astype(np.int32),
        populations=slices,
        meta=dict(meta or {}),
    )
