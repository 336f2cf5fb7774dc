"""The simulation loop in compiled form: many steps of a network of simple neurons in one call.

Nothing is checked here: `compiled` prepares the arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .izhikevich import izhikevich, izhikevich_9
from .jit import compile_loop
from .lif import cond_exp, curr_delta, curr_exp
from .propagation import deliver

__all__ = [
    "COEFFICIENTS",
    "COND_EXP",
    "CURR_DELTA",
    "CURR_EXP",
    "IZHIKEVICH",
    "IZHIKEVICH_9",
    "SOURCE",
    "advance",
    "collect",
    "run",
    "run_with_current",
    "take_samples",
]

SOURCE, CURR_EXP, CURR_DELTA, COND_EXP, IZHIKEVICH, IZHIKEVICH_9 = range(6)
COEFFICIENTS = 12


@compile_loop
def _advance_alike(
    kind: int, a: int, z: int, c: Any, k: Any, hold: Any, s: Any, left: Any, to: Any, current: Any, flag: Any
) -> None:
    """One step of neurons a to z of one kind; ``c`` holds arrays of coefficients, or one number for each."""
    v, x, y = s[0][a:z], s[1][a:z], s[2][a:z]
    to_exc, to_inh = to[0][a:z], to[1][a:z]
    if kind == CURR_EXP:
        curr_exp(c, hold, v, x, y, left[a:z], to_exc, to_inh, current, flag[a:z])
    elif kind == CURR_DELTA:
        curr_delta(c, hold, v, left[a:z], to_exc, to_inh, current, flag[a:z])
    elif kind == COND_EXP:
        cond_exp(c, hold, v, x, y, left[a:z], to_exc, to_inh, current, flag[a:z])
    elif kind == IZHIKEVICH_9:
        izhikevich_9(c, int(k[6][a]), v, x, to_exc, to_inh, current, flag[a:z])
    else:
        izhikevich(c, k[5][a], int(k[6][a]), v, x, to_exc, to_inh, current, flag[a:z])


@compile_loop
def advance(
    kind: int, a: int, z: int, alike: bool, k: Any, held: Any, s: Any, left: Any, to: Any, current: Any, flag: Any
) -> None:
    """One step of neurons a to z of one kind, with the coefficients ``k`` of all neurons."""
    extra = None if current is None else current[a:z]
    if alike:
        one = (
            k[0][a], k[1][a], k[2][a], k[3][a], k[4][a], k[5][a], k[6][a], k[7][a], k[8][a], k[9][a], k[10][a],
            k[11][a],
        )  # fmt: skip
        _advance_alike(kind, a, z, one, k, held[a], s, left, to, extra, flag)
    else:
        each = (
            k[0][a:z], k[1][a:z], k[2][a:z], k[3][a:z], k[4][a:z], k[5][a:z], k[6][a:z], k[7][a:z], k[8][a:z],
            k[9][a:z], k[10][a:z], k[11][a:z],
        )  # fmt: skip
        _advance_alike(kind, a, z, each, k, held[a:z], s, left, to, extra, flag)


@compile_loop
def collect(a: int, z: int, fired: Any, out: Any, count: int) -> int:
    """Put those who fired among neurons a to z into ``out`` from ``count`` on; return the new count."""
    # Few fire in a step: look at many at once first.
    for begin in range(a, z, 64):
        end = min(begin + 64, z)
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


@compile_loop
def take_samples(step: int, states: Any, sampler: Any, sampled: Any, sample: Any) -> None:
    """Take the samples that are due at a grid point; see `run`."""
    for k in range(len(sampler)):
        if sampler[k, 2] == step:
            place, variable = sampler[k, 5], states[sampler[k, 0]]
            for column in range(sampler[k, 3], sampler[k, 4]):
                sample[place] = variable[sampled[column]]
                place += 1
            sampler[k, 5] = place + sampler[k, 6]
            sampler[k, 2] += sampler[k, 1]


@compile_loop
def _run(
    current: Any,
    first: int,
    steps: int,
    blocks: Any,
    alike: Any,
    coefficients: Any,
    states: Any,
    held: Any,
    refractory: Any,
    line: Any,
    position: int,
    event_step: Any,
    event_neuron: Any,
    event_next: Any,
    rows: Any,
    sampler: Any,
    sampled: Any,
    sample: Any,
    out_neuron: Any,
    out_step: Any,
) -> tuple[int, int, int]:
    row_count, receptors, neurons = line.shape
    flat = line.reshape(row_count * receptors * neurons)
    fired = np.zeros(neurons, np.uint8)
    count = 0
    for done in range(steps):
        if count + neurons > len(out_neuron):
            return done, count, position
        step = first + done + 1
        position = position + 1 if position + 1 < row_count else 0
        before = count
        for k in range(len(blocks)):
            kind, start, stop = blocks[k, 0], blocks[k, 1], blocks[k, 2]
            if kind == SOURCE:
                event = event_next[k]
                while event < blocks[k, 4] and event_step[event] <= step:
                    out_neuron[count] = event_neuron[event]
                    count += 1
                    event += 1
                event_next[k] = event
                continue
            advance(kind, start, stop, alike[k], coefficients, held, states, refractory, line[position], current, fired)
            count = collect(start, stop, fired, out_neuron, count)
        out_step[before:count] = step
        deliver(out_neuron[before:count], 1, 0, flat, position * receptors * neurons, *rows)
        take_samples(step, states, sampler, sampled, sample)
    return steps, count, position


@compile_loop
def run(*network: Any) -> tuple[int, int, int]:
    """Go from grid point ``first`` over at most ``steps`` steps; return steps done, spikes, and place in the line.

    The arguments are those of `_run` from ``first`` on. ``blocks`` has a row (kind, first neuron, end, first event, end
    of events) per population, ``alike`` says of which all coefficients are equal. ``line`` is that of a `RingBuffer`,
    shape (rows, receptors, neurons), and ``position`` the row that is now. ``rows`` are the arrays (start, offset of a
    row, weight of a row, offset, weight): the synapses of neuron n are ``start[n]`` to ``start[n + 1]``; where the
    offset of its row is not negative they lie side by side from there on, and if the weight of its row is a number they
    all have that weight. ``sampler`` has a row (variable, every, due, first column, end, place, skip) per recorded
    variable, ``sampled`` the neurons of the columns, and samples go to ``sample`` from ``place`` on, with so many
    places left out behind each row. It ends early if the spikes of another step might not fit into ``out_neuron`` and
    ``out_step``.
    """
    return _run(None, *network)


@compile_loop
def run_with_current(current: Any, *network: Any) -> tuple[int, int, int]:
    """`run` with a current of electrodes into each neuron, the same in all steps."""
    return _run(current, *network)
