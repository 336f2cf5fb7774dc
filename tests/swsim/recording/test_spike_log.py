import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.recording.spike_log import SpikeLog


@given(st.lists(st.integers(0, 700), max_size=12))
def test_keeps_all_in_order(sizes):
    log = SpikeLog()
    for step, size in enumerate(sizes):
        log.append(step, np.arange(size, dtype=np.int32))
    assert len(log) == sum(sizes)
    assert log.step.tolist() == np.repeat(np.arange(len(sizes)), sizes).tolist()
    assert log.neuron.tolist() == [neuron for size in sizes for neuron in range(size)]


def sorted_log(seed, neurons=40, steps=300):
    random = np.random.default_rng(seed)
    log = SpikeLog()
    for step in range(steps):
        log.append(step, np.flatnonzero(random.random(neurons) < 0.2).astype(np.int32))
    return log


@pytest.mark.parametrize("choice", ["0", "1"])
@pytest.mark.parametrize(("first", "size"), [(0, 40), (0, 7), (7, 20), (33, 7), (40, 5), (3, 0)])
def test_the_spikes_of_some_neurons(monkeypatch, choice, first, size):
    monkeypatch.setenv("SYNAPTILE_NUMBA", choice)
    monkeypatch.setattr("synaptile.swsim.recording.spike_log._COMPILED_SELECTION", 100)
    log = sorted_log(first)
    before = log.neuron.tolist(), log.step.tolist()
    ids, steps = log.of(first, size)
    expected = [(n, s) for n, s in zip(*before, strict=True) if first <= n < first + size]
    assert list(zip(ids.tolist(), steps.tolist(), strict=True)) == expected
    assert (ids.dtype, steps.dtype) == (np.int32, np.float64)
    ids[:], steps[:] = -1, -1
    assert (log.neuron.tolist(), log.step.tolist()) == before
    assert log.positions(first, size).tolist() == [i for i, n in enumerate(before[0]) if first <= n < first + size]


def test_only_long_logs_are_worth_the_compiler(monkeypatch):
    asked = []
    monkeypatch.setattr("synaptile.swsim.recording.spike_log.available", lambda: asked.append(True))
    log = sorted_log(1)
    log.of(0, 5)
    assert not asked
    monkeypatch.setattr("synaptile.swsim.recording.spike_log._COMPILED_SELECTION", len(log) - 1)
    log.of(0, 5)
    assert asked
