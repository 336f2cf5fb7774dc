"""The simulation loop in compiled form: many steps of a network of simple neurons in one call.

Nothing is checked here: `compiled_network` prepares the arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import overload

from .dispatch import advance
from .frame import FRAME, call, pointer
from .jit import compile_inline, compile_loop
from .network import HELD, OUTCOME, Carried, Electrodes, Events, Groups, Network, Neurons, Recording
from .propagation import deliver
from .registry import SOURCE
from .synapses.groups import take_arrivals, take_due, take_spikes

__all__ = ["fire", "flowing", "run", "take_samples"]

_STEP, _SPIKES, _SPIKE_COUNT, _, _ARRIVALS, _ARRIVAL_COUNT = range(1, 7)  # of `cosim.Carrier`
_GROUP = 64  # neurons that are looked at together


@compile_loop
def _emit(a: int, z: int, step: int, last: int, event: int, events: Events, out: Any, count: int) -> Any:
    """Put the spikes of sources among neurons a to z at a step into ``out``; return the next event and new count."""
    while event < last and events.step[event] <= step:
        if a <= events.neuron[event] < z:
            out[count] = events.neuron[event]
            count += 1
        event += 1
    return event, count


@compile_loop
def _collect(a: int, z: int, fired: Any, out: Any, count: int) -> int:
    """Put those of neurons a to z that fired into ``out`` from ``count`` on; return the new count."""
    # Few fire in a step: look at many at once first.
    for begin in range(a, z, _GROUP):
        end = min(begin + _GROUP, z)
        some = fired[begin:end]
        total = np.uint8(0)
        for n in range(len(some)):
            total |= some[n]
        if total:
            for n in range(begin, end):
                if fired[n]:
                    out[count] = n
                    count += 1
    return count


@compile_inline
def fire(
    a: int,
    z: int,
    step: int,
    blocks: Any,
    neurons: Neurons,
    events: Events,
    arriving: Any,
    current: Any,
    frame: Any,
    out: Any,
    count: int,
) -> int:
    """Take neurons a to z to a grid point, and put those that fire there into ``out``; return the new count.

    ``arriving`` is the row of the ring buffer of what acts there, ``current`` what electrodes send into each neuron in
    nA, or None, and ``frame`` an array to work in, see `frame`.
    """
    fired, following = neurons.fired, events.next
    for k in range(len(blocks)):
        block = blocks[k]
        begin, end = max(block.start, a), min(block.stop, z)
        if begin >= end:
            continue
        if block.kind == SOURCE:
            following[k], count = _emit(begin, end, step, block.last_event, following[k], events, out, count)
            continue
        advance(block, begin, end, neurons, arriving, current, frame)
        count = _collect(begin, end, fired, out, count)
    return count


@compile_inline
def take_samples(step: int, states: Any, recording: Recording) -> None:
    """Take the samples that are due at a grid point."""
    samplers, neurons, samples = recording
    for k in range(len(samplers)):
        sampler = samplers[k]
        if sampler.due == step:
            index, variable = sampler.next_sample, states[sampler.variable]
            for column in range(sampler.first_column, sampler.last_column):
                samples[index] = variable[neurons[column]]
                index += 1
            sampler.next_sample = index + sampler.skip
            sampler.due += sampler.every


@compile_loop
def _same_neurons(source: int, start: Any, neuron: Any) -> bool:
    """Return whether a source flows into the same neurons as the first, where both flow into neighbours."""
    return bool(neuron[start[source]] == neuron[0] and start[source + 1] - start[source] == start[1])


@compile_loop
def _add_up(electrodes: Electrodes, step: int, a: int, z: int) -> None:
    """Sum the currents into neurons a to z, source after source as `currents.Currents` does, if they have changed."""
    first, values, changed, start, neuron, side_by_side, current = electrodes[:7]
    k = step - first
    if not changed[k]:
        return
    for n in range(a, z):
        current[n] = 0.0
    # Those into the same neighbours as the first are summed once for all of these.
    source, common = 0, 0.0
    while source < len(values) and side_by_side[source] and _same_neurons(source, start, neuron):
        common += values[source, k]
        source += 1
    if source:
        for n in range(max(a, neuron[0]), min(z, neuron[start[1] - 1] + 1)):
            current[n] = common
    for other in range(source, len(values)):
        begin, end = start[other], start[other + 1]
        value = values[other, k]
        if side_by_side[other]:
            for n in range(max(a, neuron[begin]), min(z, neuron[end - 1] + 1)):
                current[n] += value
            continue
        for place in range(begin, end):
            n = neuron[place]
            if a <= n < z:
                current[n] += value


@compile_loop
def _add_gaps(electrodes: Electrodes, states: Any) -> None:
    """Add the currents through gap junctions, group after group as `simulation.Engine` does."""
    current, total, gaps = electrodes[6:]
    start, pre, post, conductance, neuron, potential, present, into, flow = gaps
    flat = states.reshape(states.size)
    total[:] = current
    for n in range(len(neuron)):
        present[n] = flat[potential[n]]
    for group in range(len(start) - 1):
        into[:] = 0.0
        for k in range(start[group], start[group + 1]):
            flow[k] = conductance[k] * (present[pre[k]] - present[post[k]])
        for k in range(start[group], start[group + 1]):
            into[post[k]] += flow[k]
        for k in range(start[group], start[group + 1]):
            into[pre[k]] -= flow[k]
        for n in range(len(neuron)):
            total[neuron[n]] += into[n]


def flowing(electrodes: Electrodes | None, states: Any, step: int, a: int, z: int) -> Any:
    """Return the current into each neuron from grid point ``step`` on, right for neurons a to z; None for none.

    Where there are gap junctions, which look at the potentials of all neurons, these must be all.
    """
    raise NotImplementedError("only in compiled code")


@overload(flowing, strict=False)
def _flowing(electrodes: Any, states: Any, step: Any, a: Any, z: Any) -> Callable[..., Any]:
    if isinstance(electrodes, types.NoneType):
        return lambda electrodes, states, step, a, z: None

    def add_up(electrodes: Any, states: Any, step: Any, a: Any, z: Any) -> Any:
        if len(electrodes.values):
            _add_up(electrodes, step, a, z)
        if not len(electrodes.total):
            return electrodes.current
        _add_gaps(electrodes, states)
        return electrodes.total

    return add_up


def arriving_spikes(carried: Carried | None, step: int, out: Any, before: int, count: int) -> Any:
    """Return what spikes ``out[before:count]`` of a step go down their synapses as: themselves, or what hardware says.

    Hardware has said so already in a step that was held. Whether all went well is in `Carried.desk`.
    """
    raise NotImplementedError("only in compiled code")


@overload(arriving_spikes, strict=False)
def _arriving_spikes(carried: Any, step: Any, out: Any, before: Any, count: Any) -> Callable[..., Any]:
    if isinstance(carried, types.NoneType):
        return lambda carried, step, out, before, count: out[before:count]

    def exchanged(carried: Any, step: Any, out: Any, before: Any, count: Any) -> Any:
        desk = carried.desk
        if desk[HELD] < 0:
            desk[_STEP], desk[_SPIKES], desk[_SPIKE_COUNT] = step, out.ctypes.data + 4 * before, count - before
            call(carried.address, desk.ctypes.data)
        desk[HELD] = -1
        return numba.carray(pointer(desk[_ARRIVALS]), (desk[_ARRIVAL_COUNT],), np.int32)

    return exchanged


def held(carried: Carried | None) -> int:
    """Return how many neurons fire in a step that waits for room, -1 if none does."""
    raise NotImplementedError("only in compiled code")


@overload(held, strict=False)
def _held(carried: Any) -> Callable[..., int]:
    if isinstance(carried, types.NoneType):
        return lambda carried: -1
    return lambda carried: carried.desk[HELD]


def stopped(carried: Carried | None, arrived: Any, groups: Groups, fired: int) -> bool:
    """Return whether hardware could not go to the end of the step, or there is no room for what it says: then hold it.

    ``fired`` neurons fire in it.
    """
    raise NotImplementedError("only in compiled code")


@overload(stopped, strict=False)
def _stopped(carried: Any, arrived: Any, groups: Any, fired: Any) -> Callable[..., bool]:
    if isinstance(carried, types.NoneType):
        return lambda carried, arrived, groups, fired: False

    def failed_or_held(carried: Any, arrived: Any, groups: Any, fired: Any) -> bool:
        if carried.desk[OUTCOME] != 0:
            return True
        if len(groups.frame) and len(arrived) > groups.work.shape[1]:
            carried.desk[HELD] = fired
            return True
        return False

    return failed_or_held


def take(
    carried: Carried | None, groups: Groups, step: int, base: int, arrived: Any, out: Any, before: int, count: int
) -> None:
    """Take what arrives in a step, and the neurons ``out[before:count]`` that fire, at synapses with a state."""
    raise NotImplementedError("only in compiled code")


@overload(take, strict=False)
def _take(
    carried: Any, groups: Any, step: Any, base: Any, arrived: Any, out: Any, before: Any, count: Any
) -> Callable[..., None]:
    if isinstance(carried, types.NoneType):
        return lambda carried, groups, step, base, arrived, out, before, count: take_spikes(
            groups, step, base, out, before, count
        )
    return lambda carried, groups, step, base, arrived, out, before, count: take_arrivals(
        groups, step, base, arrived, out, before, count
    )


@compile_loop
def run(first: int, steps: int, position: int, network: Network) -> tuple[int, int, int]:
    """Go from grid point ``first`` over at most ``steps`` steps; return steps done, spikes, and the new position.

    ``position`` is the row of the ring buffer that is now. The loop ends early if the spikes of another step might not
    fit into ``network.spike_neuron`` and ``network.spike_step``; or before a step that hardware could not do, or in one
    that is held, whose spikes lie behind those counted, and are to be the first ones when it goes on.
    """
    # Taken out of the tuple once: what is taken out is counted as one more reference to an array.
    blocks, neurons, line, electrodes, rows, groups, events, recording, out, out_step, most, carried = network
    states = neurons.states
    row_count, receptors, size = line.shape
    flat = line.reshape(row_count * receptors * size)
    frame = np.empty(FRAME, np.int64)
    # A literal 0 has a type of its own, for which everything would be compiled once more.
    none: Any = np.int64(0)
    count = none
    for done in range(steps):
        if count + most > len(out):
            return done, count, position
        step = first + done + 1
        before = count
        waiting = held(carried)
        if waiting < 0:
            take_due(groups, step, position * receptors * size)
            position = position + 1 if position + 1 < row_count else 0
            current = flowing(electrodes, states, step - 1, none, size)
            count = fire(none, size, step, blocks, neurons, events, line[position], current, frame, out, count)
        else:
            count = before + waiting
        for spike in range(before, count):  # a slice would take the compiler two seconds more
            out_step[spike] = step
        arrived = arriving_spikes(carried, step, out, before, count)
        if stopped(carried, arrived, groups, count - before):
            return done, before, position
        deliver(arrived, 1, 0, flat, position * receptors * size, rows)
        take(carried, groups, step, position * receptors * size, arrived, out, before, count)
        take_samples(step, states, recording)
    return steps, count, position
