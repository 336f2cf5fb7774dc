"""The arrays of a network as the compiled loops take them, by name."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base.arrays import Floats, Ints

__all__ = [
    "ARRIVAL_COUNT",
    "BLOCK",
    "CALLED",
    "HELD",
    "OUTCOME",
    "SAMPLER",
    "Carried",
    "Electrodes",
    "Events",
    "Gaps",
    "Groups",
    "Network",
    "Neurons",
    "Recording",
    "Rows",
    "Team",
    "Window",
]

_FIELDS = ("kind", "start", "stop", "substeps", "last_event", "method", "receptors", "address")

BLOCK = np.dtype([(name, np.int64) for name in ("alike", *_FIELDS)])
"""A population: its kind (see `registry`), neurons ``start`` to ``stop``, 1 if all of them have the same coefficients,
the substeps of a step, for sources the end of their events, and for kernels that are called (see `frame`) the number of
the method of integration and of receptors, and the address of the kernel."""

CALLED = np.dtype([(name, np.int64) for name in _FIELDS])
"""The same in a network of nothing but sources and kernels that are called: a type of its own, for which the loop is
compiled without the other kernels, which takes a fraction of the time."""

SAMPLER = np.dtype(
    [(name, np.int64) for name in ("variable", "every", "due", "first_column", "last_column", "next_sample", "skip")]
)
"""A recorded variable: its row in `Neurons.states`, the steps from one sample to the next, the grid point at which the
next one is due, its columns among `Recording.neurons`, where in `Recording.samples` that sample begins, and how many
samples to leave out behind it."""


OUTCOME, ARRIVAL_COUNT, HELD = 4, 6, 7
"""Where in the desk of `Carried` is what became of the step, 0 if all went well; the number of its arrivals; and how
many neurons fire in a step that waits for room for these at synapses with a state, -1 if none does."""


class Neurons(NamedTuple):
    """The neurons of all populations.

    Attributes
    ----------
    coefficients
        Shape (coefficients, neurons): those of each population's kernel, in the order of its fields.
    states
        The state variables, shape (variables, neurons), in the order of the kernel's.
    refractory_steps, refractory
        The length of the refractory period, and what is left of it, in steps, shape (neurons,).
    fired
        Whether a neuron has fired in the present step, shape (neurons,); written by the loop.
    """

    coefficients: Floats
    states: Floats
    refractory_steps: Any
    refractory: Any
    fired: Any


class Window(NamedTuple):
    """The further arrays of the neurons that a kernel advances, besides coefficients and state variables.

    Attributes
    ----------
    refractory_steps, refractory, fired
        As in `Neurons`; ``refractory_steps`` is one number where all neurons have the same.
    excitation, inhibition
        The weights that arrive at the new grid point; a kernel clears what it has taken.
    """

    refractory_steps: Any
    refractory: Any
    fired: Any
    excitation: Any
    inhibition: Any


class Rows(NamedTuple):
    """The synapses by presynaptic neuron, and for each of them by tile or thread.

    Attributes
    ----------
    start
        The synapses of row r are ``start[r]`` to ``start[r + 1]``.
    row_offset
        Where the synapses of a row lie side by side from, as an offset; negative if they do not.
    row_weight
        The weight of all synapses of such a row, or `fan_out.UNEQUAL`.
    offset, weight
        Of each synapse; empty if all rows have an offset and a weight.
    """

    start: Ints
    row_offset: Ints
    row_weight: Floats
    offset: Any
    weight: Floats


class Groups(NamedTuple):
    """The groups of synapses with a state, one after the other.

    Attributes
    ----------
    address, frame
        The addresses of the kernel of each and of its frame, see `synapses.frame`, shape (groups,).
    due
        Whether spikes may be at its synapses later than in their own step, shape (groups,).
    work
        Room for the spikes of a step, three times, shape (3, spikes).
    """

    address: Ints
    frame: Ints
    due: Ints
    work: Any


class Events(NamedTuple):
    """The spikes of all sources, population by population: steps and neurons; and the next one of each population.

    Several spikes of a source in a step are several entries, one after the other.
    """

    step: Ints
    neuron: Ints
    next: Ints


class Recording(NamedTuple):
    """The recording: a `SAMPLER` for each variable, the neurons of all columns, and room for the samples."""

    samplers: Any
    neurons: Ints
    samples: Floats


class Gaps(NamedTuple):
    """Gap junctions, group after group; indices are unsigned, and need no test of their sign.

    Attributes
    ----------
    start
        Those of group k are ``start[k]`` to ``start[k + 1]``, shape (groups + 1,).
    pre, post
        The places of the two neurons among those that have any, shape (gaps,).
    conductance
        In uS, shape (gaps,).
    neuron, potential
        The neurons that have any, and where the potential of each is in the states as one row, shape (coupled,).
    present, into, flow
        Room for their potentials, the current into each, shape (coupled,), and that through each gap, shape (gaps,).
    """

    start: Ints
    pre: Any
    post: Any
    conductance: Floats
    neuron: Any
    potential: Any
    present: Floats
    into: Floats
    flow: Floats


class Electrodes(NamedTuple):
    """The currents of electrodes and gap junctions in the steps of a run.

    Attributes
    ----------
    first
        The grid point at which the first step begins.
    values
        The current of each source in each step in nA, shape (sources, steps).
    changed
        Whether some current is another one than in the step before, shape (steps,).
    start, neuron
        Source k flows into neurons ``neuron[start[k]:start[k + 1]]``.
    side_by_side
        Whether these are neighbours, each of them once, in ascending order, shape (sources,).
    current
        The sum into each neuron in nA, shape (neurons,); written by the loop. Without currents it has no elements.
    total
        The same with that of gap junctions; without these it has no elements.
    gaps
        The gap junctions, `Gaps`.
    """

    first: int
    values: Floats
    changed: Any
    start: Ints
    neuron: Ints
    side_by_side: Any
    current: Floats
    total: Floats
    gaps: Any


class Carried(NamedTuple):
    """Hardware that carries the spikes, see `cosim.Carrier`: the address of its function, and the desk between.

    The desk has one more number, `HELD`.
    """

    address: int
    desk: Ints


class Network(NamedTuple):
    """All arrays of a network.

    Attributes
    ----------
    blocks
        A `BLOCK` for each population.
    line
        That of a `RingBuffer`, shape (rows, receptors, neurons).
    electrodes
        None where there are none, except with `CALLED` blocks.
    groups
        The synapses with a state, `Groups`; before threads have shared the network, those of each thread.
    spike_neuron, spike_step
        Where the spikes go.
    most
        The largest number of spikes that a step can have.
    carried
        What carries the spikes, `Carried`, whose arrivals are what ``rows`` are by; None where there is nothing.
    """

    blocks: Any
    neurons: Neurons
    line: Floats
    electrodes: Any
    rows: Rows
    groups: Any
    events: Events
    recording: Recording
    spike_neuron: Any
    spike_step: Ints
    most: int
    carried: Any


class Team(NamedTuple):
    """The threads, as one of them sees them.

    Attributes
    ----------
    thread
        Its number.
    bounds
        The neurons at which one thread ends and the next begins, from 0 to the number of neurons, shape (threads + 1,).
    spikes
        Two lists of what each thread has fired in a step, shape (2, threads, neurons or more).
    boards
        Two boards of `barrier.meet`, zeros of shape (2, threads, 16).
    """

    thread: int
    bounds: Ints
    spikes: Any
    boards: Ints
