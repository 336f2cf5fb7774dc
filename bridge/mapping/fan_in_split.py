"""Networks whose neurons have more inputs than a crossbar has axons: such a neuron is divided among several slots.

A neuron of F inputs, where a crossbar takes A of them, becomes k = ⌈F/A⌉ *parts* and itself. Its inputs, in the order
of their numbers, are dealt out to the parts in runs of equal length, so that neurons that listen to the same population
share the axons of their parts. In each step in which a part got a spike, it has a sum to pass on: it sends one spike to
the neuron itself, in the next step, when all of that step's spikes are summed. The neuron listens to its parts alone;
where these are more than A, it is divided again. The rule is our own; the parts only sum, so that the neuron's own
spikes stay those of the trace.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import PopulationSlice, Trace

from ..config import ChipConfig

__all__ = ["FanInSplit", "split_fan_in", "split_for_chip"]

Ints = npt.NDArray[np.int64]

_AT_ONCE = 1 << 22
"""Spikes at synapses that are looked at together."""


@dataclass(frozen=True)
class FanInSplit:
    """How the neurons of a network were divided.

    Attributes
    ----------
    inputs
        Presynaptic neurons that a part, or a neuron, can have.
    neurons
        Neurons that were divided.
    parts
        Parts that they were divided into; these are neurons ``first`` and following.
    first
        The number of the first part.
    spikes
        Merging spikes: how often a part passed its sum on.
    levels
        The most parts that an input passes on its way to a neuron: the steps that its effect comes later.
    """

    inputs: int
    neurons: int
    parts: int
    first: int
    spikes: int
    levels: int

    def to_dict(self) -> dict[str, int]:
        """JSON types."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: Any) -> FanInSplit:
        """Return that of which `to_dict` gave these values."""
        return cls(**{name: int(values[name]) for name in cls.__dataclass_fields__})


def split_fan_in(trace: Trace, inputs: int) -> tuple[Trace, FanInSplit | None]:
    """Divide the neurons of a trace that have more than so many presynaptic neurons, as the module says.

    Parameters
    ----------
    trace
        Spikes and connections of a network.
    inputs
        Presynaptic neurons that a neuron can have, at least 2.

    Returns
    -------
    The trace with the parts as further populations, named as those of their neurons with " (parts)", and a step longer
    for each level; and how it was divided. The trace itself and None if no neuron has more inputs.

    Raises
    ------
    ValueError
        If ``inputs`` is less than 2: sums of one do not become fewer.
    """
    if inputs < 2:
        raise ValueError(f"inputs must be at least 2 to divide neurons, not {inputs}")
    first, levels, divided = trace.neurons, 0, 0
    found = trace
    while (further := _one_level(found, inputs)) is not None:
        found, count = further
        levels += 1
        divided = divided or count  # what is divided again is one of them
    if not levels:
        return trace, None
    split = FanInSplit(inputs, divided, found.neurons - first, first, found.spikes - trace.spikes, levels)
    return replace(found, meta={**trace.meta, "split": split.to_dict()}), split


def split_for_chip(trace: Trace, config: ChipConfig) -> tuple[Trace, FanInSplit | None]:
    """Divide the neurons that have more inputs than a crossbar has axons, or than the chip's ``limits.fan_in`` allows.

    A chip on which a sum could have one input only divides none. Result as of `split_fan_in`.
    """
    inputs = config.crossbar.axons
    if config.limits is not None and config.limits.fan_in is not None and "fan_in" not in config.relax:
        inputs = min(inputs, config.limits.fan_in)
    return split_fan_in(trace, inputs) if inputs > 1 else (trace, None)


def _one_level(trace: Trace, inputs: int) -> tuple[Trace, int] | None:
    """Divide what has too many inputs once; None if nothing has."""
    pre, post = trace.pre.astype(np.int64), trace.post.astype(np.int64)
    order = np.lexsort((pre, post))
    new_post = np.ones(len(order), bool)
    new_post[1:] = np.diff(post[order]) != 0
    distinct = new_post.copy()
    distinct[1:] |= np.diff(pre[order]) != 0
    fan_in = np.bincount(post[order][distinct], minlength=trace.neurons)
    over = np.flatnonzero(fan_in > inputs)
    if not len(over):
        return None
    # Runs of equal length, in as few parts as there can be.
    length = np.ones(trace.neurons, np.int64)
    length[over] = -(-fan_in[over] // -(-fan_in[over] // inputs))
    parts = -(-fan_in[over] // length[over])
    first = np.zeros(trace.neurons, np.int64)
    first[over] = trace.neurons + np.cumsum(parts) - parts

    number = np.cumsum(distinct) - 1  # of the pair, among all
    start = number[new_post]
    within = number - start[np.cumsum(new_post) - 1]
    moved = np.isin(post[order], over)
    at, root = order[moved], post[order][moved]
    onto = post.copy()
    onto[at] = first[root] + within[moved] // length[root]

    part = np.arange(trace.neurons, trace.neurons + int(parts.sum()))
    neuron, step = _merging_spikes(trace, pre[at], onto[at])
    when = np.concatenate([trace.spike_step, step])
    who = np.concatenate([trace.spike_neuron.astype(np.int64), neuron])
    sorted_ = np.lexsort((who, when))
    extended = Trace(
        dt=trace.dt,
        steps=trace.steps + 1,
        neurons=trace.neurons + len(part),
        spike_neuron=who[sorted_].astype(np.int32),
        spike_step=when[sorted_],
        pre=np.concatenate([pre, part]).astype(np.int32),
        post=np.concatenate([onto, np.repeat(over, parts)]).astype(np.int32),
        weight=np.concatenate([trace.weight, np.ones(len(part))]),
        delay=np.concatenate([trace.delay, np.ones(len(part), np.int32)]),
        populations=[*trace.populations, *_populations_of_parts(trace, over, parts)],
        meta=trace.meta,
        partial=trace.partial,
    )
    return extended, len(over)


def _populations_of_parts(trace: Trace, over: Ints, parts: Ints) -> Iterator[PopulationSlice]:
    """The parts by the populations of their neurons, numbered in that order."""
    start = trace.neurons
    for population in trace.populations:
        low, high = np.searchsorted(over, [population.start, population.stop])
        size = int(parts[low:high].sum())
        if size:
            name = population.label.removesuffix(" (parts)")
            yield PopulationSlice(f"{name} (parts)", start, start + size, population.celltype, is_source=False)
        start += size


def _merging_spikes(trace: Trace, pre: Ints, part: Ints) -> tuple[Ints, Ints]:
    """Parts, and the steps in which they pass on what they got: each the step after one with a spike of an input.

    ``pre`` and ``part``, shape (synapses,), are what the parts listen to; both results are of shape (merging spikes,).
    """
    order = np.argsort(trace.spike_neuron, kind="stable")
    step = trace.spike_step[order]
    count = np.bincount(trace.spike_neuron, minlength=trace.neurons)
    start = np.cumsum(count) - count
    order = np.argsort(part, kind="stable")
    pre, part = pre[order], part[order]
    # No part is looked at in two pieces, so that each finds its steps once.
    ends = np.flatnonzero(np.append(np.diff(part) != 0, True)) + 1
    total = np.cumsum(count[pre])[ends - 1]
    pieces = np.unique(np.searchsorted(total, np.arange(0, int(total[-1]) + 1, _AT_ONCE), side="right"))
    cuts = sorted({0, *ends[pieces[pieces < len(ends)]].tolist(), len(pre)})
    found = [
        _steps(step, start[pre[low:high]], count[pre[low:high]], part[low:high], trace.steps)
        for low, high in itertools.pairwise(cuts)
    ]
    keys = np.concatenate(found)
    return keys // trace.steps if trace.steps else keys, keys % max(1, trace.steps) + 1


def _steps(step: Ints, start: Ints, count: Ints, part: Ints, steps: int) -> Ints:
    """Distinct (part, step) of spikes at synapses, as part × steps + step; a synapse's begin at ``start``."""
    first = np.cumsum(count) - count
    which = np.arange(int(count.sum())) - np.repeat(first - start, count)
    return np.unique(np.repeat(part, count) * steps + step[which])
