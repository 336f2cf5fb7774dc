import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

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


def counts(source, steps, stepwise):
    """Spikes by step and source, shape (steps, sources), from grid point 1 on."""
    if stepwise:
        return np.array([np.bincount(source.emit(step), minlength=source.size) for step in range(1, steps + 1)])
    step, index = source.emit_between(1, steps)
    assert (np.diff(step * source.size + index) >= 0).all()
    found = np.zeros((steps, source.size), int)
    np.add.at(found, (step - 1, index), 1)
    return found


@pytest.mark.parametrize("stepwise", [True, False])
@pytest.mark.parametrize("mean", [0.01, 0.5, 1.28, 20.0])
def test_counts_have_a_poisson_distribution(mean, stepwise):
    found = counts(poisson(mean * 2000.0, n=40), 2500, stepwise)
    size = found.size
    # The deviation of a sample's variance is sqrt((mu4 - sigma^4) / n), with mu4 = mean + 3 mean^2.
    assert found.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(mean / size))
    assert found.var() == pytest.approx(mean, abs=4.5 * np.sqrt((mean + 2 * mean**2) / size))
    values = np.arange(stats.poisson.ppf(1e-3, mean), stats.poisson.ppf(1 - 1e-3, mean) + 1)
    expected = size * stats.poisson.pmf(values, mean)
    observed = (found.reshape(-1, 1) == values).sum(axis=0)
    assert stats.chisquare([*observed, size - observed.sum()], [*expected, size - expected.sum()]).pvalue > 1e-4


@pytest.mark.parametrize("mean", [0.5, 20.0])
def test_steps_are_independent(mean):
    found = counts(poisson(mean * 2000.0, n=40), 2500, False) - mean
    assert abs((found[1:] * found[:-1]).mean()) < 4.5 * mean / np.sqrt(found.size)
    # And so the variance of the counts of longer bins is their mean, too.
    bins = found.reshape(250, 10, 40).sum(axis=1)
    assert bins.var() == pytest.approx(10 * mean, abs=4.5 * 10 * mean * np.sqrt(2.1 / bins.size))


@pytest.mark.parametrize("stepwise", [True, False])
def test_start_and_duration(stepwise):
    # All grid points after the start, and that of the end; each with as many as any other.
    found = counts(poisson(20_000.0, start=1.0, duration=1.5, n=400), 10, stepwise)
    assert found[[0, 1, 5, 6, 7, 8, 9]].sum() == 0
    assert found[2:5].mean(axis=1) == pytest.approx(10.0, abs=4.5 * np.sqrt(10 / 400))


def test_no_spike_at_time_zero():
    source = poisson(40_000.0)
    assert len(source.emit(0)) == 0
    assert len(source.emit(1)) > 2


def test_a_rate_that_changes_is_poisson_in_each_stretch():
    source = poisson(1000.0, n=300)
    found = []
    for rate in (1000.0, 40_000.0, 0.0, 2560.0):
        source.set_parameters(np.full(300, rate), np.zeros(300), np.full(300, FOR_EVER))
        first = 1 + 50 * len(found)
        step, index = source.emit_between(first, first + 49)
        here = np.zeros((50, 300), int)
        np.add.at(here, (step - first, index), 1)
        found.append(here)
    for here, mean in zip(found, (0.5, 20.0, 0.0, 1.28), strict=True):
        assert here.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(mean / here.size))
        assert here.var() == pytest.approx(mean, abs=4.5 * np.sqrt((mean + 2 * mean**2) / here.size))
        # No step near a change differs from the others.
        assert here.mean(axis=1) == pytest.approx(np.full(50, mean), abs=4.5 * np.sqrt(mean / 300) + 1e-9)


def test_same_seed_same_spikes():
    assert emitted(poisson(300.0, n=5), 200) == emitted(poisson(300.0, n=5), 200)


def test_changing_one_leaves_the_others():
    plain, changed = poisson(300.0, n=3), poisson(300.0, n=3)
    changed.set_parameters(np.array([300.0, 0.0, 300.0]), np.zeros(3), np.full(3, FOR_EVER))
    assert emitted(changed, 100) == [spike for spike in emitted(plain, 100) if spike[1] != 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((2.1e7, 0.0, 1.0), "rate must be in 0..2e+07 Hz (10000 spikes per step of 0.5 ms), not 2.1e+07"),
        ((-1.0, 0.0, 1.0), "rate must be in 0..2e+07 Hz (10000 spikes per step of 0.5 ms), not -1"),
        ((np.nan, 0.0, 1.0), "rate must be in 0..2e+07 Hz (10000 spikes per step of 0.5 ms), not nan"),
        ((1.0, -2.0, 1.0), "start must be at least 0, not -2"),
        ((1.0, 0.0, -3.0), "duration must be at least 0, not -3"),
    ],
)
def test_refused(values, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        poisson(*values)


def test_gaps_are_exponential():
    # 250 Hz is one spike in eight steps. With a uniform place within its step, a gap is the sum of an exponential
    # variate and two such errors, of which it hardly notices.
    spikes = emitted(poisson(250.0, n=400), 4000)
    random = np.random.default_rng(1)
    steps = [[step for step, neuron in spikes if neuron == i] for i in range(0, 400, 20)]
    gaps = np.concatenate([np.diff(np.sort(np.array(train) + random.random(len(train)))) for train in steps])
    assert stats.kstest(gaps, "expon", (0, 8)).pvalue > 1e-3
    # One gap says nothing of the next.
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 5 / np.sqrt(len(gaps))


def test_neurons_are_independent():
    found = counts(poisson(4000.0, n=2), 20000, False) - 2.0
    assert abs((found[:, 0] * found[:, 1]).mean()) < 4.5 * 2.0 / np.sqrt(20000)


def test_the_highest_rate():
    source = poisson(2e7, n=2)
    assert source.mean_per_step == 20_000.0
    found = np.array([len(source.emit(step)) for step in range(1, 21)])
    assert found.mean() == pytest.approx(20_000, abs=4.5 * np.sqrt(20_000 / 20))
    assert len(source.emit_between(21, 22)[0]) == pytest.approx(40_000, abs=4.5 * 200)


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
        st.integers(0, 1100),
        st.lists(st.sampled_from([0.0, 50.0, 300.0, 2000.0, 9000.0]), min_size=3, max_size=3),
        max_size=3,
    ),
)
def test_the_way_of_asking_changes_nothing(edges, changes):
    whole = run([], changes, stepwise=False)
    assert run(edges, changes, stepwise=False) == whole
    assert run(edges, changes, stepwise=True) == whole
    assert whole == sorted(whole)


def test_a_new_rate_holds_from_the_next_step_on():
    source = poisson(40_000.0)
    assert all(len(source.emit(step)) > 2 for step in range(1, 10))
    source.set_parameters(np.zeros(1), np.zeros(1), np.full(1, FOR_EVER))
    assert all(not len(source.emit(step)) for step in range(10, 2000))
    source.set_parameters(np.full(1, 40_000.0), np.zeros(1), np.full(1, FOR_EVER))
    assert all(len(source.emit(step)) > 2 for step in range(2000, 2010))


def test_a_new_gap_is_not_the_old_one():
    same, new = poisson(20.0), poisson(20.0)
    emitted(same, 100)
    emitted(new, 100)
    for rate in (10.0, 20.0):
        new.set_parameters(np.full(1, rate), np.zeros(1), np.full(1, FOR_EVER))
    assert [len(same.emit(step)) for step in range(100, 1000)] != [len(new.emit(step)) for step in range(100, 1000)]


def test_many_short_stretches_are_those_of_a_long_one_and_are_drawn_together(monkeypatch):
    rate = np.array([0.0, 30.0, 900.0, 4000.0])
    made = [PoissonProcesses(TimeGrid(0.5), rate, np.zeros(4), np.full(4, 1e9)) for _ in range(2)]
    drawn = []
    extend = PoissonProcesses._extend
    monkeypatch.setattr(PoissonProcesses, "_extend", lambda self, last: drawn.append(last) or extend(self, last))
    whole = list(zip(*made[0].emit_between(0, 999), strict=True))
    begun = len(drawn)
    parts = [pair for step in range(1000) for pair in zip(*made[1].emit_between(step, step), strict=True)]
    assert parts == whole
    assert len(drawn) - begun == 2


def test_no_more_are_drawn_ahead_than_there_is_room_for():
    source = PoissonProcesses(TimeGrid(1.0), np.full(100, 1e6), np.zeros(100), np.full(100, 1e9))
    source.emit_between(0, 1)
    assert len(source._step) < 600_000
