"""The rules of `plasticity.stdp`, `triplet` and `reward` in compiled form, in the same order of operations.

A presynaptic spike goes through its row of synapses, each with the trace of the neuron that it leads to; a postsynaptic
one goes through the synapses onto its neuron, each with the trace of the neuron that it comes from.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...plasticity.compiled_timing import ARRAYS, NUMBERS, PARAMETER_ROWS, RULE_ROWS, SLOT
from ...plasticity.reward import RewardRule
from ...plasticity.stdp import VogelsRule
from ...plasticity.triplet import NearestRule, TripletRule
from ..jit import compile_inline, compile_part, exp_of, expm1_of
from .frame import DUE, PHASE, STEP, add, fired, floats, header, indices, matrix, numbers, prefetch, words
from .history import History, history_of, note, seen_by
from .weight_dependence import bounded, down, up

__all__ = ["spike_timing"]

(
    _PRE_ROWS, _PRE_START, _PRE_DELAY, _PRE_EDGE, _OFFSET, _POST_ROWS, _POST_START, _POST_DELAY, _POST_EDGE,
    _PRE_DELAYS, _PRE_HISTORY, _PRE_COUNT, _POST_DELAYS, _POST_HISTORY, _POST_COUNT, _ROOMS, _NUMBERS, _CONSTANTS,
    _WEIGHT, _PARAMETERS, _PRE_SLOTS, _PRE_POST_SLOT, _PRE_OWN_SLOT, _POST_SLOTS, _POST_PRE_SLOT, _POST_OWN_SLOT,
    _PRE_TRACE, _POST_TRACE, _PRE_SLOW, _POST_SLOW, _PRE_TABLE, _POST_TABLE, _PRE_SLOW_TABLE, _POST_SLOW_TABLE,
    _EVENT, _BASE, _ELIGIBILITIES, _REWARDS,
) = words(ARRAYS)  # fmt: skip
_FORM, _DEPENDENCE, _ALIKE = range(len(NUMBERS))
_LOW, _HIGH, _MU_PLUS, _MU_MINUS = range(len(PARAMETER_ROWS))
_P = len(PARAMETER_ROWS)
# Unsigned, as are all indices in the inner loops: those need no test of their sign.
_LAST, _BEFORE, _AFTER, _TAU = (np.uint64(k) for k in range(len(SLOT)))
_WIDTH = np.uint64(len(SLOT))
_ALL = np.uint64(0)
_NEAREST, _VOGELS, _TRIPLET, _REWARD = (rule.FORM for rule in (NearestRule, VogelsRule, TripletRule, RewardRule))

_LINE = 16  # numbers of 4 bytes, that memory is read at once
_AHEAD = 16  # synapses, whose weights lie in the order of one side at most


class _Synapses(NamedTuple):
    """What all synapses have."""

    form: Any
    dependence: Any
    alike: Any
    dt: Any
    sign: Any
    weight: Any
    parameters: Any
    event: Any
    base: Any
    eligibility: Any
    reward: Any


class _Side(NamedTuple):
    """The rows of one side, and its traces; ``partner`` is the slot of each synapse on the other side."""

    of_neuron: Any
    start: Any
    delay: Any
    slots: Any
    edge: Any
    partner: Any
    own: Any
    trace: Any
    last: Any
    table: Any
    slow: Any
    slow_table: Any


@compile_inline
def _factor(steps: int, tau: float, table: Any, dt: float) -> float:
    """Return what `decay.Decay` does."""
    if steps < len(table):
        return float(table[np.uint64(steps)])
    return exp_of(-(steps * dt) / tau)


@compile_inline
def _past(side: _Side, slot: int, step: int, dt: float) -> float:
    """Return a trace just before a step, see `stdp.SpikeTiming.trace`."""
    place = np.uint64(slot) * _WIDTH
    elapsed = step - side.last[place + _LAST]
    if elapsed == 0:
        return float(side.trace[place + _BEFORE])
    after = side.trace[place + _AFTER]
    if after == 0.0:  # no spike so far: nothing is left, without an exponential beyond the table
        return 0.0
    return float(after * _factor(elapsed, side.trace[place + _TAU], side.table, dt))


@compile_inline
def _slow(side: _Side, slot: int, step: int, dt: float) -> float:
    """Return a slow trace with the spikes at a step so far, see `stdp.SpikeTiming.present`."""
    place = np.uint64(slot) * _WIDTH
    elapsed = step - side.last[place + _LAST]
    return float(side.slow[place + _AFTER] * _factor(elapsed, side.slow[place + _TAU], side.slow_table, dt))


@compile_inline
def _leave(side: _Side, row: int, step: int, form: int, dt: float) -> None:
    """Take a spike of a row into its traces, see `stdp.SpikeTiming._leave`."""
    for slot in range(side.slots[row], side.slots[row + 1]):
        place = np.uint64(slot) * _WIDTH
        if form == _TRIPLET:
            side.slow[place + _AFTER] = _slow(side, slot, step, dt) + 1.0
        elapsed = step - side.last[place + _LAST]
        found = side.trace[place + _AFTER] * _factor(elapsed, side.trace[place + _TAU], side.table, dt)
        if elapsed != 0:
            side.trace[place + _BEFORE] = found
        side.trace[place + _AFTER] = 1.0 if form == _NEAREST else found + 1.0
        side.last[place + _LAST] = step


@compile_part
def _integrate(s: _Synapses, e: int, step: int, low: float, high: float, taus: Any) -> None:
    """Take a synapse to a step, see `reward.RewardRule`."""
    tau_eligibility, tau_reward = taus
    elapsed = (step - s.event[e]) * s.dt
    rate = 1.0 / tau_eligibility + 1.0 / tau_reward
    c, d = s.eligibility[e], s.reward[e]
    growth = c * d * -expm1_of(-elapsed * rate) / rate
    if growth != 0.0:
        s.base[e] = bounded(s.base[e] + growth, low, high)
    s.eligibility[e] = c * exp_of(-elapsed / tau_eligibility)
    s.reward[e] = d * exp_of(-elapsed / tau_reward)
    s.event[e] = step
    s.weight[e] = s.sign * s.base[e]


@compile_inline
def _take_pre(s: _Synapses, pre: _Side, post: _Side, offset: Any, row: int, step: int, line: Any, base: int) -> None:
    """Take a presynaptic spike at a row of synapses, which act with the weights that it leaves."""
    column = _ALL
    p = s.parameters
    first, last = pre.start[row], pre.start[row + 1]
    for k in range(first, last, _LINE):
        prefetch(pre.edge, np.uint64(k))
        prefetch(pre.partner, np.uint64(k))
        prefetch(offset, np.uint64(k))
    for k in range(first, last):
        prefetch(s.weight, np.uint64(pre.edge[min(k + _AHEAD, last - 1)]))
        e = np.uint64(pre.edge[k])
        if not s.alike:
            column = e
        low, high, a, b = p[_LOW, column], p[_HIGH, column], p[_P, column], p[_P + 1, column]
        trace = _past(post, pre.partner[k], step, s.dt)
        if s.form == _REWARD:
            _integrate(s, e, step, low, high, (p[_P + 2, column], p[_P + 3, column]))
        size = s.sign * s.weight[e]
        if s.form == _VOGELS:
            change = a * (trace - 2.0 * b * p[_P + 2, column] / 1000.0)
        else:
            if s.form == _TRIPLET:
                b = b + p[_P + 3, column] * _slow(pre, pre.own[k], step, s.dt)
            change = -b * trace * down(s.dependence, size, low, high, p[_MU_MINUS, column])
        if s.form == _REWARD:
            s.eligibility[e] += change
        elif change != 0.0:
            s.weight[e] = s.sign * bounded(size + change, low, high)
        add(line, base + offset[k], s.weight[e])
    _leave(pre, row, step, s.form, s.dt)


@compile_inline
def _take_post(s: _Synapses, pre: _Side, post: _Side, row: int, step: int) -> None:
    """Take a postsynaptic spike at the synapses onto its neuron."""
    column = _ALL
    p = s.parameters
    first, last = post.start[row], post.start[row + 1]
    for k in range(first, last, _LINE):
        prefetch(post.edge, np.uint64(k))
        prefetch(post.partner, np.uint64(k))
    for k in range(first, last):
        prefetch(s.weight, np.uint64(post.edge[min(k + _AHEAD, last - 1)]))
        e = np.uint64(post.edge[k])
        if not s.alike:
            column = e
        low, high, a = p[_LOW, column], p[_HIGH, column], p[_P, column]
        trace = _past(pre, post.partner[k], step, s.dt)
        if s.form == _REWARD:
            _integrate(s, e, step, low, high, (p[_P + 2, column], p[_P + 3, column]))
        size = s.sign * s.weight[e]
        if s.form == _VOGELS:
            change = a * trace
        else:
            if s.form == _TRIPLET:
                a = a + p[_P + 2, column] * _slow(post, post.own[k], step, s.dt)
            change = a * trace * up(s.dependence, size, low, high, p[_MU_PLUS, column])
        if s.form == _REWARD:
            s.eligibility[e] += change
        elif change != 0.0:
            s.weight[e] = s.sign * bounded(size + change, low, high)
    _leave(post, row, step, s.form, s.dt)


@compile_inline
def _fetch(side: _Side, neuron: int) -> None:
    """Have the synapses of a neuron brought near, which will be gone through soon."""
    first, last = side.start[side.of_neuron[neuron]], side.start[side.of_neuron[neuron + 1]]
    for k in range(first, last, _LINE):
        prefetch(side.edge, np.uint64(k))
        prefetch(side.partner, np.uint64(k))


@compile_inline
def _take_due(
    s: _Synapses,
    pre: _Side,
    post: _Side,
    before: History,
    after: History,
    offset: Any,
    step: int,
    line: Any,
    base: int,
) -> None:
    """Take the spikes that are at synapses at a step after a delay of their own."""
    for delay in after.delays:
        place = (step - delay) % len(after.count)
        for n in range(seen_by(after, step, delay)):
            end, row = post.of_neuron[after.entries[place, n, 0] + 1], after.entries[place, n, 1]
            while row < end and post.delay[row] <= delay:
                _take_post(s, pre, post, row, step)
                row += 1
            after.entries[place, n, 1] = row
    for delay in before.delays:
        place = (step - delay) % len(before.count)
        for n in range(seen_by(before, step, delay)):
            end, row = pre.of_neuron[before.entries[place, n, 0] + 1], before.entries[place, n, 1]
            while row < end and pre.delay[row] <= delay:
                _take_pre(s, pre, post, offset, row, step, line, base)
                row += 1
            before.entries[place, n, 1] = row


@compile_inline
def _take_spikes(
    s: _Synapses, pre: _Side, post: _Side, before: History, after: History, offset: Any, step: int, line: Any,
    base: int, spikes: Any, fired_now: Any,
) -> None:  # fmt: skip
    """Take the spikes of a step at the synapses that see them at once, and keep them for the others."""
    for n in spikes:
        _fetch(pre, n)
    for n in fired_now:
        _fetch(post, n)
    for n in spikes:
        row, end = pre.of_neuron[n], pre.of_neuron[n + 1]
        if row < end and pre.delay[row] == 0:
            _take_pre(s, pre, post, offset, row, step, line, base)
            row += 1
        if row < end:
            note(before, step, n, row)
    for n in fired_now:
        row, end = post.of_neuron[n], post.of_neuron[n + 1]
        if row < end and post.delay[row] == 0:
            _take_post(s, pre, post, row, step)
            row += 1
        if row < end:
            note(after, step, n, row)


def spike_timing(frame: Any) -> None:
    """Take spikes at the synapses of a `plasticity.stdp.SpikeTiming` rule."""
    own, constants = numbers(frame, _NUMBERS), floats(frame, _CONSTANTS)
    s = _Synapses(
        own[_FORM], own[_DEPENDENCE], own[_ALIKE] != 0, constants[0], constants[1],
        floats(frame, _WEIGHT), matrix(frame, _PARAMETERS, _P + RULE_ROWS),
        numbers(frame, _EVENT), floats(frame, _BASE), floats(frame, _ELIGIBILITIES),
        floats(frame, _REWARDS),
    )  # fmt: skip
    pre = _Side(
        numbers(frame, _PRE_ROWS), numbers(frame, _PRE_START), numbers(frame, _PRE_DELAY),
        numbers(frame, _PRE_SLOTS), indices(frame, _PRE_EDGE), indices(frame, _PRE_POST_SLOT),
        indices(frame, _PRE_OWN_SLOT), floats(frame, _PRE_TRACE), numbers(frame, _PRE_TRACE),
        floats(frame, _PRE_TABLE), floats(frame, _PRE_SLOW), floats(frame, _PRE_SLOW_TABLE),
    )  # fmt: skip
    post = _Side(
        numbers(frame, _POST_ROWS), numbers(frame, _POST_START), numbers(frame, _POST_DELAY),
        numbers(frame, _POST_SLOTS), indices(frame, _POST_EDGE), indices(frame, _POST_PRE_SLOT),
        indices(frame, _POST_OWN_SLOT), floats(frame, _POST_TRACE), numbers(frame, _POST_TRACE),
        floats(frame, _POST_TABLE), floats(frame, _POST_SLOW), floats(frame, _POST_SLOW_TABLE),
    )  # fmt: skip
    rooms = numbers(frame, _ROOMS)
    before = history_of(frame, _PRE_DELAYS, _PRE_HISTORY, _PRE_COUNT, rooms[0])
    after = history_of(frame, _POST_DELAYS, _POST_HISTORY, _POST_COUNT, rooms[1])
    line, base, ports, spikes = header(frame)
    offset, step = indices(frame, _OFFSET), frame[STEP]
    if frame[PHASE] == DUE:
        # The buffer is still at the step before.
        _take_due(s, pre, post, before, after, offset, step, line, base + ports)
    else:
        _take_spikes(s, pre, post, before, after, offset, step, line, base, spikes, fired(frame))
