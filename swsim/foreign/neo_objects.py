"""Spikes from Neo's objects."""

from __future__ import annotations

from typing import Any

from ..trace.errors import FIELDS
from ..trace.pynn_objects import spikes_of_trains
from .spikes import ForeignSpikes

__all__ = ["spikes_of_neo"]


def spikes_of_neo(spikes: Any, *, label: str | None = None) -> ForeignSpikes:
    """Return the spikes of a Neo block, segment, or list of spike trains: one train for each neuron, in their order.

    A block must have one segment, for time begins anew in each. With a ``label`` the trains are a population.

    Raises
    ------
    TraceError
        If it is something else, or a block of several segments.
    """
    segments = getattr(spikes, "segments", None)
    if segments is not None:
        if len(segments) != 1:
            raise FIELDS.refuse("a Neo block", "have one segment (give the segment that is meant)", len(segments))
        spikes = segments[0]
    trains = list(getattr(spikes, "spiketrains", spikes))
    for train in trains:
        if not (hasattr(train, "rescale") and hasattr(train, "t_stop")):
            raise FIELDS.refuse("spikes", "be a Neo block, segment or list of spike trains", train)
    index, times = spikes_of_trains(trains)
    return ForeignSpikes(index, times, () if label is None else ((label, len(trains)),))
