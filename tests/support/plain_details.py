"""Figures of a run in detail, counted packet by packet in plain Python from its logs alone."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from support.random_runs import runs

from synaptile.bridge.metrics import RunData
from synaptile.swsim.trace import PopulationSlice

Key = tuple[int, int]


@st.composite
def any_runs(draw: st.DrawFn) -> RunData:
    """Random runs, some with steps of different lengths, and some with spikes whose packets left in a later step."""
    run = draw(runs())
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    if draw(st.booleans()):
        run = replace(run, starts=np.cumsum(np.append(0, rng.integers(1, 50, 60))))
    if draw(st.booleans()):
        run = replace(run, fired=np.maximum(run.fired_steps - rng.integers(0, 3, len(run.deliveries)), 0))
    parts = draw(st.sampled_from([None, 0, 3]))
    if parts is not None:
        ends = [0, *sorted(rng.integers(0, run.trace.neurons + 1, max(parts - 1, 0)).tolist()), run.trace.neurons]
        slices = [PopulationSlice(f"p{i}", *ends[i : i + 2], "x") for i in range(parts)]
        run = replace(run, trace=replace(run.trace, populations=slices))
    return run


def step_of(run: RunData, cycle: int) -> int:
    if run.starts is None:
        return cycle // run.config.cycles_per_step
    return bisect_right(run.starts.tolist(), cycle) - 1


def connections_of(run: RunData) -> dict[Key, list[int]]:
    """Deliveries of each (neuron, tile) that a packet was sent by."""
    keys = sorted(set(zip(run.packets.neuron.tolist(), run.packets.destination.tolist(), strict=True)))
    found: dict[Key, list[int]] = {key: [] for key in keys}
    log = run.deliveries
    for number in range(len(log)):
        found[int(log.neuron[number]), int(log.destination[number])].append(number)
    return found


def sent_by(run: RunData) -> Counter[Key]:
    return Counter(zip(run.packets.neuron.tolist(), run.packets.destination.tolist(), strict=True))


def pairs_of(run: RunData) -> dict[Key, list[Key]]:
    """Connections of each (population that sends, population that listens)."""
    owner = [
        next((i for i, p in enumerate(run.trace.populations) if p.start <= n < p.stop), None)
        for n in range(run.trace.neurons)
    ]
    tile = run.mapped.mapping.tile.tolist()
    found: dict[Key, set[Key]] = defaultdict(set)
    connections = connections_of(run)
    for pre, post in zip(run.trace.pre.tolist(), run.trace.post.tolist(), strict=True):
        source, target = owner[pre], owner[post]
        if (pre, tile[post]) in connections and source is not None and target is not None:
            found[source, target].add((pre, tile[post]))
    return {pair: sorted(found[pair]) for pair in sorted(found)}


def packets_plainly(run: RunData, numbers: Sequence[int]) -> dict[str, float]:
    """Figures of some deliveries."""
    log = run.deliveries
    latency = [int(log.delivered[n] - log.created[n]) for n in numbers]
    fired = run.fired if run.fired is not None else [step_of(run, int(c)) for c in log.created]
    late = [step_of(run, int(log.completed[n])) - int(fired[n]) for n in numbers]
    count = len(numbers)
    mean = sum(latency) / count if count else math.nan
    return {
        "deliveries": count,
        "latency_mean": mean,
        "latency_p99": min(
            (value for value in latency if 100 * sum(other <= value for other in latency) >= 99 * count),
            default=math.nan,
        ),
        "latency_max": max(latency, default=math.nan),
        "jitter": math.sqrt(sum((value - mean) ** 2 for value in latency) / count) if count else math.nan,
        "late": sum(steps > 0 for steps in late),
        "late_steps_max": max(late, default=0),
    }


def changes_of(run: RunData, numbers: Iterable[int]) -> list[tuple[int, int]]:
    """(Cycle in which it ended where it was emitted, |ΔISI|) of the intervals of one connection."""
    log = run.deliveries
    mine = list(numbers)
    emitted, arrived = sorted(int(log.created[n]) for n in mine), sorted(int(log.delivered[n]) for n in mine)
    return [
        (after, abs((last - first) - (after - before)))
        for (before, after), (first, last) in zip(itertools.pairwise(emitted), itertools.pairwise(arrived), strict=True)
    ]


def distortion_plainly(changes: Sequence[int]) -> dict[str, float]:
    return {
        "isi_distortion_mean": sum(changes) / len(changes) if changes else math.nan,
        "isi_distortion_max": max(changes, default=math.nan),
    }


def disorder_plainly(run: RunData, listener: int, counts: Callable[[int], bool] = lambda _: True) -> float:
    """Spike disorder of what a neuron hears of the neurons that count."""
    synapses = set(zip(run.trace.pre.tolist(), run.trace.post.tolist(), strict=True))
    here = int(run.mapped.mapping.tile[listener])

    def heard(log: Any, cycles: Any) -> Counter[int]:
        return Counter(
            step_of(run, int(cycle))
            for neuron, to, cycle in zip(log.neuron.tolist(), log.destination.tolist(), cycles, strict=True)
            if to == here and (neuron, listener) in synapses and counts(neuron)
        )

    expected, actual = heard(run.packets, run.packets.cycle), heard(run.deliveries, run.deliveries.completed)
    steps = expected.keys() | actual.keys()
    return sum((expected[step] - actual[step]) ** 2 for step in steps) / len(steps) if steps else math.nan


def order_plainly(run: RunData, numbers: Sequence[int]) -> dict[str, int]:
    """Pairs whose order has changed among some deliveries, and the packets that were overtaken."""
    log = run.deliveries
    changed = [
        a
        for a, b in itertools.permutations(numbers, 2)
        if log.destination[a] == log.destination[b]
        and log.created[a] < log.created[b]
        and log.completed[b] < log.completed[a]
    ]
    return {"order_changes": len(changed), "overtaken_packets": len(set(changed))}


def same(columns: dict[str, Any], rows: Sequence[dict[str, float]]) -> None:
    """Hold columns against rows, number by number."""
    assert {len(column) for column in columns.values()} == {len(rows)}
    for name, column in columns.items():
        np.testing.assert_allclose(column, [row[name] for row in rows], rtol=1e-12, atol=1e-9, err_msg=name)
