"""Pairs of spikes are the cheapest ones, as a slow search over all says."""

import dataclasses
import itertools
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.two_runs import NEURONS, Spikes, spikes, steps_of, trace_of

from synaptile.bridge.comparison.alignment import Alignment, align


def distance(ours: list[int], theirs: list[int], rate: float) -> float:
    """Victor and Purpura's distance by their recursion."""
    table = np.zeros((len(ours) + 1, len(theirs) + 1))
    table[0], table[:, 0] = np.arange(len(theirs) + 1), np.arange(len(ours) + 1)
    for i, a in enumerate(ours, 1):
        for j, b in enumerate(theirs, 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + rate * abs(a - b))
    return float(table[-1, -1])


@given(spikes, spikes, st.sampled_from([0.5, 1, 2, 3.5, 10, 100]))
def test_the_distance_is_victor_and_purpuras(ours: Spikes, theirs: Spikes, window: float) -> None:
    found = align(trace_of(ours), trace_of(theirs), window=window)
    expected = [distance(steps_of(ours, n), steps_of(theirs, n), 2 / window) for n in range(NEURONS)]
    np.testing.assert_allclose(found.distances(NEURONS), expected)


@pytest.mark.parametrize("window", [2, 3.5, 5])
def test_all_pairs_of_short_trains(window: float) -> None:
    """Every two trains of six steps are those of a neuron of its own."""
    trains = [[step for step in range(6) if mask >> step & 1] for mask in range(64)]
    pairs = list(itertools.product(trains, trains))
    traces = []
    for side in (0, 1):
        fired = sorted((step, neuron) for neuron, pair in enumerate(pairs) for step in pair[side])
        step, neuron = np.array(fired).T
        empty = trace_of([], steps=6)
        traces.append(dataclasses.replace(empty, neurons=len(pairs), spike_neuron=neuron, spike_step=step))
    found = align(*traces, window=window)
    expected = [distance(ours, theirs, 2 / window) for ours, theirs in pairs]
    np.testing.assert_allclose(found.distances(len(pairs)), expected)


@given(spikes, spikes, st.sampled_from([1, 2, 3.5, 10, 100]))
def test_every_spike_is_in_one_place(ours: Spikes, theirs: Spikes, window: float) -> None:
    found = align(trace_of(ours), trace_of(theirs), window=window)

    def listed(*columns: Any) -> Spikes:
        return sorted((n, s) for neuron, step in columns for n, s in zip(neuron.tolist(), step.tolist(), strict=True))

    same = (found.same_neuron, found.same_step)
    assert listed(same, (found.moved_neuron, found.moved_from), (found.lost_neuron, found.lost_step)) == sorted(ours)
    assert listed(same, (found.moved_neuron, found.moved_to), (found.new_neuron, found.new_step)) == sorted(theirs)
    assert (np.abs(found.shift) < window).all()
    assert (found.shift != 0).all()
    # Of the same spike in both, as many are the same as the run that has fewer of it has.
    for spike in set(ours) | set(theirs):
        assert listed(same).count(spike) == min(ours.count(spike), theirs.count(spike))


def test_the_first_difference() -> None:
    reference = trace_of([(0, 5), (1, 7), (2, 30)])
    assert align(reference, reference, window=10).first_difference() is None

    def first(spikes: Spikes) -> object:
        return align(reference, trace_of(spikes), window=10).first_difference()

    assert first([(0, 5), (1, 7)]) == (30, 2, "lost")
    assert first([(0, 5), (1, 7), (2, 30), (2, 2)]) == (2, 2, "new")
    assert first([(0, 5), (1, 9), (2, 30)]) == (7, 1, "moved")
    assert first([(0, 5), (1, 4), (2, 30)]) == (4, 1, "moved")


@pytest.mark.parametrize("window", [0, -1.0, float("nan")])
def test_windows_that_are_none(window: float) -> None:
    with pytest.raises(ValueError, match=r"^window must be greater than 0 steps, not "):
        align(trace_of([]), trace_of([]), window=window)


def test_nothing_against_nothing() -> None:
    found = align(trace_of([]), trace_of([]), window=10)
    assert isinstance(found, Alignment)
    assert found.distances(NEURONS).tolist() == [0, 0, 0]


def test_long_trains_take_little_memory() -> None:
    steps = 6000
    ours, theirs = ([(0, step) for step in range(first, steps, 2)] for first in (0, 1))
    tracemalloc.start()
    found = align(trace_of(ours, steps), trace_of(theirs, steps), window=10)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.shift.tolist() == [1] * (steps // 2)
    assert most < 20e6  # all costs would be 72 MB
