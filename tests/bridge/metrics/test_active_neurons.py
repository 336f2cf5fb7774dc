"""Neurons that are active, against sets of (neuron, step)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.random_networks import RandomNetwork, logs, networks, sent_and_delivered, trace_of

from synaptile.bridge.metrics import active_neurons
from synaptile.bridge.metrics.active_neurons import count_active, count_active_on_tiles


def plain(start: list[int], target: list[int], delay: list[int], events: list, fired: list, steps: int) -> int:
    active = set(fired)
    for group, step in events:
        for synapse in range(start[group], start[group + 1]):
            active.add((target[synapse], step + delay[synapse]))
    return len([1 for _, step in active if step < steps])


@st.composite
def cases(draw: st.DrawFn) -> tuple:
    cells, steps = draw(st.integers(1, 5)), draw(st.integers(1, 30))
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    synapses = sum(sizes)
    target = draw(st.lists(st.integers(0, cells - 1), min_size=synapses, max_size=synapses))
    delay = draw(st.lists(st.integers(0, 7), min_size=synapses, max_size=synapses))
    step = st.integers(0, steps - 1)
    events = draw(st.lists(st.tuples(st.integers(0, len(sizes) - 1), step), max_size=20))
    fired = draw(st.lists(st.tuples(st.integers(0, cells - 1), step), max_size=10))
    return [0, *np.cumsum(sizes).tolist()], target, delay, events, fired, cells, steps


@settings(max_examples=examples(100, 2000), deadline=None)
@given(cases(), st.sampled_from([1, 20, 1 << 25]), st.sampled_from([1, 3, 1 << 22]))
def test_against_sets(case: tuple, window: int, block: int) -> None:
    start, target, delay, events, fired, cells, steps = case

    def column(pairs: list, which: int) -> np.ndarray:
        return np.array([pair[which] for pair in pairs], np.int64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(active_neurons, "_WINDOW_BYTES", window)
        patch.setattr(active_neurons, "_EVENTS", block)
        found = count_active(
            np.array(start),
            np.array(target, np.int64),
            np.array(delay, np.int64),
            column(events, 0),
            column(events, 1),
            np.stack([column(fired, 0), column(fired, 1)]),
            cells=cells,
            steps=steps,
        )
    assert found == plain(start, target, delay, events, fired, steps)


@settings(max_examples=examples(50, 500), deadline=None)
@given(networks(most=9), st.data())
def test_on_tiles_against_a_loop(network: RandomNetwork, data: st.DataObject) -> None:
    tile = np.array(data.draw(st.lists(st.integers(0, 2), min_size=network.neurons, max_size=network.neurons)), int)
    log = data.draw(logs(network, tile))
    _, deliveries = sent_and_delivered(log)
    trace = trace_of(network, [(packet.created // 10, packet.neuron) for packet in log], steps=6)
    active = {(int(who), int(when)) for who, when in zip(trace.spike_neuron, trace.spike_step, strict=True)}
    heard = [(who, int(tile[who]), when) for who, when in active]
    completed = deliveries.completed // 10
    heard += zip(deliveries.neuron.tolist(), deliveries.destination.tolist(), completed.tolist(), strict=True)
    for who, where, when in heard:
        for pre, post, delay in zip(trace.pre.tolist(), trace.post.tolist(), trace.delay.tolist(), strict=True):
            if pre == who and tile[post] == where:
                active.add((post, when + delay))
    expected = len([1 for _, step in active if step < trace.steps])
    assert count_active_on_tiles(trace, tile, deliveries, 10) == expected
