import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.sources.poisson import PoissonProcesses

GRID = TimeGrid(0.5)
FOR_EVER = 1e10


def poisson(rate, start=0.0, duration=FOR_EVER, n=1):
    source = PoissonProcesses(GRID, np.full(n, rate), np.full(n, start), np.full(n, duration))
    source.restart(np.random.SeedSequence(5))
    return source


def emitted(source, steps):
    return [(step, int(neuron)) for step in range(steps) for neuron in source.emit(step)]


def test_mean_rate():
    spikes = len(emitted(poisson(200.0, n=50), 4000))
    expected = 200.0 * 2.0 * 50
    assert abs(spikes - expected) < 5 * np.sqrt(expected)


def test_highest_rate_fires_in_every_step_after_the_start():
    assert emitted(poisson(2000.0, start=1.0, duration=1.5), 10) == [(3, 0), (4, 0), (5, 0)]


def test_no_spike_at_time_zero():
    assert emitted(poisson(2000.0), 2) == [(1, 0)]


def test_same_seed_same_spikes():
    assert emitted(poisson(300.0, n=5), 200) == emitted(poisson(300.0, n=5), 200)


def test_changing_one_leaves_the_others():
    plain, changed = poisson(300.0, n=3), poisson(300.0, n=3)
    changed.set_parameters(np.array([300.0, 0.0, 300.0]), np.zeros(3), np.full(3, FOR_EVER))
    assert emitted(changed, 100) == [spike for spike in emitted(plain, 100) if spike[1] != 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((2500.0, 0.0, 1.0), "rate must be in 0..2000 Hz (one spike per step), not 2500"),
        ((-1.0, 0.0, 1.0), "rate must be in 0..2000 Hz (one spike per step), not -1"),
        ((1.0, -2.0, 1.0), "start must be at least 0, not -2"),
        ((1.0, 0.0, -3.0), "duration must be at least 0, not -3"),
    ],
)
def test_refused(values, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        poisson(*values)


def test_gaps_are_geometric():
    # 250 Hz is one spike in eight steps: a gap of k steps has probability (7/8)^(k-1) / 8.
    spikes = emitted(poisson(250.0, n=400), 4000)
    steps = [[step for step, neuron in spikes if neuron == i] for i in range(0, 400, 20)]
    gaps = np.concatenate([np.diff(train) for train in steps])
    expected = len(gaps) * (7 / 8) ** np.arange(20) / 8
    counts = np.bincount(gaps, minlength=21)[1:21]
    assert gaps.min() == 1
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()
    # One gap says nothing of the next.
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 5 / np.sqrt(len(gaps))


def test_neurons_are_independent():
    spikes = emitted(poisson(400.0, n=2), 20000)
    trains = np.zeros((2, 20000), bool)
    for step, neuron in spikes:
        trains[neuron, step] = True
    both = (trains[0] & trains[1]).sum()
    assert abs(both - 20000 * 0.04) < 5 * np.sqrt(20000 * 0.04)


def run(edges, changes, stepwise):
    """Spikes of three sources up to the last edge, asked for in stretches; ``changes`` are new rates by step."""
    source = poisson(300.0, start=3.0, n=3)
    found = []
    for begin, end in pairwise(sorted({0, *edges, *changes, 1200})):
        if begin in changes:
            source.set_parameters(np.array(changes[begin]), np.full(3, 3.0), np.full(3, 500.0))
        if stepwise:
            found += [(step, int(i)) for step in range(begin, end) for i in source.emit(step)]
        else:
            found += [(int(step), int(i)) for step, i in zip(*source.emit_between(begin, end - 1), strict=True)]
    return found


@given(
    st.lists(st.integers(0, 1200), max_size=5),
    st.dictionaries(
        st.integers(0, 1100), st.lists(st.sampled_from([0.0, 50.0, 300.0, 2000.0]), min_size=3, max_size=3), max_size=3
    ),
)
def test_the_way_of_asking_changes_nothing(edges, changes):
    whole = run([], changes, stepwise=False)
    assert run(edges, changes, stepwise=False) == whole
    assert run(edges, changes, stepwise=True) == whole
    assert whole == sorted(whole)


def test_a_new_rate_holds_from_the_next_step_on():
    source = poisson(2000.0)
    assert len(emitted(source, 10)) == 9
    source.set_parameters(np.zeros(1), np.zeros(1), np.full(1, FOR_EVER))
    assert all(not len(source.emit(step)) for step in range(10, 2000))
    source.set_parameters(np.full(1, 2000.0), np.zeros(1), np.full(1, FOR_EVER))
    assert [len(source.emit(step)) for step in range(2000, 2010)] == [1] * 10


def test_a_new_gap_is_not_the_old_one():
    same, new = poisson(20.0), poisson(20.0)
    emitted(same, 100)
    emitted(new, 100)
    for rate in (10.0, 20.0):
        new.set_parameters(np.full(1, rate), np.zeros(1), np.full(1, FOR_EVER))
    assert [len(same.emit(step)) for step in range(100, 1000)] != [len(new.emit(step)) for step in range(100, 1000)]
