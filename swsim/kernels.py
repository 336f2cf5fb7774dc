"""The simulation loop in compiled form: many steps of a network of simple neurons in one call.

Every operation is in the order in which the NumPy models do it, so that both give the same bits. Nothing is checked
here: `compiled` prepares the arrays.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numba
import numpy as np

__all__ = ["COND_EXP", "CURR_DELTA", "CURR_EXP", "IZHIKEVICH", "SOURCE", "run"]

SOURCE, CURR_EXP, CURR_DELTA, COND_EXP, IZHIKEVICH = range(5)

# The loops over neurons go through some twenty arrays. That no two of them overlap has to be checked at run time before
# they can be vectorised, and by default LLVM gives up at 8 comparisons.
llvmlite.binding.set_option("synaptile", "--runtime-memory-check-threshold=1000")

_compile = numba.njit(cache=True, error_model="numpy", boundscheck=False)


@_compile
def _curr_exp_step(
    v: Any,
    exc: Any,
    inh: Any,
    r: Any,
    to_exc: Any,
    to_inh: Any,
    extra: Any,
    hold: Any,
    rest: Any,
    decay: Any,
    constant: Any,
    per_exc: Any,
    per_inh: Any,
    per_current: Any,
    decay_exc: Any,
    decay_inh: Any,
    reset: Any,
    threshold: Any,
) -> Any:
    """One neuron: the new state, the steps left of its refractory period, and whether it fires."""
    x = v - rest
    x = x * decay
    x = x + constant
    x = x + per_exc * exc
    x = x + per_inh * inh
    x = x + per_current * extra
    x = x + rest
    x = reset if r > 0 else x
    r = r - 1 if r > 0 else r
    exc = exc * decay_exc + to_exc
    inh = inh * decay_inh + to_inh
    f = x >= threshold
    v = reset if f else x
    r = hold if f else r
    return v, exc, inh, r, f


@_compile
def _curr_exp(
    a: int, z: int, alike: bool, c: Any, s: Any, held: Any, left: Any, arriving: Any, current: Any, fired: Any
) -> None:
    v = s[0][a:z]
    exc = s[1][a:z]
    inh = s[2][a:z]
    to_exc = arriving[0][a:z]
    to_inh = arriving[1][a:z]
    refractory = left[a:z]
    extra = current[a:z]
    flag = fired[a:z]
    if alike:
        one_rest = c[0][a]
        one_decay = c[1][a]
        one_constant = c[2][a]
        one_per_exc = c[3][a]
        one_per_inh = c[4][a]
        one_per_current = c[5][a]
        one_decay_exc = c[6][a]
        one_decay_inh = c[7][a]
        one_reset = c[8][a]
        one_threshold = c[9][a]
        one_hold = held[a]
        for i in range(len(v)):
            v[i], exc[i], inh[i], refractory[i], f = _curr_exp_step(
                v[i],
                exc[i],
                inh[i],
                refractory[i],
                to_exc[i],
                to_inh[i],
                extra[i],
                one_hold,
                one_rest,
                one_decay,
                one_constant,
                one_per_exc,
                one_per_inh,
                one_per_current,
                one_decay_exc,
                one_decay_inh,
                one_reset,
                one_threshold,
            )
            flag[i] = np.uint8(f)
        return
    hold = held[a:z]
    rest = c[0][a:z]
    decay = c[1][a:z]
    constant = c[2][a:z]
    per_exc = c[3][a:z]
    per_inh = c[4][a:z]
    per_current = c[5][a:z]
    decay_exc = c[6][a:z]
    decay_inh = c[7][a:z]
    reset = c[8][a:z]
    threshold = c[9][a:z]
    for i in range(len(v)):
        v[i], exc[i], inh[i], refractory[i], f = _curr_exp_step(
            v[i],
            exc[i],
            inh[i],
            refractory[i],
            to_exc[i],
            to_inh[i],
            extra[i],
            hold[i],
            rest[i],
            decay[i],
            constant[i],
            per_exc[i],
            per_inh[i],
            per_current[i],
            decay_exc[i],
            decay_inh[i],
            reset[i],
            threshold[i],
        )
        flag[i] = np.uint8(f)


@_compile
def _curr_delta_step(
    v: Any,
    r: Any,
    to_exc: Any,
    to_inh: Any,
    extra: Any,
    hold: Any,
    rest: Any,
    decay: Any,
    constant: Any,
    per_current: Any,
    reset: Any,
    threshold: Any,
) -> Any:
    """One neuron: the new state, the steps left of its refractory period, and whether it fires."""
    x = v - rest
    x = x * decay
    x = x + constant
    x = x + per_current * extra
    x = x + rest
    x = x + to_exc
    x = x + to_inh
    x = reset if r > 0 else x
    r = r - 1 if r > 0 else r
    f = x >= threshold
    v = reset if f else x
    r = hold if f else r
    return v, r, f


@_compile
def _curr_delta(
    a: int, z: int, alike: bool, c: Any, s: Any, held: Any, left: Any, arriving: Any, current: Any, fired: Any
) -> None:
    v = s[0][a:z]
    to_exc = arriving[0][a:z]
    to_inh = arriving[1][a:z]
    refractory = left[a:z]
    extra = current[a:z]
    flag = fired[a:z]
    if alike:
        one_rest = c[0][a]
        one_decay = c[1][a]
        one_constant = c[2][a]
        one_per_current = c[3][a]
        one_reset = c[4][a]
        one_threshold = c[5][a]
        one_hold = held[a]
        for i in range(len(v)):
            v[i], refractory[i], f = _curr_delta_step(
                v[i],
                refractory[i],
                to_exc[i],
                to_inh[i],
                extra[i],
                one_hold,
                one_rest,
                one_decay,
                one_constant,
                one_per_current,
                one_reset,
                one_threshold,
            )
            flag[i] = np.uint8(f)
        return
    hold = held[a:z]
    rest = c[0][a:z]
    decay = c[1][a:z]
    constant = c[2][a:z]
    per_current = c[3][a:z]
    reset = c[4][a:z]
    threshold = c[5][a:z]
    for i in range(len(v)):
        v[i], refractory[i], f = _curr_delta_step(
            v[i],
            refractory[i],
            to_exc[i],
            to_inh[i],
            extra[i],
            hold[i],
            rest[i],
            decay[i],
            constant[i],
            per_current[i],
            reset[i],
            threshold[i],
        )
        flag[i] = np.uint8(f)


@_compile
def _cond_exp_step(
    v: Any,
    exc: Any,
    inh: Any,
    r: Any,
    to_exc: Any,
    to_inh: Any,
    extra: Any,
    hold: Any,
    leak: Any,
    leak_current: Any,
    per_capacity: Any,
    rev_exc: Any,
    rev_inh: Any,
    mean_exc: Any,
    mean_inh: Any,
    decay_exc: Any,
    decay_inh: Any,
    reset: Any,
    threshold: Any,
) -> Any:
    """One neuron: the new state, the steps left of its refractory period, and whether it fires."""
    g_exc = mean_exc * exc
    g_inh = mean_inh * inh
    total = leak + (g_exc + g_inh)
    target = leak_current + (g_exc * rev_exc + g_inh * rev_inh)
    target = target + extra
    target = target / total
    # `falling.falling`, operation by operation.
    y = (per_capacity * total) * 0.015625
    p = y * (1.0 / 24.0)
    p = (p + 1.0 / 6.0) * y
    p = (p + 0.5) * y
    p = (p + 1.0) * y
    p = p + 1.0
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    x = v - target
    x = x * (1.0 / p)
    x = x + target
    x = reset if r > 0 else x
    r = r - 1 if r > 0 else r
    exc = exc * decay_exc + to_exc
    inh = inh * decay_inh + to_inh
    f = x >= threshold
    v = reset if f else x
    r = hold if f else r
    return v, exc, inh, r, f


@_compile
def _cond_exp(
    a: int, z: int, alike: bool, c: Any, s: Any, held: Any, left: Any, arriving: Any, current: Any, fired: Any
) -> None:
    v = s[0][a:z]
    exc = s[1][a:z]
    inh = s[2][a:z]
    to_exc = arriving[0][a:z]
    to_inh = arriving[1][a:z]
    refractory = left[a:z]
    extra = current[a:z]
    flag = fired[a:z]
    if alike:
        one_leak = c[0][a]
        one_leak_current = c[1][a]
        one_per_capacity = c[2][a]
        one_rev_exc = c[3][a]
        one_rev_inh = c[4][a]
        one_mean_exc = c[5][a]
        one_mean_inh = c[6][a]
        one_decay_exc = c[7][a]
        one_decay_inh = c[8][a]
        one_reset = c[9][a]
        one_threshold = c[10][a]
        one_hold = held[a]
        for i in range(len(v)):
            v[i], exc[i], inh[i], refractory[i], f = _cond_exp_step(
                v[i],
                exc[i],
                inh[i],
                refractory[i],
                to_exc[i],
                to_inh[i],
                extra[i],
                one_hold,
                one_leak,
                one_leak_current,
                one_per_capacity,
                one_rev_exc,
                one_rev_inh,
                one_mean_exc,
                one_mean_inh,
                one_decay_exc,
                one_decay_inh,
                one_reset,
                one_threshold,
            )
            flag[i] = np.uint8(f)
        return
    hold = held[a:z]
    leak = c[0][a:z]
    leak_current = c[1][a:z]
    per_capacity = c[2][a:z]
    rev_exc = c[3][a:z]
    rev_inh = c[4][a:z]
    mean_exc = c[5][a:z]
    mean_inh = c[6][a:z]
    decay_exc = c[7][a:z]
    decay_inh = c[8][a:z]
    reset = c[9][a:z]
    threshold = c[10][a:z]
    for i in range(len(v)):
        v[i], exc[i], inh[i], refractory[i], f = _cond_exp_step(
            v[i],
            exc[i],
            inh[i],
            refractory[i],
            to_exc[i],
            to_inh[i],
            extra[i],
            hold[i],
            leak[i],
            leak_current[i],
            per_capacity[i],
            rev_exc[i],
            rev_inh[i],
            mean_exc[i],
            mean_inh[i],
            decay_exc[i],
            decay_inh[i],
            reset[i],
            threshold[i],
        )
        flag[i] = np.uint8(f)


@_compile
def _izhikevich(a: int, z: int, c: Any, s: Any, arriving: Any, current: Any, fired: Any) -> None:
    offset = c[0][a:z]
    recovery = c[1][a:z]
    b = c[2][a:z]
    after = c[3][a:z]
    jump = c[4][a:z]
    substep = c[5][a]
    v = s[0][a:z]
    u = s[1][a:z]
    to_exc = arriving[0][a:z]
    to_inh = arriving[1][a:z]
    extra = current[a:z]
    flag = fired[a:z]
    # The substeps of all neurons one after the other: a loop within the loop would not be vectorised.
    for _ in range(int(c[6][a])):
        for i in range(len(v)):
            x = v[i]
            drive = offset[i] - u[i]
            drive = drive + 1000.0 * extra[i]
            x = x + substep * ((0.04 * x + 5.0) * x + drive)
            v[i] = 30.0 if x > 30.0 else x
    for i in range(len(v)):
        x = v[i]
        w = u[i]
        w = w + recovery[i] * (b[i] * x - w)
        y = x + to_exc[i]
        y = y + to_inh[i]
        f = (x >= 30.0) | (y >= 30.0)
        v[i] = after[i] if f else y
        u[i] = w + jump[i] if f else w
        flag[i] = np.uint8(f)


@_compile
def run(
    first: int,
    steps: int,
    blocks: Any,
    alike: Any,
    coefficients: Any,
    states: Any,
    held: Any,
    refractory: Any,
    current: Any,
    line: Any,
    position: int,
    max_delay: int,
    event_step: Any,
    event_neuron: Any,
    event_next: Any,
    row_start: Any,
    row_offset: Any,
    row_weight: Any,
    offset: Any,
    weight: Any,
    sampler: Any,
    sampled: Any,
    sample: Any,
    out_neuron: Any,
    out_step: Any,
) -> tuple[int, int, int]:
    """Go from grid point ``first`` over at most ``steps`` steps; return steps done, spikes, and place in the line.

    ``blocks`` has a row (kind, first neuron, end, first event, end of events) per population, ``alike`` says of which
    all coefficients are equal. ``line`` is the buffer of
    `DelayLine` as (rows, receptors, neurons). The synapses of neuron n are ``row_start[n]`` to ``row_start[n + 1]``;
    where ``row_offset[n]`` is not negative they lie side by side from there on, and if ``row_weight[n]`` is a number
    they all have that weight. ``sampler`` has a row (variable, every, due, first column, end, place) per recorded
    variable, ``sampled`` the neurons of the columns, and samples go to ``sample`` from ``place`` on. It ends early if
    the spikes of another step might not fit.
    """
    rows, receptors, neurons = line.shape
    flat = line.reshape(rows * receptors * neurons)
    ports = receptors * neurons
    fired = np.zeros(neurons, np.uint8)
    count = 0
    for done in range(steps):
        if count + neurons > len(out_neuron):
            return done, count, position
        step = first + done + 1
        position += 1
        if position + max_delay >= rows:
            kept = (rows - position) * ports
            slide = position * ports
            for place in range(kept):
                flat[place] = flat[slide + place]
            flat[kept:] = 0.0
            position = 0
        arriving = line[position]
        before = count
        for k in range(len(blocks)):
            kind, start, stop = blocks[k, 0], blocks[k, 1], blocks[k, 2]
            if kind == SOURCE:
                event = event_next[k]
                while event < blocks[k, 4] and event_step[event] <= step:
                    out_neuron[count] = event_neuron[event]
                    out_step[count] = step
                    count += 1
                    event += 1
                event_next[k] = event
                continue
            if kind == CURR_EXP:
                _curr_exp(start, stop, alike[k], coefficients, states, held, refractory, arriving, current, fired)
            elif kind == CURR_DELTA:
                _curr_delta(start, stop, alike[k], coefficients, states, held, refractory, arriving, current, fired)
            elif kind == COND_EXP:
                _cond_exp(start, stop, alike[k], coefficients, states, held, refractory, arriving, current, fired)
            else:
                _izhikevich(start, stop, coefficients, states, arriving, current, fired)
            # Few fire in a step: look at many at once first.
            for begin in range(start, stop, 64):
                end = min(begin + 64, stop)
                some = fired[begin:end]
                total = np.uint8(0)
                for n in range(len(some)):
                    total |= some[n]
                if total:
                    for n in range(begin, end):
                        if fired[n]:
                            out_neuron[count] = n
                            out_step[count] = step
                            count += 1
        base = position * ports
        for spike in range(before, count):
            neuron = out_neuron[spike]
            begin, end = row_start[neuron], row_start[neuron + 1]
            side_by_side = row_offset[neuron]
            if side_by_side >= 0:
                target = flat[base + side_by_side : base + side_by_side + end - begin]
                same = row_weight[neuron]
                if same == same:
                    for n in range(len(target)):
                        target[n] += same
                else:
                    own = weight[begin:end]
                    for n in range(len(target)):
                        target[n] += own[n]
            else:
                for synapse in range(begin, end):
                    flat[base + offset[synapse]] += weight[synapse]
        for k in range(len(sampler)):
            if sampler[k, 2] == step:
                place, variable = sampler[k, 5], states[sampler[k, 0]]
                for column in range(sampler[k, 3], sampler[k, 4]):
                    sample[place] = variable[sampled[column]]
                    place += 1
                sampler[k, 5] = place
                sampler[k, 2] += sampler[k, 1]
    return steps, count, position
