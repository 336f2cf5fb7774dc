"""The synapses of `synapses.short_term` in compiled form, in the same order of operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base import random_streams
from ...synapses.compiled_short_term import RELEASES, RESOURCES
from ...synapses.short_term import Quantal, TsodyksMarkram
from ..jit import compile_part, exp_of, expm1_of, exprel_of
from .frame import STEP, add, floats, header, indices, keys, matrix, numbers, prefetch, words

__all__ = ["quantal", "stochastic", "tsodyks_markram", "uniform_of"]

(
    _CONSTANTS, _WEIGHT, _ROWS, _START, _EDGE, _OFFSET, _SLOTS, _SLOT, _LAST, _STATE, _PARAMETERS, _EFFECT,
) = words(RESOURCES)  # fmt: skip
_OWN_LAST, _STREAM, _OWN_PARAMETERS, _STATE_0, _STATE_1, _STATE_2 = words(RELEASES)[6:]
_USE, _REC, _FACIL, _SYN = range(len(TsodyksMarkram.PARAMETERS))
_U, _Y, _Z = range(len(TsodyksMarkram.STATE))
_QUANTAL = len(Quantal.PARAMETERS)
_Q_USE, _Q_SITES, _Q_REC, _Q_FACIL = range(_QUANTAL)
_GOLDEN, _FIRST, _SECOND = random_streams.GOLDEN, random_streams.FIRST, random_streams.SECOND
_AHEAD = 16  # synapses


@compile_part
def uniform_of(stream: Any, counter: float) -> float:
    """Return what `random_streams.uniform` does."""
    x = stream + _GOLDEN * (np.uint64(counter) + np.uint64(1))
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    x = x ^ (x >> np.uint64(31))
    return float(x >> np.uint64(11)) * 2.0**-53


@compile_part
def _left(previous: float, h: float, tau: float) -> float:
    """Return what `short_term._left` does."""
    return (exp_of(-h / tau) if tau > 0.0 else 0.0) * previous


@compile_part
def _resources(state: Any, p: Any, h: float) -> float:
    """Take the resources of `TsodyksMarkram` over a spike, h ms after the last; return the share that it uses."""
    rec, syn = p[_REC], p[_SYN]
    y, z = state[_Y], state[_Z]
    recovered = exp_of(-h / rec)
    if syn > 0.0:
        fallen = exp_of(-h / syn)
        # `short_term._inactivated`.
        slower = recovered if rec >= syn else fallen
        inactivated = h / syn * slower * exprel_of(-(h * abs(1.0 / rec - 1.0 / syn)))
        z = z * recovered + y * inactivated
        y = y * fallen
    else:
        z = z * recovered + y * recovered
        y = 0.0
    left = _left(state[_U], h, p[_FACIL])
    u = left + p[_USE] * (1.0 - left)
    used = u * (1.0 - y - z)
    state[_U], state[_Y], state[_Z] = u, y + used, z
    return float(used)


def tsodyks_markram(frame: Any) -> None:
    """Take spikes at the synapses of `short_term.TsodyksMarkram`."""
    line, base, _, spikes = header(frame)
    dt, step = floats(frame, _CONSTANTS)[0], frame[STEP]
    weight, edge, offset, slot = (
        floats(frame, _WEIGHT), indices(frame, _EDGE), indices(frame, _OFFSET), indices(frame, _SLOT),
    )  # fmt: skip
    rows, start, slots = numbers(frame, _ROWS), numbers(frame, _START), numbers(frame, _SLOTS)
    last, effect = numbers(frame, _LAST), floats(frame, _EFFECT)
    state, parameters = matrix(frame, _STATE, len(last)), matrix(frame, _PARAMETERS, len(last))
    for n in spikes:
        for row in range(rows[n], rows[n + 1]):
            for k in range(slots[row], slots[row + 1]):
                effect[k] = _resources(state[k], parameters[k], float(step - last[k]) * dt)
                last[k] = step
            first, end = start[row], start[row + 1]
            for k in range(first, end):
                prefetch(weight, np.uint64(edge[min(k + _AHEAD, end - 1)]))
                share = effect[np.uint64(slot[k])]
                add(line, base + offset[k], weight[np.uint64(edge[k])] * share)


def stochastic(frame: Any) -> None:
    """Take spikes at the synapses of `short_term.Stochastic`."""
    line, base, _, spikes = header(frame)
    weight, edge, offset = floats(frame, _WEIGHT), indices(frame, _EDGE), indices(frame, _OFFSET)
    rows, start, stream = numbers(frame, _ROWS), numbers(frame, _START), keys(frame, _STREAM)
    count, p, last = floats(frame, _STATE_0), floats(frame, _OWN_PARAMETERS), numbers(frame, _OWN_LAST)
    for n in spikes:
        for row in range(rows[n], rows[n + 1]):
            for k in range(start[row], start[row + 1]):
                e = np.uint64(edge[k])
                drawn = uniform_of(stream[e], count[e])
                count[e] += 1.0
                last[e] = frame[STEP]
                add(line, base + offset[k], weight[e] * (1.0 if drawn < p[e] else 0.0))


@compile_part
def _sites(stream: Any, drawn: float, first: float, sites: float, probability: float) -> float:
    """Return at how many of so many sites something happens; of two numbers for each, the ``first`` one decides."""
    count = 0.0
    for site in range(int(sites)):
        if uniform_of(stream, drawn + 2.0 * site + first) < probability:
            count += 1.0
    return count


def quantal(frame: Any) -> None:
    """Take spikes at the synapses of `short_term.Quantal`."""
    line, base, _, spikes = header(frame)
    dt, step = floats(frame, _CONSTANTS)[0], frame[STEP]
    weight, edge, offset = floats(frame, _WEIGHT), indices(frame, _EDGE), indices(frame, _OFFSET)
    rows, start, stream = numbers(frame, _ROWS), numbers(frame, _START), keys(frame, _STREAM)
    uses, empties, draws = floats(frame, _STATE_0), floats(frame, _STATE_1), floats(frame, _STATE_2)
    last = numbers(frame, _OWN_LAST)
    p = matrix(frame, _OWN_PARAMETERS, _QUANTAL)
    for n in spikes:
        for row in range(rows[n], rows[n + 1]):
            for k in range(start[row], start[row + 1]):
                e = np.uint64(edge[k])
                h = float(step - last[e]) * dt
                sites, drawn = p[_Q_SITES, e], draws[e]
                filled = -expm1_of(-h / p[_Q_REC, e])
                empty = empties[e] - _sites(stream[e], drawn, 0.0, empties[e], filled)
                left = _left(uses[e], h, p[_Q_FACIL, e])
                u = left + p[_Q_USE, e] * (1.0 - left)
                released = _sites(stream[e], drawn, 1.0, sites - empty, u)
                uses[e], empties[e], draws[e] = u, empty + released, drawn + 2.0 * sites
                last[e] = step
                add(line, base + offset[k], weight[e] * (released / sites))
